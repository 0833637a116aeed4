#!/usr/bin/env python3
"""Looking into VMs: registers, memory, devices, counters."""
import base64
import json
import os
import re
import signal
import subprocess
import time

from harness import EMUCTL, FIRMWARE, EmudTest, main, wait_for


class DebugTest(EmudTest):
    def json(self, *command):
        return json.loads(self.ok("debug", *command, "-o", "json"))

    @staticmethod
    def values(vcpu):
        return {entry["name"]: int(entry.get("value", 0)) for entry in vcpu["registers"]}

    def test_registers_of_every_processor(self):
        self.ok("vm", "create", "a", "--firmware", FIRMWARE, "--memory", "64M", "--cpus", "2",
                "--start")
        # Both are in the firmware's loop, behind its first instructions.
        self.assertTrue(wait_for(lambda: all(
            self.values(vcpu)["s1"] == 0x100000 for vcpu in self.json("regs", "a")["vcpus"])))
        vcpus = self.json("regs", "a", "--all")["vcpus"]
        self.assertEqual(len(vcpus), 2)
        for number, vcpu in enumerate(vcpus):
            values = self.values(vcpu)
            self.assertEqual(values["s0"], 0x10000000)
            self.assertIn(values["pc"] - 0x80000000, range(256))
            self.assertEqual(values["mhartid"], number)
            self.assertIn("satp", values)
            self.assertIn("fa0", values)
        table = self.ok("debug", "regs", "a", "--vcpu", "1")
        self.assertTrue(table.startswith("vcpu 1\n"), table)
        self.assertIn("s1 0x0000000000100000", table.replace("  ", " ").replace("  ", " "))
        self.assertNotIn("satp", table)
        self.fails(2, ["--vcpu 7", "has 2"], "debug", "regs", "a", "--vcpu", "7")

    def test_memory_by_virtual_and_physical_address(self):
        self.start("a")
        answer = self.json("mem", "a", "0x80000000", "16")
        code = base64.b64decode(answer["data"])
        with open(FIRMWARE, "rb") as file:
            self.assertIn(code, file.read())
        raw = subprocess.run([EMUCTL, "--endpoint", self.endpoint, "debug", "mem", "a", "0x80000000",
                              "16", "--physical", "--raw"], capture_output=True, check=True).stdout
        self.assertEqual(raw, code)
        self.assertIn("tick", self.ok("debug", "mem", "a", "0x80000000", "256"))
        large = self.json("mem", "a", str(0x80000000 + 64 * 1024 * 1024 - 100000), "200000")
        self.assertEqual(len(base64.b64decode(large["data"])), 100000)
        self.fails(2, ["0x10000000", "no memory"], "debug", "mem", "a", "0x10000000")
        self.fails(2, ["like 0x80200000"], "debug", "mem", "a", "0x8000000g")
        self.fails(2, ["size_bytes"], "debug", "mem", "a", "0", "1048577")
        self.fails(2, ["vcpu"], "debug", "mem", "a", "0", "1", "--vcpu", "4")

    def test_devices_and_counters(self):
        self.start("a")
        devices = {device["name"]: device for device in self.json("devices", "a")["devices"]}
        self.assertIn("plic", devices)
        self.assertTrue(devices["uart0"]["fields"])
        self.assertTrue(self.ok("debug", "devices", "a", "uart0").startswith("uart0:\n  "))
        self.fails(3, ["uart7 is no device", "uart0"], "debug", "devices", "a", "uart7")

        first = self.json("stats", "a")
        second = self.json("stats", "a")
        vcpu = second["vcpus"][0]
        self.assertGreater(int(vcpu["blocksTranslated"]), 3)
        self.assertGreater(int(vcpu["instructionsTranslated"]), 10)
        self.assertGreater(int(vcpu["tlb"]["misses"]), 5)  # a UART is never in the TLB
        self.assertGreater(int(vcpu["exits"]["link"]), 0)
        self.assertGreater(int(second["code"]["cacheBytes"]), 1 << 20)
        self.assert_translation_cost_is_plausible(second)
        self.assertGreater(int(second["guestTimeNs"]), int(first["guestTimeNs"]))
        io = {device["name"]: device for device in second["devices"]}
        self.assertGreater(int(io["uart0"]["writes"]), 5)
        self.assertIn("uart0", self.ok("debug", "stats", "a"))

    def test_disks_are_on_the_bus_that_was_asked_for(self):
        images = [self.write(f"disk{i}.img", bytes(65536)) for i in range(3)]
        self.ok("vm", "create", "a", "--firmware", FIRMWARE, "--memory", "64M",
                "--disk", images[0], "--disk", images[1] + ",readonly,bus=pci",
                "--disk", images[2] + ",bus=pci,readonly", "--start")
        disks = self.get("a")["spec"]["disks"]
        self.assertEqual([(disk["path"], disk.get("bus"), disk.get("readonly", False))
                          for disk in disks],
                         [(images[0], None, False), (images[1], "VIRTIO_PCI", True),
                          (images[2], "VIRTIO_PCI", True)])
        names = [device["name"] for device in self.json("devices", "a")["devices"]]
        # The last one has the port of the guest's agent.
        self.assertEqual([name for name in names if name.startswith("pci")],
                         ["pci", "pci1", "pci2", "pci3"])
        for name in ("pci1", "pci2", "pci3"):
            self.assertIn("msix_table", self.ok("debug", "devices", "a", name))

    def test_what_compiled_code_does_is_counted_on_request(self):
        self.start("a")

        def counted(*args):
            stats = self.json("stats", "a", *args)
            vcpu = stats["vcpus"][0]
            return (stats.get("counting", False), int(vcpu.get("instructionsExecuted", 0)),
                    int(vcpu["tlb"].get("hits", 0)))

        self.assertEqual(counted(), (False, 0, 0))
        self.assertRegex(self.ok("debug", "stats", "a"), r"EXECUTED +TLB-HITS")
        self.assertTrue(counted("--count", "on")[0])
        self.assertTrue(wait_for(lambda: counted()[1] > 100))
        is_on, executed, hits = counted("--count", "off")
        self.assertFalse(is_on)
        self.assertGreater(executed, 100)
        self.assertLess(hits, executed)
        # What was counted stays; more is not counted.
        self.console_grows("a")
        self.assertEqual(counted(), (False, executed, hits))
        self.assertLess(counted("--count", "on")[1], executed)  # from zero
        self.fails(2, ["--count"], "debug", "stats", "a", "--count", "maybe")

    def console_grows(self, name):
        ticks = self.console(name).count("tick")
        self.assertTrue(wait_for(lambda: self.console(name).count("tick") > ticks))

    def assert_translation_cost_is_plausible(self, stats):
        code = {name: int(value) for name, value in stats["code"].items()}
        for name in ("instructionsTranslated", "hostBytesEmitted"):
            of_vcpus = sum(int(vcpu[name]) for vcpu in stats["vcpus"])
            self.assertGreaterEqual(code[name], of_vcpus)  # padding and stubs belong to none
        instructions = code["instructionsTranslated"]
        self.assertIn(code["guestBytesTranslated"], range(2 * instructions, 4 * instructions + 1))
        self.assertGreater(code["hostBytesEmitted"], code["cacheUsedBytes"])
        self.assertGreater(code["sideTableBytes"], 0)
        self.assertIn(code["translationNs"] // instructions, range(10, 10**7))
        self.assertRegex(self.ok("debug", "stats", "a"),
                         r"translated  \d+ instructions: [\d.]+ host bytes for a guest byte, "
                         r"[\d.]+ side-table bytes and [\d.]+ us for an instruction\n")

    def test_what_disks_have_done_is_counted(self):
        image = os.path.join(self.dir.name, "image")
        with open(image, "wb") as file:
            file.truncate(1 << 20)
        self.ok("vm", "create", "a", "--firmware", FIRMWARE, "--memory", "64M", "--disk", image,
                "--start")
        disk, = self.json("stats", "a")["disks"]
        self.assertEqual(disk["device"], "virtio2")
        self.assertTrue(disk["id"])
        self.assertRegex(self.ok("debug", "stats", "a"),
                         r"(?m)^DISK +DEVICE +AIO +READS .*\n\S+ +virtio2 +(io_uring|threads) ")

    def test_a_paused_vm_can_be_looked_into_and_a_stopped_one_not(self):
        self.start("a")
        self.ok("vm", "pause", "a")
        pcs = [self.json("regs", "a")["vcpus"][0]["registers"][32] for _ in range(2)]
        self.assertEqual(pcs[0]["name"], "pc")
        self.assertEqual(pcs[0], pcs[1])
        self.ok("vm", "stop", "a")
        for command in (["regs", "a"], ["mem", "a", "0"], ["devices", "a"], ["stats", "a"]):
            self.fails(4, ["STOPPED", "start it first"], "debug", *command)
        self.fails(3, ["no VM b"], "debug", "stats", "b")

    def trace(self, *flags):
        """What a trace prints until something has come and a while has gone by."""
        text = "another trace"
        while "another trace" in text:  # that of before, whose end is noticed within a tenth of a second
            with subprocess.Popen(
                    [EMUCTL, "--endpoint", self.endpoint, "debug", "trace", "a", *flags],
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as trace:
                time.sleep(1)
                trace.send_signal(signal.SIGINT)
                text = trace.communicate(timeout=30)[0]
        return text

    def test_code_is_printed_stage_by_stage(self):
        self.start("a")
        text = self.trace()
        self.assertRegex(text, r"block 0x800000\w+ pc 0x800000\w+\n  800000\w+: ")
        self.assertNotIn("function", text)
        text = self.trace("--stages", "guest,ir,opt,host")
        for words in ["block 0x8000", "ir:\nfunction", "opt:\nfunction", "host:\n", "lbu"]:
            self.assertIn(words, text)
        self.assertRegex(text, r"host:\n  7\w{11}: (mov|add|rorx|cmp) \w+, .*\n")
        self.assertNotRegex(text, r"\n  7\w{11}:( [0-9a-f]{2})+\n")
        self.assertEqual(self.get("a")["state"], "RUNNING")
        before = self.console("a")
        self.assertTrue(wait_for(lambda: len(self.console("a")) > len(before)))

    def test_a_trace_can_be_narrowed_to_addresses(self):
        self.start("a")
        starts = {int(word, 16) for word in re.findall(r"block (0x\w+)", self.trace())}
        self.assertGreater(len(starts), 2)
        one = max(starts)
        text = self.trace("--address", hex(one))
        self.assertEqual({int(word, 16) for word in re.findall(r"block (0x\w+)", text)}, {one})
        self.assertEqual(self.trace("--address", "0x90000000-0x90001000"), "")
        self.fails(2, ["like 0x80200000"], "debug", "trace", "a", "--address", "x-y")
        # The daemon looks every tenth of a second whether a tracer has gone.
        self.assertTrue(wait_for(lambda: "stages" in self.ctl("debug", "trace", "a", "--stages",
                                                              "foo").stderr))
        self.fails(2, ["stages"], "debug", "trace", "a", "--stages", "foo")
        self.fails(2, ["last_address"], "debug", "trace", "a", "--address", "0x2-0x1")

    def test_one_trace_at_a_time_that_ends_with_its_vm(self):
        self.start("a")
        with subprocess.Popen([EMUCTL, "--endpoint", self.endpoint, "debug", "trace", "a"],
                              stdout=subprocess.PIPE, text=True) as trace:
            self.assertIn("block", trace.stdout.readline())
            self.fails(4, ["another trace of a runs"], "debug", "trace", "a")
            self.ok("vm", "stop", "a")
            trace.communicate(timeout=30)
            self.assertEqual(trace.returncode, 0)
        self.fails(4, ["start it first"], "debug", "trace", "a")

    def test_everything_is_printed_as_yaml(self):
        self.start("a")
        for command in (["regs", "a"], ["mem", "a", "0x80000000"], ["devices", "a"], ["stats", "a"]):
            self.assertIn(": ", self.ok("debug", *command, "-o", "yaml"))


if __name__ == "__main__":
    main()
