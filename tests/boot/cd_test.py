"""A CD over virtio-scsi under Debian's kernel: an ISO is mounted and read, and not written to."""
import hashlib
import os
import tempfile
import unittest

import harness
from disk_guest import LOAD_CD_MODULES, build_initramfs, cd_modules
from iso import write_files


class CdTest(harness.BootTest):
    @classmethod
    def setUpClass(cls):
        cls.folder = harness.fetch("fetch-disk-guest", harness.ARCH.name)
        cls.work = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.work.cleanup)
        cls.initramfs = os.path.join(cls.work.name, "initramfs")
        build_initramfs(cls.folder, cls.initramfs, files=cd_modules(cls.folder))

    def test_an_iso_is_mounted_and_read(self):
        content = os.urandom(3 << 20)
        iso = os.path.join(self.work.name, "iso")
        write_files({"data": content, "words": b"of-the-disc\n"}, iso, "A-DISC")
        with open(iso, "rb") as file:
            before = file.read()
        guest = self.start("--memory", "256M", "--cpus", "2", "--cdrom", iso, "--stats",
                           "--kernel", f"{self.folder}/linux", "--initrd", self.initramfs,
                           "--append", f"console={harness.ARCH.console} quiet")
        guest.wait_for_prompt()
        guest.run(LOAD_CD_MODULES)

        with self.subTest("the drive says what it is"):
            self.assertRegex(guest.run("cat /sys/block/sr0/device/vendor"), "EMU")
            self.assertRegex(guest.run("cat /sys/block/sr0/device/model"), "CD-ROM")
            self.assertIn(str(len(before) // 512), guest.run("cat /sys/block/sr0/size"))
            self.assertRegex(guest.run("readlink -f /sys/block/sr0"), "pci0000:00.*virtio")

        with self.subTest("its files are those of the ISO"):
            guest.run("mount -t iso9660 -o ro /dev/sr0 /mnt")
            self.assertIn("of-the-disc", guest.run("cat /mnt/words"))
            self.assertIn(hashlib.sha256(content).hexdigest(), guest.run("sha256sum /mnt/data"))

        with self.subTest("the tray opens when nobody needs it, and closes for who does"):
            options = "/proc/sys/dev/cdrom"
            guest.run(f"echo 1 > {options}/autoeject; echo 0 > {options}/autoclose")
            guest.run("umount /mnt")
            self.assertRegex(guest.run("wc -c /dev/sr0"), "(?i)no medium")
            guest.run(f"echo 0 > {options}/autoeject; echo 1 > {options}/autoclose")
            guest.run("mount -t iso9660 -o ro /dev/sr0 /mnt")
            self.assertIn("of-the-disc", guest.run("cat /mnt/words"))

        with self.subTest("nothing is written to it"):
            self.assertRegex(guest.run("dd if=/dev/zero of=/dev/sr0 bs=2k count=1"), "(?i)read-only")

        self.assertNotRegex(guest.run("dmesg | grep -e sr0 -e scsi"), "(?i)error|abort|timed out")
        self.assert_powers_off(guest)
        with open(iso, "rb") as file:
            self.assertEqual(file.read(), before)
        stats = guest.stats()["disk0"]
        self.assertGreaterEqual(stats["read_bytes"], len(content))
        self.assertEqual(stats["failed"], 0)

    def test_a_disk_that_is_written_to_is_no_cd(self):
        disk = os.path.join(self.work.name, "disk")
        with open(disk, "wb") as file:
            file.truncate(1 << 20)
        guest = self.start("--kernel", f"{self.folder}/linux", "--disk", f"{disk},bus=scsi")
        self.assertEqual(guest.exit_code(), 2)
        guest.log.seek(0)
        self.assertIn(b"add media=cdrom", guest.log.read())


if __name__ == "__main__":
    harness.main()
