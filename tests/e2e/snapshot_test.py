#!/usr/bin/env python3
"""Snapshots of VMs, VMs that go on from them, and VMs that go back. The guests are counter.s, whose lines
number themselves, so that it shows where one goes on.

EMU_KILLS says how often emud is killed; EMU_TEST_LONG=1: 50. EMU_SEED repeats a run's choices.
"""
import json
import os
import random
import subprocess
import time

from harness import EMUCTL, FIRMWARE, EmudTest, main, wait_for

LONG = os.environ.get("EMU_TEST_LONG", "0") not in ("", "0")
KILLS = int(os.environ.get("EMU_KILLS") or (50 if LONG else 5))
SEED = int(os.environ.get("EMU_SEED") or random.SystemRandom().randrange(1 << 32))
HOG = os.path.join(os.path.dirname(FIRMWARE), "hog.elf")
COUNTER = os.path.join(os.path.dirname(FIRMWARE), "counter.elf")
SMALL = ["--memory", "64M", "--code-cache-mib", "1", "--firmware", COUNTER]


class SnapshotTest(EmudTest):
    def make(self, name, *flags):
        self.ok("vm", "create", name, *SMALL, *flags, "--start")
        self.assertTrue(wait_for(lambda: len(self.numbers(name)) >= 2))

    def numbers(self, name):
        """Of the lines that are whole, but for the first of a VM that goes on, which may be the rest of one."""
        return [int(line, 16) for line in self.console(name).split("\n")[:-1] if len(line) == 8]

    def snapshot(self, name, vm):
        return json.loads(self.ok("snapshot", "create", name, "--vm", vm, "-o", "json"))

    def snapshots(self):
        return [s["name"] for s in json.loads(self.ok("snapshot", "list", "-o", "json")).get("snapshots", [])]

    def folders(self):
        return os.listdir(os.path.join(self.state_dir, "snapshots"))

    def goes_on_from(self, name, first, last):
        """The first number is one of these, and none is left out after it."""
        count = len(self.numbers(name))
        self.assertTrue(wait_for(lambda: len(self.numbers(name)) > count + 2), name)
        numbers = self.numbers(name)
        self.assertTrue(first <= numbers[0] <= last, (numbers[0], first, last))
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))

    def test_a_vm_of_a_snapshot_goes_on_where_it_was_and_so_does_its_source(self):
        self.make("a")
        before = self.numbers("a")[-1]
        taken = self.snapshot("warm", "a")
        after = self.numbers("a")[-1]
        self.assertEqual((taken["state"], taken["vm"], taken["hasMemory"]), ("READY", "a", True))
        self.assertGreater(int(taken["memoryBytes"]), 0)
        self.assertEqual(self.get("a")["snapshot"], "warm")
        self.assertTrue(wait_for(lambda: self.numbers("a")[-1] > after + 5))
        self.ok("vm", "create", "b", "--from", "warm")
        self.assertEqual((self.get("b")["state"], self.get("b")["stateReason"]), ("SUSPENDED", "SNAPSHOT"))
        self.ok("vm", "create", "c", "--from", "warm", "--label", "x=y", "--start")
        # It is needed no more.
        self.ok("snapshot", "rm", "warm")
        self.assertEqual(self.folders(), [])
        self.ok("vm", "start", "b")
        for name in ("b", "c"):
            self.goes_on_from(name, before, after + 2)
        self.goes_on_from("a", 0, 0)
        # Again, of one whose memory is a snapshot's.
        self.ok("vm", "suspend", "b")
        self.ok("vm", "start", "b")
        self.goes_on_from("b", before, after + 2)

    def test_three_forks_of_a_vm_that_goes_on(self):
        self.make("a")
        before = self.numbers("a")[-1]
        made = json.loads(self.ok("vm", "fork", "a", "--count", "3", "--name-prefix", "ci", "-o", "json"))
        after = self.numbers("a")[-1]
        self.assertEqual([vm["name"] for vm in made["vms"]], ["ci-1", "ci-2", "ci-3"])
        self.assertEqual(self.folders(), [])
        for name in ("ci-1", "ci-2", "ci-3"):
            self.goes_on_from(name, before, after + 2)
        self.goes_on_from("a", 0, 0)
        self.fails(1, ["ci-1"], "vm", "fork", "a", "--name-prefix", "ci")
        # Of a fork, which was stopped.
        self.ok("vm", "stop", "ci-3")
        self.ok("vm", "fork", "ci-3")
        self.goes_on_from("ci-3-1", 0, 0)

    def test_a_vm_goes_back_to_a_snapshot(self):
        self.make("a")
        before = self.numbers("a")[-1]
        self.snapshot("first", "a")
        after = self.numbers("a")[-1]
        self.fails(4, ["stop it first"], "snapshot", "restore", "a", "first")
        for end in ("stop", "suspend"):
            with self.subTest(end=end):
                self.assertTrue(wait_for(lambda: self.numbers("a")[-1] > after + 5))
                self.ok("vm", end, "a")
                count = len(self.numbers("a"))
                vm = json.loads(self.ok("snapshot", "restore", "a", "first", "-o", "json"))
                self.assertEqual((vm["state"], vm["snapshot"]), ("SUSPENDED", "first"))
                self.ok("vm", "start", "a")
                self.assertTrue(wait_for(lambda: len(self.numbers("a")) > count + 3))
                # One line may be half written on either side.
                went_back_to = self.numbers("a")[count + 1]
                self.assertTrue(before <= went_back_to <= after + 3, (went_back_to, before, after))
        self.snapshot("second", "a")
        self.assertEqual(self.ok("snapshot", "tree"), "first (a)\n  second (a)\n")

    def test_one_of_a_stopped_vm_has_its_disks_alone(self):
        self.ok("image", "import", self.write("disk", bytes(1 << 20)), "--name", "d")
        self.ok("vm", "create", "a", *SMALL, "--disk", "image=d")
        taken = self.snapshot("cold", "a")
        self.assertNotIn("hasMemory", taken)
        self.fails(4, ["snapshot cold"], "image", "rm", "d")
        self.ok("vm", "create", "b", "--from", "cold", "--start")
        self.goes_on_from("b", 0, 0)
        disks = os.path.join(self.state_dir, "vms", self.get("b")["uid"], "disks")
        self.assertEqual(sorted(os.listdir(disks)), ["disk0.qcow2", "disk0~1.qcow2"])
        # Each lies over the one before it, for others, too.
        self.ok("vm", "stop", "b")
        info = subprocess.run(["qemu-img", "check", os.path.join(disks, "disk0~1.qcow2")],
                              capture_output=True, text=True, check=False)
        self.assertEqual(info.returncode, 0, info.stderr)
        # The sixteenth is the last.
        for i in range(14):
            self.snapshot(f"cold-{i}", "a")
        self.fails(4, ["16", "disk0"], "snapshot", "create", "one-more", "--vm", "a")
        self.ok("vm", "start", "a")
        self.goes_on_from("a", 0, 0)

    def state_file(self, uid, name="state"):
        return os.path.join(self.state_dir, "snapshots", uid, name)

    def has_written_its_memory(self, name):
        """hog.s writes to each page from its second on where that lies."""
        for megabyte in range(1, 63, 7):
            address = 0x80000000 + (megabyte << 20)
            raw = subprocess.run([EMUCTL, "--endpoint", self.endpoint, "debug", "mem", name, hex(address), "64",
                                  "--raw"], capture_output=True, check=True, timeout=60).stdout
            self.assertTrue(any(int.from_bytes(raw[at:at + 8], "little") == address + at for at in range(56)), raw)

    def test_memory_that_a_parent_has_is_not_written_again(self):
        self.ok("vm", "create", "a", *SMALL[:-1], HOG, "--start")
        self.assertTrue(wait_for(lambda: "X" in self.console("a")))
        alone = json.loads(self.ok("snapshot", "create", "alone", "--vm", "a", "--parent", "auto", "-o", "json"))
        self.assertNotIn("memoryParentUid", alone)
        child = json.loads(self.ok("snapshot", "create", "child", "--vm", "a", "--parent", "auto", "-o", "json"))
        self.assertEqual((child["memoryParentUid"], len(child["stateUids"])), (alone["uid"], 2))
        own = os.stat(self.state_file(child["uid"])).st_blocks * 512
        self.assertLess(own, 8 << 20)
        self.assertGreater(os.stat(self.state_file(alone["uid"])).st_blocks * 512, 50 << 20)
        self.ok("snapshot", "rm", "alone")
        # A VM of it, and a snapshot of that one, which lies in the same files.
        self.ok("vm", "create", "b", "--from", "child", "--start")
        self.has_written_its_memory("b")
        folder = os.path.join(self.state_dir, "vms", self.get("b")["uid"])
        self.assertEqual([name for name in os.listdir(folder) if "state" in name], [])
        grandchild = json.loads(self.ok("snapshot", "create", "grandchild", "--vm", "b", "--parent", "child",
                                        "-o", "json"))
        self.assertEqual(grandchild["memoryParentUid"], child["uid"])
        self.assertIn(child["stateUids"][1], grandchild["stateUids"][1:])
        self.ok("snapshot", "rm", "child")
        # Back to it, twice, and once what was prepared is discarded.
        for _ in range(2):
            self.ok("vm", "stop", "b", "--force")
            self.ok("snapshot", "restore", "b", "grandchild")
        self.ok("vm", "start", "b")
        self.has_written_its_memory("b")
        self.ok("vm", "stop", "b", "--force")
        self.assertEqual([name for name in os.listdir(folder) if "state" in name], [])
        self.ok("vm", "create", "c", "--from", "grandchild")
        self.ok("vm", "stop", "c", "--force")
        self.fails(3, ["no snapshot alone"], "snapshot", "create", "s", "--vm", "a", "--parent", "alone")
        self.ok("vm", "stop", "a", "--force")
        self.ok("snapshot", "create", "cold", "--vm", "a", "--parent", "grandchild")
        self.ok("vm", "start", "a")
        self.fails(2, ["parent", "cold"], "snapshot", "create", "s", "--vm", "a", "--parent", "cold")

    def test_what_can_not_be_kept_is_refused(self):
        self.fails(3, ["no VM a"], "snapshot", "create", "s", "--vm", "a")
        self.make("a", "--disk", self.write("disk", bytes(4096)))
        self.fails(4, ["disk0", "read-only"], "snapshot", "create", "s", "--vm", "a")
        self.ok("volume", "create", "v", "--size", "1M")
        self.ok("vm", "create", "b", *SMALL, "--disk", "volume=v")
        self.fails(4, ["volume"], "snapshot", "create", "s", "--vm", "b")
        self.make("c")
        self.snapshot("s", "c")
        self.fails(1, ["snapshot s"], "snapshot", "create", "s", "--vm", "c")
        self.fails(2, ["spec.machine"], "vm", "create", "d", "--from", "s", "--cpus", "2")
        self.fails(3, ["no snapshot t"], "vm", "create", "d", "--from", "t")
        self.ok("vm", "suspend", "c")
        self.fails(4, ["SUSPENDED"], "snapshot", "create", "t", "--vm", "c")
        self.assertEqual(self.snapshots(), ["s"])
        self.assertEqual(len(self.folders()), 1)

    def test_an_emud_that_is_killed_leaves_a_whole_snapshot_or_none(self):
        print("seed", SEED)
        choices = random.Random(SEED)
        self.make("a")
        for i in range(KILLS):
            with subprocess.Popen([EMUCTL, "--endpoint", self.endpoint, "snapshot", "create", f"s{i}", "--vm", "a"],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
                time.sleep(choices.random() * 0.3)
                self.emud.kill()
                self.emud.wait()
            self.start_emud()
            self.assertTrue(wait_for(lambda: self.get("a")["state"] == "RUNNING"))
            listed = json.loads(self.ok("snapshot", "list", "-o", "json")).get("snapshots", [])
            self.assertEqual(sorted(s["uid"] for s in listed), sorted(self.folders()))
            for snapshot in listed:
                self.assertEqual(snapshot["state"], "READY")
        self.goes_on_from("a", 0, 0)
        # The VM may still be writing for a daemon that is gone.
        self.assertTrue(wait_for(lambda: self.ctl("snapshot", "create", "last", "--vm", "a").returncode == 0))
        self.ok("vm", "create", "b", "--from", "last", "--start")
        self.assertTrue(wait_for(lambda: len(self.numbers("b")) > 2))


if __name__ == "__main__":
    main()
