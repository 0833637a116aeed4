#!/usr/bin/env python3
"""Snapshots on hosts whose disk is full, and of whose files some are missing or damaged: what fails says why,
harms nobody else, and comes true once its reason is gone. The guests are counter.s, whose lines number
themselves, with a disk."""
import json
import os
import subprocess

from harness import FIRMWARE, EmudTest, main, wait_for

COUNTER = os.path.join(os.path.dirname(FIRMWARE), "counter.elf")
SMALL = ["--memory", "64M", "--code-cache-mib", "1", "--firmware", COUNTER, "--disk", "image=d"]


class SnapshotFaultTest(EmudTest):
    def make(self, name, *flags):
        self.ok("vm", "create", name, *SMALL, *flags, "--start")
        self.goes_on(name)

    def numbers(self, name):
        return [int(line, 16) for line in self.console(name).split("\n")[:-1] if len(line) == 8]

    def goes_on(self, name):
        count = len(self.numbers(name))
        self.assertTrue(wait_for(lambda: len(self.numbers(name)) > count + 1), name)

    def disks_of(self, name):
        return os.path.join(self.state_dir, "vms", self.get(name)["uid"], "disks")

    def folder_of(self, snapshot):
        uid = json.loads(self.ok("snapshot", "get", snapshot, "-o", "json"))["uid"]
        return os.path.join(self.state_dir, "snapshots", uid)

    def names(self):
        return [vm["name"] for vm in self.vms()]

    def away(self, path):
        """Takes the file away; returns what brings it back."""
        kept = self.path("kept")
        os.rename(path, kept)
        return lambda: os.rename(kept, path)

    def test_a_full_disk_leaves_no_snapshot_and_harms_no_vm(self):
        folder = self.path("full")
        os.mkdir(folder)
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder],
                                               stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("a file system of its own is not to be had here")
        self.addCleanup(subprocess.run, ["umount", "-l", folder])
        self.stop_everything()
        self.start_emud(state_dir=os.path.join(folder, "state"))
        self.addCleanup(self.stop_everything)
        self.ok("image", "import", self.write("disk", bytes(1 << 20)), "--name", "d")
        self.make("a")
        filler = os.path.join(folder, "filler")
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        for words in (["snapshot", "create", "s", "--vm", "a"], ["vm", "fork", "a"]):
            self.fails(6, ["full"], *words)
            self.goes_on("a")
        os.unlink(filler)
        self.assertEqual((self.names(), self.ok("snapshot", "list", "-o", "name")), (["a"], ""))
        self.assertEqual(os.listdir(os.path.join(self.state_dir, "snapshots")), [])
        self.assertEqual(os.listdir(self.disks_of("a")), ["disk0.qcow2"])
        # It writes to its disk's file again, also after a start.
        self.ok("vm", "stop", "a")
        self.ok("vm", "start", "a")
        self.ok("snapshot", "create", "s", "--vm", "a")
        self.ok("vm", "create", "b", "--from", "s", "--start")
        for name in ("a", "b"):
            self.goes_on(name)

    def test_a_file_of_a_disk_that_is_missing_is_said_and_no_other_is_taken_for_it(self):
        self.ok("image", "import", self.write("disk", bytes(1 << 20)), "--name", "d")
        self.make("a")
        self.ok("snapshot", "create", "s", "--vm", "a")
        for name in ("b", "c"):
            self.ok("vm", "create", name, "--from", "s")
        self.assertEqual(sorted(os.listdir(self.disks_of("b"))), ["disk0.qcow2", "disk0~1.qcow2"])
        with open(os.path.join(self.disks_of("b"), "disk0.qcow2"), "rb") as file:
            shared = file.read()
        for missing in ("disk0.qcow2", "disk0~1.qcow2"):
            with self.subTest(missing=missing):
                bring_back = self.away(os.path.join(self.disks_of("b"), missing))
                self.fails(2, ["disk0"], "vm", "start", "b")
                self.assertEqual(self.get("b")["state"], "SUSPENDED")
                bring_back()
        for name in ("b", "c"):
            self.ok("vm", "start", name)
        for name in ("a", "b", "c"):
            self.goes_on(name)
        with self.subTest("likewise of one that starts anew"):
            self.ok("vm", "stop", "b")
            bring_back = self.away(os.path.join(self.disks_of("b"), "disk0~1.qcow2"))
            self.fails(2, ["disk0"], "vm", "start", "b")
            bring_back()
            self.ok("vm", "start", "b")
        with open(os.path.join(self.disks_of("b"), "disk0.qcow2"), "rb") as file:
            self.assertEqual(file.read(), shared)

    def test_a_snapshot_without_all_its_files_makes_no_vm(self):
        self.ok("image", "import", self.write("disk", bytes(1 << 20)), "--name", "d")
        self.make("a")
        self.ok("snapshot", "create", "s", "--vm", "a")
        folder = self.folder_of("s")
        self.ok("vm", "stop", "a")
        for missing, word in (("state", "memory of snapshot s"), ("disks/disk0.qcow2", "disk0")):
            with self.subTest(missing=missing):
                bring_back = self.away(os.path.join(folder, missing))
                self.fails(1, [word], "vm", "create", "b", "--from", "s")
                self.assertEqual(self.names(), ["a"])
                self.fails(1, [word], "snapshot", "restore", "a", "s")
                self.assertEqual(self.get("a")["state"], "STOPPED")
                self.assertEqual(len(os.listdir(os.path.join(self.state_dir, "vms"))), 1)
                self.ok("vm", "start", "a")
                self.goes_on("a")
                self.ok("vm", "stop", "a")
                bring_back()
        self.ok("vm", "create", "b", "--from", "s", "--start")
        self.goes_on("b")
        with self.subTest("a state that is cut off"):
            self.ok("vm", "create", "c", "--from", "s")
            self.ok("vm", "stop", "b")
            with open(os.path.join(folder, "state"), "r+b") as file:
                file.truncate(4096)
            self.fails(1, ["c"], "vm", "start", "c")
            vm = self.get("c")
            self.assertEqual((vm["state"], vm["stateReason"]), ("SUSPENDED", "RESTORE_FAILED"))
            # Its disks are good for a start.
            self.ok("vm", "stop", "c", "--force")
            self.ok("vm", "start", "c")
            self.goes_on("c")


if __name__ == "__main__":
    main()
