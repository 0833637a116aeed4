"""Disks of the host that fail, and VM processes that are killed, under a guest that writes: it loses
nothing that was acknowledged."""
import hashlib
import os
import random
import re
import signal
import subprocess
import sys
import time

import harness
from harness import is_alive, wait_for

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "daemon", "image_builder"))
from disk_guest import build_initramfs  # noqa: E402

LONG = os.environ.get("EMU_TEST_LONG") == "1"
KILLS = 100 if LONG else 5
DISK_BYTES = 4 << 20
PATTERN_BYTES = 256 << 10
# Writes when it is told to, and says how that ended.
WRITER = f"""
while [ ! -b /dev/vda ]; do sleep 0.1; done
head -c {PATTERN_BYTES} /dev/urandom > /pattern
sha256sum /pattern
echo the-guest-is-ready
while read word; do
  dd if=/pattern of=/dev/vda bs=64k conv=fsync
  echo ended-with-$?
done
"""
# Numbered records, each flushed before it is told.
RECORDS = 1024
RECORDER = f"""
while [ ! -b /dev/vda ]; do sleep 0.1; done
i=0
while :; do
  i=$((i + 1))
  printf '%-512s' "record $i of run $(cat /run)" |
    dd of=/dev/vda bs=512 seek=$((i * 7 % {RECORDS})) conv=notrunc,fsync 2>/dev/null && echo told-$i
done
"""


class DiskFaultTest(harness.EmudTest):
    def create(self, start, disk, files=None):
        folder = subprocess.run([os.path.join(ROOT, "deploy", "fetch-disk-guest"), "riscv64"], check=True,
                                text=True, stdout=subprocess.PIPE).stdout.split()[-1]
        build_initramfs(folder, self.path("initramfs"), start, files)
        self.ok("vm", "create", "a", "--memory", "256M", "--kernel", f"{folder}/linux",
                "--initrd", self.path("initramfs"), "--append", "console=ttyS0 quiet",
                "--restart", "never", "--disk", disk, "--start")

    def write_with_fault(self, fault, options=""):
        """Starts a guest that writes while the disk fails as told; the folder's faults file."""
        folder, faults = harness.failing_folder(self)
        self.addCleanup(self.stop_everything)
        disk = os.path.join(folder, "disk.img")
        with open(disk, "wb") as file:
            file.truncate(DISK_BYTES)
        self.create(WRITER, disk + options)
        self.assertTrue(wait_for(lambda: "the-guest-is-ready" in self.console("a"), 240))
        with open(faults, "w") as file:
            file.write(fault)
        self.ok("console", "send", "a", "go", "--key", "enter")
        return disk, faults

    def has_pattern(self, disk):
        with open(disk, "rb") as file:
            digest = hashlib.sha256(file.read(PATTERN_BYTES)).hexdigest()
        return digest in self.console("a")

    def ended_with(self):
        return re.findall(r"ended-with-(\d+)", self.console("a"))

    def test_a_disk_without_room_pauses_its_vm_until_there_is_some(self):
        disk, faults = self.write_with_fault("ENOSPC write")
        self.assertTrue(wait_for(lambda: self.get("a")["state"] == "PAUSED", 60))
        self.assertEqual(self.get("a")["stateReason"], "IO_ERROR")
        self.assertEqual(self.ended_with(), [])
        with self.subTest("a new daemon knows why"):
            self.emud.kill()
            self.emud.wait()
            self.start_emud()
            self.assertTrue(wait_for(lambda: self.get("a")["state"] == "PAUSED", 60))
            self.assertEqual(self.get("a")["stateReason"], "IO_ERROR")
        with self.subTest("it stops again while nothing has changed"):
            self.ctl("vm", "resume", "a")
            self.assertTrue(wait_for(lambda: self.get("a").get("stateReason") == "IO_ERROR", 60))
        os.unlink(faults)
        self.ok("vm", "resume", "a")
        self.assertTrue(wait_for(lambda: self.ended_with() == ["0"], 60))
        self.assertTrue(self.has_pattern(disk))
        self.assertEqual(self.get("a")["state"], "RUNNING")

    def test_the_guest_sees_an_error_that_is_to_be_reported(self):
        disk, faults = self.write_with_fault("EIO write", ",werror=report")
        self.assertTrue(wait_for(lambda: self.ended_with() == ["1"], 60))
        self.assertEqual(self.get("a")["state"], "RUNNING")
        os.unlink(faults)
        self.ok("console", "send", "a", "go", "--key", "enter")
        self.assertTrue(wait_for(lambda: self.ended_with() == ["1", "0"], 60))
        self.assertTrue(self.has_pattern(disk))

    def test_the_guest_sees_a_flush_that_failed_and_every_one_after_it(self):
        _, faults = self.write_with_fault("EIO fsync")
        self.assertTrue(wait_for(lambda: self.ended_with() == ["1"], 60))
        os.unlink(faults)
        self.ok("console", "send", "a", "go", "--key", "enter")
        self.assertTrue(wait_for(lambda: self.ended_with() == ["1", "1"], 60))
        self.assertEqual(self.get("a")["state"], "RUNNING")

    def test_a_killed_vm_has_lost_no_record_that_was_flushed(self):
        seed = int(os.environ.get("EMU_SEED", random.SystemRandom().randrange(1 << 32)))
        print(f"EMU_SEED={seed}")
        chance = random.Random(seed)
        disk, raw = self.path("disk.qcow2"), self.path("disk.raw")
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-o", "cluster_size=4k", disk,
                        str(RECORDS * 512)], check=True)
        for run in range(KILLS):
            self.create(RECORDER, disk + ",format=qcow2", {"run": f"{run}\n".encode()})
            wanted = chance.randrange(1, 60)
            told = lambda: [int(i) for i in re.findall(r"told-(\d+)\r?\n", self.console("a"))]
            self.assertTrue(wait_for(lambda: told() and told()[-1] >= wanted, 240))
            time.sleep(chance.random() / 20)
            pid = self.get("a")["pid"]
            os.kill(pid, signal.SIGKILL)
            self.assertTrue(wait_for(lambda: not is_alive(pid)))
            self.assertTrue(wait_for(lambda: self.get("a")["state"] == "CRASHED"))
            last = told()[-1]
            checked = subprocess.run(["qemu-img", "check", "-q", disk], capture_output=True, text=True)
            self.assertIn(checked.returncode, (0, 3), checked.stdout)  # sound, or leaks
            subprocess.run(["qemu-img", "convert", "-O", "raw", disk, raw], check=True)
            with open(raw, "rb") as file:
                contents = file.read()
            # One may have been written and not told.
            for i in range(max(1, last - RECORDS + 2), last + 1):
                at = i * 7 % RECORDS * 512
                self.assertEqual(contents[at:at + 512].decode().rstrip(), f"record {i} of run {run}")
            self.ok("vm", "rm", "a", "--force")


if __name__ == "__main__":
    harness.main()
