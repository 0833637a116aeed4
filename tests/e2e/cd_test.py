#!/usr/bin/env python3
"""A CD of a VM under emud: read in a Linux guest, suspended in the middle of it, read again."""
import hashlib
import os
import re
import subprocess
import sys

import harness
from harness import EMUCTL

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path += [os.path.join(ROOT, "daemon", "image_builder"), os.path.join(ROOT, "tests", "boot")]
from disk_guest import LOAD_CD_MODULES, SHELL, build_initramfs, cd_modules  # noqa: E402
from iso import write_files  # noqa: E402

GUEST_SECONDS = 240  # for a loaded machine; nothing waits this long where all is well
# Reads the disc itself, not what is kept of it, until /enough is there.
READER = """while [ ! -e /enough ]; do
  echo 3 > /proc/sys/vm/drop_caches
  sha256sum /mnt/data
done
echo the-reader-has-ended
"""
START = f"{LOAD_CD_MODULES}\n{SHELL}"


class CdTest(harness.EmudTest):
    def setUp(self):
        super().setUp()
        self.commands = 0

    def boot(self, iso):
        folder = subprocess.run([os.path.join(ROOT, "deploy", "fetch-disk-guest"), "riscv64"], check=True,
                                text=True, stdout=subprocess.PIPE).stdout.split()[-1]
        build_initramfs(folder, self.path("initramfs"), START,
                        {**cd_modules(folder), "reader": READER.encode()})
        self.ok("vm", "create", "a", "--memory", "256M", "--kernel", f"{folder}/linux", "--initrd",
                self.path("initramfs"), "--append", "console=ttyS0 quiet", "--disk",
                f"{iso},media=cdrom", "--start")
        self.wait_until_said("~ # ")

    def wait_until_said(self, regex, *flags):
        said = subprocess.run([EMUCTL, "--endpoint", self.endpoint, "console", "wait", "a", regex, "--timeout",
                               f"{GUEST_SECONDS}s", *flags], stdout=subprocess.DEVNULL)
        self.assertEqual(said.returncode, 0, self.console("a"))

    def run_in_guest(self, command):
        """What `command` prints there."""
        self.commands += 1
        end = f"end-of-{self.commands}"
        # The echo of what is typed does not have the number.
        self.ok("console", "send", "a", f"{command}; echo end-of-$(({self.commands}))", "--key", "enter")
        self.wait_until_said(end)
        return self.console("a").rpartition("))")[2].partition(end)[0]

    def suspend_and_start(self):
        self.ok("vm", "suspend", "a")
        self.assertEqual(self.get("a")["state"], "SUSPENDED")
        self.ok("vm", "start", "a")

    def test_it_is_read_before_and_after_a_suspension(self):
        content = os.urandom(8 << 20)
        digest = hashlib.sha256(content).hexdigest()
        write_files({"data": content}, self.path("iso"), "A-DISC")
        self.boot(self.path("iso"))
        self.assertEqual(self.get("a")["spec"]["disks"][0]["bus"], "VIRTIO_SCSI")
        self.run_in_guest("mount -t iso9660 -o ro /dev/sr0 /mnt")

        with self.subTest("suspended while it is read"):
            self.run_in_guest("(sh /reader &)")
            for _ in range(3):
                self.wait_until_said("/mnt/data", "--from", "now")
                self.suspend_and_start()
            self.run_in_guest("touch /enough")
            self.wait_until_said("the-reader-has-ended")
            digests = re.findall(r"([0-9a-f]{64})  /mnt/data", self.console("a"))
            self.assertGreater(len(digests), 3)
            self.assertEqual(set(digests), {digest})

        with self.subTest("its tray stays open, and is closed by who needs the disc"):
            options = "/proc/sys/dev/cdrom"
            self.run_in_guest(f"echo 1 > {options}/autoeject; echo 0 > {options}/autoclose; umount /mnt")
            self.assertRegex(self.run_in_guest("wc -c /dev/sr0"), "(?i)no medium")
            self.suspend_and_start()
            self.assertRegex(self.run_in_guest("wc -c /dev/sr0"), "(?i)no medium")
            self.run_in_guest(f"echo 0 > {options}/autoeject; echo 1 > {options}/autoclose")
            self.run_in_guest("mount -t iso9660 -o ro /dev/sr0 /mnt")
            self.assertIn(digest, self.run_in_guest("sha256sum /mnt/data"))

        self.assertNotRegex(self.run_in_guest("dmesg | grep -e sr0 -e scsi"), "(?i)error|abort|timed out")


if __name__ == "__main__":
    harness.main()
