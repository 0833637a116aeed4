#!/usr/bin/env python3
"""Snapshots of a Linux that writes to its disk without a pause. It keeps in memory what it has written and
compares the disk with that after every write, so that a snapshot whose memory and disk are of different
instants, or a VM that sees what another one writes, finds itself out."""
import os
import re
import subprocess
import sys

import harness
from harness import wait_for

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "daemon", "image_builder"))
from disk_guest import build_initramfs  # noqa: E402

GUEST_SECONDS = 240  # for a loaded machine; nothing waits this long where all is well
BLOCKS = 64
GENERATIONS = 10
# Each record has a number, from which a guest that boots goes on, and the time, so that no two VMs write the same.
WRITER = f"""
while [ ! -b /dev/vda ]; do sleep 0.1; done
head -c $((4096 * {BLOCKS})) /dev/vda > /kept
i=0
for block in $(seq 0 {BLOCKS - 1}); do
  number=$(dd if=/kept bs=4096 skip=$block count=1 2>/dev/null | head -n 1 | grep ^record | cut -d' ' -f2)
  [ "${{number:-0}}" -gt $i ] && i=$number
done
echo goes-on-after-$i
while :; do
  i=$((i + 1))
  (echo "record $i $(cat /proc/uptime)"; cat /dev/urandom) | head -c 4096 > /record
  dd if=/record of=/dev/vda bs=4096 seek=$((i * 7 % {BLOCKS})) conv=notrunc,fsync
  dd if=/record of=/kept bs=4096 seek=$((i * 7 % {BLOCKS})) conv=notrunc
  echo 3 > /proc/sys/vm/drop_caches
  head -c $((4096 * {BLOCKS})) /dev/vda | cmp - /kept && echo same-$i || echo differs-$i
done
"""


class SnapshotDiskTest(harness.EmudTest):
    def boot(self, name, *flags):
        folder = subprocess.run([os.path.join(ROOT, "deploy", "fetch-disk-guest"), "riscv64"], check=True,
                                text=True, stdout=subprocess.PIPE).stdout.split()[-1]
        build_initramfs(folder, self.path("initramfs"), WRITER)
        self.ok("image", "import", self.write("disk", bytes(4096 * BLOCKS)), "--name", "d")
        self.ok("vm", "create", name, "--memory", "256M", "--kernel", f"{folder}/linux", "--initrd",
                self.path("initramfs"), "--append", "console=ttyS0 quiet", "--disk", "image=d", *flags, "--start")

    def compared(self, name):
        """The numbers of the writes after which the disk was as it should be."""
        return [int(number) for number in re.findall(r"^same-(\d+)\r?$", self.console(name), re.M)]

    def goes_on(self, name, count=5):
        before = len(self.compared(name))
        self.assertTrue(wait_for(lambda: len(self.compared(name)) >= before + count, GUEST_SECONDS),
                        self.console(name)[-1000:])
        self.assertNotRegex(self.console(name), "differs-|error")

    def disks_of(self, name):
        folder = os.path.join(self.state_dir, "vms", self.get(name)["uid"], "disks")
        return folder, sorted(os.listdir(folder))

    def test_memory_and_disk_are_of_one_instant(self):
        self.boot("a")
        self.goes_on("a")
        self.ok("snapshot", "create", "first", "--vm", "a")
        self.goes_on("a")
        self.assertEqual(self.disks_of("a")[1], ["disk0.qcow2", "disk0~1.qcow2"])
        with self.subTest("two VMs of it, while their source goes on"):
            self.ok("vm", "create", "b", "--from", "first", "--start")
            self.ok("vm", "create", "c", "--from", "first", "--start")
            for name in ("a", "b", "c"):
                self.goes_on(name)
        with self.subTest("a fork of one of them, while all write"):
            self.ok("vm", "rm", "c", "--force")
            self.ok("snapshot", "rm", "first")
            self.ok("snapshot", "create", "second", "--vm", "a")
            self.ok("vm", "fork", "b")
            for name in ("a", "b", "b-1"):
                self.goes_on(name)
        with self.subTest("suspended in a file that came while it ran"):
            self.ok("vm", "suspend", "b")
            self.ok("vm", "start", "b")
            self.goes_on("b")
        with self.subTest("back to what it was"):
            latest = self.compared("a")[-1]
            self.ok("vm", "stop", "a", "--force")
            self.ok("snapshot", "restore", "a", "second")
            self.ok("vm", "start", "a")
            count = len(self.compared("a"))
            self.goes_on("a")
            self.assertLess(self.compared("a")[count], latest)
        with self.subTest("what is written is whole"):
            names = ("a", "b", "b-1")
            for name in names:
                self.ok("vm", "stop", name, "--force")
            for name in names:
                folder, disks = self.disks_of(name)
                for disk in disks:
                    checked = subprocess.run(["qemu-img", "check", os.path.join(folder, disk)],
                                             capture_output=True, text=True, check=False)
                    self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)

    def test_forks_of_forks_of_forks(self):
        self.boot("a")
        names = ["a"]
        for generation in range(GENERATIONS):
            self.goes_on(names[-1], 1)
            self.ok("vm", "fork", names[-1], "--name-prefix", f"g{generation}")
            names.append(f"g{generation}-1")
        for name in names:
            self.goes_on(name, 2)
        self.assertEqual(len(self.disks_of(names[-1])[1]), GENERATIONS + 1)
        # Each is whole without those before it.
        for name in names[:-1]:
            self.ok("vm", "rm", name, "--force")
        self.goes_on(names[-1])
        self.ok("vm", "suspend", names[-1])
        self.ok("vm", "start", names[-1])
        self.goes_on(names[-1])
        numbers = self.compared(names[-1])
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))
        self.ok("vm", "stop", names[-1], "--force")
        folder, disks = self.disks_of(names[-1])
        for disk in disks:
            subprocess.run(["qemu-img", "check", os.path.join(folder, disk)], check=True, capture_output=True)

    def test_a_reset_and_a_killed_emud_leave_the_new_file_in_use(self):
        self.boot("a")
        self.goes_on("a")
        self.ok("snapshot", "create", "first", "--vm", "a")
        self.emud.kill()
        self.emud.wait()
        self.start_emud()
        self.goes_on("a")
        for again in (["reset", "a"], ["stop", "a", "--force"], ["start", "a"]):
            told = self.compared("a")[-1]
            self.ok("vm", *again)
            if again[0] != "stop":
                self.goes_on("a")
                found = re.findall(r"^goes-on-after-(\d+)", self.console("a"), re.M)
                self.assertGreaterEqual(int(found[-1]), told)
        self.ok("snapshot", "create", "second", "--vm", "a")
        self.goes_on("a")
        self.assertEqual(len(self.disks_of("a")[1]), 3)


if __name__ == "__main__":
    harness.main()
