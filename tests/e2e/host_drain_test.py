#!/usr/bin/env python3
"""A host that is shut down: what becomes of its VMs before, and afterwards. The guests are counter.s, whose
lines number themselves; one that goes on leaves none out. That the host went down is played: emud and all
processes of VMs are killed."""
import json
import os
import signal
import subprocess

from harness import EMUCTL, FIRMWARE, EmudTest, main, wait_for

COUNTER = os.path.join(os.path.dirname(FIRMWARE), "counter.elf")


class HostDrainTest(EmudTest):
    def make(self, name, *flags):
        self.ok("vm", "create", name, "--memory", "64M", "--code-cache-mib", "1", "--firmware", COUNTER,
                *flags, "--start")
        self.assertTrue(wait_for(lambda: len(self.numbers(name)) >= 2))

    def numbers(self, name):
        return [int(line, 16) for line in self.console(name).split("\n")[:-1]]

    def goes_on(self, name):
        count = len(self.numbers(name))
        self.assertTrue(wait_for(lambda: len(self.numbers(name)) > count), name)
        numbers = self.numbers(name)
        self.assertEqual(numbers, list(range(len(numbers))))

    def begins_anew(self, name):
        self.assertTrue(wait_for(lambda: self.numbers(name).count(1) == 2), self.console(name))

    def states(self):
        return {vm["name"]: (vm["state"], vm["stateReason"] if "stateReason" in vm else "")
                for vm in self.vms()}

    def is_draining(self):
        return json.loads(self.ok("host", "info", "-o", "json")).get("draining", False)

    def go_down(self):
        """What the kernel does to processes, and the next boot to emud."""
        self.emud.kill()
        self.emud.wait()
        for pid in self.vm_processes():
            os.kill(pid, signal.SIGKILL)
        self.assertTrue(wait_for(lambda: not self.vm_processes()))
        self.start_emud()

    def test_vms_are_there_again_after_the_host_was_shut_down(self):
        self.make("goes-on")
        self.make("asked", "--on-host-shutdown", "suspend")
        self.make("stopped", "--on-host-shutdown", "stop")
        self.make("disposable", "--on-host-shutdown", "delete")
        self.make("left", "--on-host-shutdown", "leave")
        self.make("paused")
        self.ok("vm", "pause", "paused")
        self.ok("vm", "create", "off", "--memory", "64M", "--firmware", COUNTER)
        self.ok("snapshot", "create", "warm", "--vm", "goes-on")
        self.ok("pool", "create", "ci", "--snapshot", "warm", "--size", "2")
        pool = lambda: json.loads(self.ok("pool", "get", "ci", "-o", "json"))  # noqa: E731
        self.assertTrue(wait_for(lambda: pool().get("waiting", 0) == 2), pool())
        self.assertFalse(self.is_draining())

        said = self.ok("host", "drain", "--grace", "1s")
        self.assertIn("goes-on", said)
        expected = {"goes-on": ("SUSPENDED", "HOST_DRAIN"), "asked": ("SUSPENDED", "HOST_DRAIN"),
                    "stopped": ("STOPPED", "HOST_DRAIN"), "left": ("RUNNING", ""),
                    "paused": ("SUSPENDED", "SUSPENDED"), "off": ("STOPPED", "CREATED")}
        self.assertEqual(self.states(), expected)
        self.assertTrue(self.is_draining())
        self.assertIn("undrain", self.ok("host", "info"))
        for name in ("goes-on", "off"):
            self.fails(4, ["drained", "emuctl host undrain"], "vm", "start", name)
        self.ok("host", "drain")  # once more changes nothing
        self.assertEqual(self.states(), expected)

        self.go_down()
        self.assertTrue(self.is_draining())
        self.fails(4, ["drained"], "vm", "start", "off")
        self.ok("vm", "stop", "asked", "--force")  # it is no more what drain has made of it
        self.ok("host", "undrain")
        self.assertFalse(self.is_draining())
        states = self.states()
        self.assertEqual({name: states[name][0] for name in expected},
                         {"goes-on": "RUNNING", "asked": "STOPPED", "stopped": "RUNNING", "left": "CRASHED",
                          "paused": "SUSPENDED", "off": "STOPPED"})
        self.goes_on("goes-on")
        self.begins_anew("stopped")
        self.assertTrue(wait_for(lambda: pool().get("waiting", 0) == 2), pool())
        self.ok("vm", "start", "off")

    def test_a_daemon_that_is_killed_meanwhile_leaves_the_next_one_to_go_on(self):
        names = [f"a{number}" for number in range(12)]
        for name in names:
            self.make(name)
        begun = json.loads(self.ok("host", "drain", "--no-wait", "-o", "json"))
        self.emud.kill()
        self.emud.wait()
        self.start_emud()
        self.ok("op", "wait", begun["id"])
        self.assertEqual(set(self.states().values()), {("SUSPENDED", "HOST_DRAIN")})
        self.ok("host", "undrain")
        for name in names:
            self.goes_on(name)

    def test_a_crash_restarts_nothing_while_the_host_is_drained(self):
        self.make("a", "--on-host-shutdown", "leave", "--restart", "always")
        self.ok("host", "drain")
        os.kill(self.get("a")["pid"], signal.SIGKILL)
        self.assertTrue(wait_for(lambda: self.get("a").get("restartCount", 0) >= 1))
        self.assertNotEqual(self.get("a")["state"], "RUNNING")
        self.ok("host", "undrain")
        self.assertTrue(wait_for(lambda: self.get("a")["state"] == "RUNNING", 90), self.get("a"))

    def test_what_is_wrong_is_said(self):
        self.fails(2, ["--grace"], "host", "drain", "--grace", "soon")
        self.fails(2, ["grace_period", "10 minutes"], "host", "drain", "--grace", "1h")
        self.assertFalse(self.is_draining())
        document = self.write("vm.yaml", "apiVersion: emud.dev/v1\nkind: Vm\nmetadata: {name: a}\n"
                              f"spec: {{boot: {{firmware: {COUNTER}}}, lifecycle: {{onIdle: LEAVE}}}}\n")
        done = subprocess.run([EMUCTL, "--endpoint", self.endpoint, "vm", "create", "-f", document],
                              capture_output=True, text=True, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("on_idle", done.stderr)


if __name__ == "__main__":
    main()
