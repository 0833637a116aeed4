#!/usr/bin/env python3
"""Starts a real emud with real VM processes and checks what users rely on.

Usage: control_plane_test.py EMUD EMUCTL EMU_VM FIRMWARE
"""
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

EMUD, EMUCTL, EMU_VM, FIRMWARE = (os.path.abspath(path) for path in sys.argv[1:5])


def wait_for(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return False


class ControlPlaneTest(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)
        self.endpoint = "unix:" + os.path.join(self.dir.name, "emud.sock")
        self.emud = None
        self.start_emud()
        self.addCleanup(self.stop_everything)

    def start_emud(self):
        self.log = open(os.path.join(self.dir.name, "emud.log"), "a")
        self.emud = subprocess.Popen(
            [EMUD, "--state-dir", os.path.join(self.dir.name, "state"), "--listen", self.endpoint,
             "--emu-vm", EMU_VM], stderr=self.log)
        self.addCleanup(self.log.close)
        self.assertTrue(wait_for(lambda: self.emud.poll() is not None
                                 or self.ctl("vm", "list").returncode == 0))
        self.assertIsNone(self.emud.poll(), "emud does not run")

    def stop_everything(self):
        if self.emud.poll() is None:
            for vm in self.vms():
                self.ctl("vm", "rm", vm["name"], "--force")
            self.emud.terminate()
            self.assertEqual(self.emud.wait(10), 0)

    def ctl(self, *args, **kwargs):
        return subprocess.run([EMUCTL, "--endpoint", self.endpoint, *args], capture_output=True,
                              text=True, timeout=60, **kwargs)

    def ok(self, *args, **kwargs):
        result = self.ctl(*args, **kwargs)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def fails(self, code, words, *args):
        result = self.ctl(*args)
        self.assertEqual(result.returncode, code, result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)

    def get(self, name):
        return json.loads(self.ok("vm", "get", name, "-o", "json"))

    def vms(self):
        return json.loads(self.ok("vm", "list", "-o", "json")).get("vms", [])

    def start(self, name):
        self.ok("vm", "create", name, "--firmware", FIRMWARE, "--memory", "64M", "--start")
        self.assertTrue(wait_for(lambda: self.console(name).count("tick") >= 2))

    def console(self, name):
        return self.ok("console", name, "--log")

    def monitor_of(self, pid):
        with open(f"/proc/{pid}/status") as status:
            return int(next(l for l in status if l.startswith("PPid")).split()[1])

    def test_a_vm_lives_from_create_to_rm(self):
        self.start("a")
        self.assertEqual(self.get("a")["state"], "RUNNING")
        self.assertEqual([vm["name"] for vm in self.vms()], ["a"])
        self.assertIn("name: a", self.ok("vm", "get", "a", "-o", "yaml"))
        self.assertEqual(json.loads(self.ok("vm", "pause", "a", "-o", "json"))["state"], "PAUSED")
        time.sleep(0.2)
        held = self.console("a")
        time.sleep(0.3)
        self.assertEqual(self.console("a"), held)
        self.ok("vm", "resume", "a")
        self.assertTrue(wait_for(lambda: len(self.console("a")) > len(held)))
        self.ok("vm", "reset", "a")
        self.ok("vm", "stop", "a")
        self.assertEqual(self.get("a")["state"], "STOPPED")
        self.ok("vm", "rm", "a")
        self.assertEqual(self.vms(), [])
        self.assertEqual(os.listdir(os.path.join(self.dir.name, "state", "vms")), [])

    def test_a_guest_that_powers_off_stops_its_vm(self):
        self.start("a")
        self.ok("console", "a", input="off\n")
        self.ok("vm", "wait", "a", "--state", "STOPPED", "--timeout", "10s")
        self.assertEqual(self.get("a")["stateReason"], "GUEST_POWER_OFF")

    def test_a_guest_that_fails_is_told_apart_from_a_crash(self):
        self.start("a")
        self.ok("console", "a", input="fail\n")
        self.ok("vm", "wait", "a", "--state", "STOPPED", "--timeout", "10s")
        self.assertEqual(self.get("a")["lastExit"]["code"], 7)
        self.assertEqual(self.get("a")["stateReason"], "GUEST_FAILED")

    def test_a_killed_vm_is_crashed_within_200_ms_and_no_other_is(self):
        self.start("a")
        self.start("b")
        waiting = subprocess.Popen([EMUCTL, "--endpoint", self.endpoint, "vm", "wait", "a",
                                    "--state", "CRASHED", "--timeout", "10s"],
                                   stdout=subprocess.DEVNULL)
        time.sleep(0.3)
        began = time.monotonic()
        os.kill(self.get("a")["pid"], signal.SIGKILL)
        self.assertEqual(waiting.wait(10), 0)
        print(f"CRASHED after {(time.monotonic() - began) * 1000:.0f} ms (emuctl included)")
        vm = self.get("a")
        self.assertEqual((vm["stateReason"], vm["lastExit"]["signal"]), ("KILLED_BY_SIGNAL", 9))
        self.assertIn("tick", __import__("base64").b64decode(vm["lastExit"]["consoleTail"]).decode())
        self.assertEqual(self.get("b")["state"], "RUNNING")
        self.ok("vm", "start", "a")

    def test_vms_outlive_a_killed_emud(self):
        self.start("a")
        self.start("b")
        pid = self.get("a")["pid"]
        lost = self.get("b")["pid"]
        before = self.console("a")
        self.emud.kill()
        self.emud.wait()
        os.kill(lost, signal.SIGKILL)
        time.sleep(0.3)
        self.start_emud()
        vm = self.get("a")
        self.assertEqual((vm["state"], vm["pid"]), ("RUNNING", pid))
        self.assertTrue(self.console("a").startswith(before))
        self.assertTrue(wait_for(lambda: len(self.console("a")) > len(before) + 5))
        self.assertEqual(self.get("b")["lastExit"]["signal"], 9)
        self.ok("console", "a", input="off\n")
        self.ok("vm", "wait", "a", "--state", "STOPPED", "--timeout", "10s")

    def test_a_hung_vm_delays_no_other(self):
        self.start("a")
        self.start("b")
        os.kill(self.get("a")["pid"], signal.SIGSTOP)
        stuck = subprocess.Popen([EMUCTL, "--endpoint", self.endpoint, "vm", "pause", "a"],
                                 stderr=subprocess.DEVNULL)
        began = time.monotonic()
        self.ok("vm", "pause", "b")
        self.assertLess(time.monotonic() - began, 2)
        self.assertEqual(stuck.wait(30), 7)
        self.ok("vm", "stop", "a", "--force")
        self.assertEqual(self.get("a")["state"], "STOPPED")

    def test_a_vm_process_is_confined_and_its_monitor_small(self):
        self.start("a")
        pid = self.get("a")["pid"]
        with open(f"/proc/{pid}/status") as status:
            text = status.read()
        self.assertIn("NoNewPrivs:\t1", text)
        self.assertIn("Seccomp:\t2", text)
        with open(f"/proc/{pid}/maps") as maps:
            self.assertNotIn("rwx", maps.read())
        with open(f"/proc/{self.monitor_of(pid)}/smaps_rollup") as rollup:
            private = sum(int(l.split()[1]) for l in rollup if l.startswith("Private_"))
        self.assertLess(private, 300)

    def test_bad_input_names_the_field_and_leaves_nothing(self):
        good = ["--firmware", FIRMWARE]
        self.fails(2, ["name", "a-z"], "vm", "create", "Bad_Name", *good)
        self.fails(2, ["cpus", "1 to 8"], "vm", "create", "a", "--cpus", "9", *good)
        self.fails(2, ["memory", "64"], "vm", "create", "a", "--memory", "2M", *good)
        self.fails(2, ["memory"], "vm", "create", "a", "--memory", "9999999G", *good)
        self.fails(2, ["--memory"], "vm", "create", "a", "--memory", "much", *good)
        self.fails(2, ["arch", "riscv64"], "vm", "create", "a", "--arch", "vax", *good)
        self.fails(2, ["spec.boot.kernel"], "vm", "create", "a")
        self.fails(2, ["spec.boot.kernel", "check the path"], "vm", "create", "a", "--kernel",
                   "/nowhere/linux", *good)
        self.fails(2, ["spec.disks[0].path"], "vm", "create", "a", "--disk", "/nowhere/d", *good)
        self.fails(3, ["no VM a"], "vm", "start", "a")
        path = os.path.join(self.dir.name, "vm.yaml")
        with open(path, "w") as manifest:
            manifest.write("apiVersion: emud.dev/v1\nkind: Vm\nmetadata: {name: a}\n"
                           "spec:\n  machine: {arch: riscv64}\n  boot:\n    kernle: x\n")
        self.fails(2, ["vm.yaml:7", "kernle"], "vm", "create", "-f", path)
        self.assertEqual(self.vms(), [])
        self.assertEqual(os.listdir(os.path.join(self.dir.name, "state", "vms")), [])
        self.ok("vm", "create", "a", *good)
        self.fails(1, ["a is in use"], "vm", "create", "a", *good)
        self.fails(4, ["STOPPED"], "vm", "pause", "a")
        self.fails(7, ["still STOPPED"], "vm", "wait", "a", "--state", "RUNNING", "--timeout", "1s")

    def test_a_vm_comes_from_a_file(self):
        path = os.path.join(self.dir.name, "vm.yaml")
        with open(path, "w") as manifest:
            manifest.write("apiVersion: emud.dev/v1\nkind: Vm\n"
                           "metadata: {name: web, labels: {team: core}}\n"
                           "spec:\n  machine: {arch: riscv64, cpus: 2, memoryMib: 128}\n"
                           f"  boot: {{firmware: {FIRMWARE}}}\n"
                           "  consoles: [{id: serial0, type: UART}]\n")
        self.ok("vm", "create", "-f", path)
        vm = self.get("web")
        self.assertEqual((vm["spec"]["machine"]["cpus"], vm["spec"]["machine"]["memoryMib"]),
                         (2, "128"))
        self.assertEqual(vm["labels"], {"team": "core"})

    def test_a_console_has_several_readers(self):
        self.start("a")
        with contextlib.ExitStack() as stack:
            readers = [stack.enter_context(subprocess.Popen(
                [EMUCTL, "--endpoint", self.endpoint, "console", "a"], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE)) for _ in range(3)]
            heads = [reader.stdout.read(40) for reader in readers]
            for reader in readers:
                reader.stdin.close()
                reader.stdout.read()
            self.assertEqual(heads[0], heads[1])
            self.assertEqual(heads[0], heads[2])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
