#!/usr/bin/env python3
"""VMs that end by themselves: their time to live, and idleness."""
import json
import os
import signal
import socket
import subprocess
import time

from harness import EMUCTL, FIRMWARE, EmudTest, main, wait_for

IDLER = os.path.join(os.path.dirname(FIRMWARE), "idler.elf")


class LifetimeTest(EmudTest):
    def create(self, name, *flags, firmware=IDLER):
        self.ok("vm", "create", name, "--firmware", firmware, "--memory", "64M", *flags)

    def names(self):
        return [vm["name"] for vm in self.vms()]

    def restart_emud(self, away=0.0):
        self.emud.kill()
        self.emud.wait()
        time.sleep(away)
        self.start_emud()

    def reasons(self, name):
        events = [json.loads(line) for line in self.ok("events", "-o", "json").splitlines()]
        return [event.get("stateReason", "") for event in events if event["vm"] == name]

    def test_a_vm_is_deleted_when_its_time_is_over_running_or_not(self):
        self.create("kept")
        self.create("stopped", "--ttl", "2s")
        self.create("running", "--ttl", "2s", "--start", firmware=FIRMWARE)
        self.assertIn("expireTime", self.get("running"))
        self.assertIn("expires", self.ok("vm", "get", "running"))
        self.assertTrue(wait_for(lambda: self.names() == ["kept"]), self.names())
        self.assertTrue(wait_for(lambda: not self.vm_processes()))

    def test_a_protected_vm_outlives_its_time_until_it_is_not(self):
        self.create("a", "--ttl", "1s")
        self.ok("vm", "update", "a", "--set", "spec.lifecycle.protected=true")
        time.sleep(3)
        self.assertEqual(self.names(), ["a"])
        self.ok("vm", "update", "a", "--set", "spec.lifecycle.protected=false")
        self.assertTrue(wait_for(lambda: self.names() == []))

    def test_a_time_that_was_over_while_emud_was_away_is_over(self):
        self.create("a", "--ttl", "3s", "--start")
        self.create("b", "--ttl", "1h", "--start")
        self.restart_emud(away=3)
        self.assertTrue(wait_for(lambda: self.names() == ["b"]))
        # What is changed counts from when the VM was made.
        self.ok("vm", "update", "b", "--set", "spec.lifecycle.ttl=2s")
        self.assertTrue(wait_for(lambda: self.names() == []))

    def test_an_idle_vm_is_stopped_or_deleted_and_a_busy_one_is_not(self):
        idle = ["--idle-timeout", "3s", "--start", "--restart", "always"]
        self.create("stopped", *idle)
        self.create("deleted", *idle, "--on-idle", "delete")
        self.create("busy", *idle, firmware=FIRMWARE)  # writes and computes
        self.assertTrue(wait_for(lambda: "idle" in self.get("stopped")))
        self.assertTrue(wait_for(lambda: self.names() == ["busy", "stopped"], 20))
        self.assertTrue(wait_for(lambda: self.get("stopped")["state"] == "STOPPED", 20))
        vm = self.get("stopped")
        self.assertEqual(vm["stateReason"], "IDLE_TIMEOUT")
        self.assertNotIn("idle", vm)
        self.assertNotIn("nextRestartTime", vm)
        self.assertEqual(self.get("busy")["state"], "RUNNING")
        self.assertNotIn("idle", self.get("busy"))

    def test_one_that_nobody_uses_is_suspended_if_that_is_wanted_and_goes_on(self):
        self.create("a", "--idle-timeout", "2s", "--on-idle", "suspend", "--start")
        self.assertTrue(wait_for(lambda: self.get("a")["state"] == "SUSPENDED", 20))
        self.assertEqual(self.get("a")["stateReason"], "IDLE_TIMEOUT")
        self.ok("vm", "start", "a")
        self.assertTrue(wait_for(lambda: self.get("a")["state"] == "SUSPENDED", 20))

    def test_a_time_to_live_may_end_in_a_suspension_and_begins_anew_with_a_start(self):
        self.create("a", "--ttl", "3s", "--on-expiry", "suspend", "--start")
        self.create("b", "--ttl", "3s", "--on-expiry", "stop", "--start")
        for name, state in (("a", "SUSPENDED"), ("b", "STOPPED")):
            self.assertTrue(wait_for(lambda: self.get(name)["state"] == state, 20), name)
            self.assertEqual(self.get(name)["stateReason"], "TTL")
        first = self.get("a")["expireTime"]
        self.ok("vm", "start", "a")
        self.assertGreater(self.get("a")["expireTime"], first)
        self.assertTrue(wait_for(lambda: self.get("a")["state"] == "SUSPENDED", 20))
        self.assertEqual(self.names(), ["a", "b"])

    def test_a_vm_that_hangs_is_stopped_by_force(self):
        self.create("a", "--idle-timeout", "2s", "--start")
        os.kill(self.get("a")["pid"], signal.SIGSTOP)
        self.assertTrue(wait_for(lambda: self.get("a")["state"] == "STOPPED", 40))

    def test_who_is_attached_or_debugs_keeps_it(self):
        self.create("watched", "--idle-timeout", "2s", "--start")
        self.create("debugged", "--idle-timeout", "2s", "--start")
        watcher = subprocess.Popen([EMUCTL, "--endpoint", self.endpoint, "console", "watched",
                                    "--log", "--follow"], stdout=subprocess.DEVNULL)
        path = json.loads(self.ok("debug", "gdb", "debugged", "-o", "json"))["path"]
        with socket.socket(socket.AF_UNIX) as gdb:
            gdb.connect(path)
            time.sleep(8)
            for name in ("watched", "debugged"):
                self.assertEqual(self.get(name)["state"], "RUNNING", name)
        watcher.kill()
        watcher.wait()
        for name in ("watched", "debugged"):
            self.assertTrue(wait_for(lambda: self.get(name)["state"] == "STOPPED", 20), name)

    def test_a_new_daemon_goes_on_counting_and_sees_what_it_has_missed(self):
        self.create("idle", "--idle-timeout", "8s", "--start")
        self.create("woken", "--idle-timeout", "8s", "--start", firmware=FIRMWARE)
        # A guest that computes for ever is idle while it is held.
        woken = self.get("woken")["pid"]
        os.kill(woken, signal.SIGSTOP)
        for name in ("idle", "woken"):
            self.assertTrue(wait_for(lambda: "idle" in self.get(name)), name)
        since = self.get("idle")["idle"]["sinceTime"]
        self.emud.kill()
        self.emud.wait()
        os.kill(woken, signal.SIGCONT)
        time.sleep(8)
        self.start_emud()
        self.assertTrue(wait_for(lambda: self.get("idle")["state"] == "STOPPED", 6))
        self.assertIn("IDLE_TIMEOUT", self.reasons("idle"))
        self.assertTrue(wait_for(lambda: "idle" not in self.get("woken")))
        self.assertEqual(self.get("woken")["state"], "RUNNING")
        self.assertNotEqual(since, "")

    def test_what_is_not_possible_is_refused_with_what_is(self):
        self.create("a")
        self.fails(2, ["spec.lifecycle.ttl", "a second"], "vm", "update", "a",
                   "--set", "spec.lifecycle.ttl=0s")
        self.fails(2, ["--ttl soon", "2h"], "vm", "create", "b", "--firmware", IDLER, "--ttl", "soon")
        self.fails(2, ["20m or 2h"], "vm", "update", "a", "--set", "spec.lifecycle.ttl=soon")
        manifest = self.write("vm.yaml", "apiVersion: emud.dev/v1\nkind: Vm\nmetadata: {name: b}\n"
                              f"spec:\n  boot: {{firmware: {IDLER}}}\n"
                              "  lifecycle: {ttl: 2h, idleTimeout: 20m, onIdle: DELETE}\n")
        self.ok("vm", "create", "-f", manifest)
        self.assertEqual(self.get("b")["spec"]["lifecycle"],
                         {"ttl": "7200s", "idleTimeout": "1200s", "onIdle": "DELETE"})

    def test_a_vm_that_stays_silent_after_a_restart_is_unknown_until_it_speaks(self):
        self.create("a", "--start")
        pid = self.get("a")["pid"]
        self.emud.kill()
        self.emud.wait()
        os.kill(pid, signal.SIGSTOP)
        self.start_emud()
        self.ok("vm", "wait", "a", "--state", "UNKNOWN", "--timeout", "20s")
        os.kill(pid, signal.SIGCONT)
        self.ok("vm", "wait", "a", "--state", "RUNNING", "--timeout", "20s")
        self.assertEqual(self.get("a")["pid"], pid)


if __name__ == "__main__":
    main()
