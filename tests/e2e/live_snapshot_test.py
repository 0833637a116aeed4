#!/usr/bin/env python3
"""Snapshots of VMs that run on, asked for on the VM's own control socket, and VMs that go on from them. The
guests are counter.s, whose lines number themselves."""
import os

import vm_control
from harness import FIRMWARE, EmudTest, main, wait_for

COUNTER = os.path.join(os.path.dirname(FIRMWARE), "counter.elf")
MAGIC = b"MUSTATE1"
FAILED_PRECONDITION = 9


class LiveSnapshotTest(EmudTest):
    def make(self, name, *flags):
        self.ok("vm", "create", name, "--memory", "64M", "--code-cache-mib", "1", "--firmware", COUNTER, *flags,
                "--start")
        self.assertTrue(wait_for(lambda: len(self.numbers(name)) >= 2))

    def numbers(self, name):
        return [int(line or "0", 16) for line in self.console(name).split("\n")[:-1]]

    def folder(self, name):
        return os.path.join(self.state_dir, "vms", self.get(name)["uid"])

    def snapshot(self, name, *files):
        """What the VM answers: the fields of vm.v1.Response."""
        return vm_control.snapshot(self.folder(name), *files)

    def test_a_vm_runs_on_and_its_snapshot_goes_on_from_where_it_was(self):
        self.make("a")
        before = self.numbers("a")[-1]
        with open(self.path("first"), "w+b") as first:
            answer = self.snapshot("a", first)
            self.assertEqual(answer.get(1, 0), 0, answer)
            first.seek(0)
            self.assertEqual(first.read(8), MAGIC)
        after = self.numbers("a")[-1] + 1  # one may be half written
        self.assertTrue(wait_for(lambda: self.numbers("a")[-1] > after + 2))
        self.assertEqual(self.get("a")["state"], "RUNNING")
        numbers = self.numbers("a")
        self.assertEqual(numbers, list(range(len(numbers))))

        # The same VM, gone back.
        self.ok("vm", "suspend", "a")
        count = len(self.numbers("a"))
        state = os.path.join(self.folder("a"), "state")
        with open(self.path("first"), "rb") as first, open(state, "wb") as to:
            to.write(first.read())
        self.ok("vm", "start", "a")
        self.assertTrue(wait_for(lambda: len(self.numbers("a")) > count + 2))
        went_back_to = self.numbers("a")[count + 1]
        self.assertGreater(went_back_to, before)
        self.assertLessEqual(went_back_to, after + 2)

    def test_against_a_parent_only_what_differs_is_written(self):
        self.make("a")
        with open(self.path("first"), "w+b") as first, open(self.path("second"), "w+b") as second:
            self.assertEqual(self.snapshot("a", first).get(1, 0), 0)
            answer = self.snapshot("a", second, first)
            self.assertEqual(answer.get(1, 0), 0, answer)
            saved = vm_control.fields(answer[14])
            self.assertEqual((len(saved[1]), len(saved[2])), (16, 16))
            # The guest is in its registers.
            self.assertLess(os.fstat(second.fileno()).st_blocks, os.fstat(first.fileno()).st_blocks)

    def test_a_vm_whose_disk_is_written_to_is_refused(self):
        with open(self.path("disk"), "wb") as disk:
            disk.truncate(1 << 20)
        self.make("a", "--disk", self.path("disk"))
        with open(self.path("first"), "w+b") as first:
            answer = self.snapshot("a", first)
            self.assertEqual(answer.get(1, 0), FAILED_PRECONDITION, answer)
            self.assertIn(b"is written to", answer[2])
            self.assertEqual(first.read(), b"")
        count = len(self.numbers("a"))
        self.assertTrue(wait_for(lambda: len(self.numbers("a")) > count))


if __name__ == "__main__":
    main()
