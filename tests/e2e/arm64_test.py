#!/usr/bin/env python3
"""What the control plane does with VMs, done with an arm64 one."""
import json
import os
import re
import subprocess

from harness import EMU_VM, FIRMWARE, EmudTest, main, wait_for

GUEST = os.path.join(os.path.dirname(FIRMWARE), "arm64_ticker.elf")


class Arm64Test(EmudTest):
    def create(self, *flags):
        self.ok("vm", "create", "a", "--arch", "aarch64", "--firmware", GUEST, "--memory", "64M",
                *flags)

    def ticks(self):
        return self.console("a").count("tick")

    def assert_ticks(self):
        before = self.ticks()
        self.assertTrue(wait_for(lambda: self.ticks() > before + 1), self.console("a")[-500:])

    def test_the_daemon_tells_of_what_emu_vm_has(self):
        archs = json.loads(self.ok("version", "-o", "json"))["guestArchs"]
        result = subprocess.run([EMU_VM, "run", "--arch", "vax", "--firmware", GUEST],
                                capture_output=True, text=True)
        for arch in archs:
            self.assertIn(arch, result.stderr)
        self.assertEqual(len(archs), len(re.findall(r"[a-z]+64\b", result.stderr)), result.stderr)

    def test_its_life(self):
        self.create("--cpus", "4", "--start")
        self.assertEqual(self.get("a")["spec"]["machine"]["arch"], "aarch64")
        self.assert_ticks()
        self.ok("vm", "pause", "a")
        self.ok("vm", "resume", "a")
        self.assert_ticks()
        self.ok("vm", "suspend", "a")
        self.ok("vm", "start", "a")
        self.assert_ticks()
        self.ok("console", "a", input="r")
        self.assertTrue(wait_for(lambda: self.console("a").count("begins") == 2))
        self.ok("vm", "reset", "a")
        self.assertTrue(wait_for(lambda: self.console("a").count("begins") == 3))
        self.assert_ticks()
        self.ok("console", "a", input="o")
        self.ok("vm", "wait", "a", "--state", "STOPPED", "--timeout", "20s")

    def test_the_older_gic_on_request(self):
        self.create("--gic-version", "2", "--start")
        self.assertIn("v2m", [device["name"] for device in
                              json.loads(self.ok("debug", "devices", "a", "-o", "json"))["devices"]])
        self.assert_ticks()
        self.ok("vm", "suspend", "a")
        self.ok("vm", "start", "a")
        self.assert_ticks()
        self.fails(2, ["--gic-version"], "vm", "create", "b", "--arch", "aarch64", "--firmware", GUEST,
                   "--gic-version", "4")
        self.fails(2, ["gic_version", "riscv64"], "vm", "create", "b", "--firmware", FIRMWARE,
                   "--gic-version", "2")

    def test_what_its_firmware_remembers_is_there_at_the_next_start(self):
        self.create("--start")
        self.assert_ticks()
        self.ok("console", "a", input="v")
        self.assert_ticks()
        self.assertNotIn("knows", self.console("a"))
        self.ok("vm", "stop", "a")
        self.ok("vm", "start", "a")
        self.assertTrue(wait_for(lambda: "knows" in self.console("a")))

    def test_it_is_asked_to_power_off(self):
        self.create("--start", "--restart", "always")
        self.assert_ticks()
        self.ok("vm", "stop", "a", "--grace", "60s")
        vm = self.get("a")
        # By itself, though not restarted for that.
        self.assertEqual((vm["state"], vm["stateReason"]), ("STOPPED", "GUEST_POWER_OFF"))
        self.assertNotIn("nextRestartTime", vm)

    def test_one_that_does_not_obey_is_ended(self):
        self.create("--start")
        self.assert_ticks()
        self.ok("console", "a", input="d")
        self.assert_ticks()
        self.ok("vm", "stop", "a", "--grace", "1s")
        vm = self.get("a")
        self.assertEqual(vm["state"], "STOPPED")
        self.assertNotEqual(vm["stateReason"], "GUEST_POWER_OFF")
        self.ok("vm", "start", "a")
        self.ok("vm", "pause", "a")
        self.ok("vm", "stop", "--filter", "name=a", "--grace", "9m")  # a paused one can't obey
        self.assertEqual(self.get("a")["state"], "STOPPED")
        self.fails(2, ["grace", "10 minutes"], "vm", "stop", "a", "--grace", "11m")
        self.fails(2, ["--grace", "90s"], "vm", "stop", "a", "--grace", "soon")

    def test_looking_into_it(self):
        self.create("--cpus", "2", "--start")
        self.assert_ticks()
        vcpus = json.loads(self.ok("debug", "regs", "a", "--all", "-o", "json"))["vcpus"]
        self.assertEqual(len(vcpus), 2)
        first = {entry["name"]: int(entry.get("value", 0)) for entry in vcpus[0]["registers"]}
        self.assertEqual(first["x19"], 0x09000000)
        self.assertEqual(first["cpsr"] & 0xf, 5)  # EL1 with its own stack pointer
        self.assertEqual(first["CurrentEL"], 4)
        second = {entry["name"]: int(entry.get("value", 0)) for entry in vcpus[1]["registers"]}
        self.assertEqual(second["MPIDR_EL1"] & 0xff, 1)
        self.assertIn("knows", self.ok("debug", "mem", "a", hex(first["x22"] & ~0xff), "512"))
        devices = json.loads(self.ok("debug", "devices", "a", "-o", "json"))["devices"]
        self.assertLessEqual({"gic", "uart0", "rtc", "gpio", "psci", "flash1"},
                             {device["name"] for device in devices})
        stats = json.loads(self.ok("debug", "stats", "a", "-o", "json"))
        self.assertGreater(int(stats["vcpus"][0]["blocksTranslated"]), 3)
        usage = json.loads(self.ok("vm", "stats", "a", "-o", "json"))
        self.assertGreater(int(usage["counters"]["code"]["blocks"]), 3)

    def test_gdb(self):
        self.create("--start")
        self.assert_ticks()
        path = json.loads(self.ok("debug", "gdb", "a", "-o", "json"))["path"]
        script = ["set confirm off", f"target remote {path}", "break *&input", "continue", "p/x $x19",
                  "set var $TPIDR_EL1 = 0x77", "p/x $TPIDR_EL1", "x/2i $pc",
                  "set var $d3.f = 2.5", "p $d3.f", "p/x $v3", "set var $v4 = ((unsigned __int128)5 << 64) + 6",
                  "p/x $v4", "stepi", "info registers pc", "delete", "detach"]
        gdb = subprocess.run(["gdb-multiarch", "-nx", "-batch", GUEST]
                             + [word for line in script for word in ("-ex", line)],
                             capture_output=True, text=True, timeout=60)
        self.assertIn("Breakpoint 1, 0x", gdb.stdout, gdb.stderr)
        self.assertIn("= 0x9000000", gdb.stdout)
        self.assertIn("= 0x77", gdb.stdout)
        self.assertIn("= 2.5", gdb.stdout)
        self.assertIn("= 0x4004000000000000", gdb.stdout)
        self.assertRegex(gdb.stdout, r"=> 0x\w+ <input>:\s+mov\s+w23")
        self.assertIn("<pause>", gdb.stdout)
        self.assert_ticks()


if __name__ == "__main__":
    main()
