"""Disks under Debian's kernel: what the guest writes is in the image, what it must not is not."""
import hashlib
import os
import re
import subprocess
import tempfile
import unittest

import harness
from disk_guest import build_initramfs

# Of everything below: small, as interpreters have to sum it.
CHUNK = 256 << 10


class DiskTest(harness.BootTest):
    @classmethod
    def setUpClass(cls):
        cls.folder = harness.fetch("fetch-disk-guest", harness.ARCH.name)
        cls.work = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.work.cleanup)
        cls.initramfs = os.path.join(cls.work.name, "initramfs")
        build_initramfs(cls.folder, cls.initramfs)

    def image(self, name, content):
        path = os.path.join(self.work.name, name)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def read(self, path, offset=0, size=-1):
        with open(path, "rb") as file:
            file.seek(offset)
            return file.read(size)

    def start_linux(self, *disks, cpus=1, more=()):
        flags = [part for disk in disks for part in ("--disk", disk)]
        guest = self.start("--memory", "256M", "--cpus", str(cpus),
                           "--kernel", f"{self.folder}/linux", "--initrd", self.initramfs,
                           "--append", f"console={harness.ARCH.console} quiet", "--stats", *flags, *more)
        guest.wait_for_prompt()
        return guest

    def test_writes_reads_refusals_and_discards(self):
        # One boot for all of it: boots are what costs time here.
        old = os.urandom(4 * CHUNK)
        writable = self.image("writable", old)
        guarded = self.image("guarded", old)
        guest = self.start_linux(writable, guarded + ",readonly")

        with self.subTest("the guest reads what the image holds"):
            self.assertIn(hashlib.sha256(old).hexdigest(), guest.run("sha256sum /dev/vda"))
            self.assertIn(hashlib.sha256(old).hexdigest(), guest.run("sha256sum /dev/vdb"))

        with self.subTest("what is synced is in the image while the guest runs on"):
            guest.run("yes written-by-the-guest | head -c 262144 > /pattern")
            guest.run("dd if=/pattern of=/dev/vda bs=64k seek=4 conv=fsync")
            pattern = (b"written-by-the-guest\n" * CHUNK)[:CHUNK]
            self.assertEqual(self.read(writable), old[:CHUNK] + pattern + old[2 * CHUNK:])

        with self.subTest("a read-only disk refuses writes"):
            self.assertIn("1", guest.run("cat /sys/block/vdb/ro"))
            self.assertRegex(guest.run("dd if=/pattern of=/dev/vdb bs=4k count=1 conv=fsync"),
                             "(?i)not permitted|read-only")

        with self.subTest("a discarded range frees its blocks"):
            before = os.stat(writable).st_blocks
            guest.run("blkdiscard -o 524288 -l 262144 /dev/vda && echo 3 > "
                      "/proc/sys/vm/drop_caches")
            self.assertEqual(self.read(writable, 2 * CHUNK, CHUNK), bytes(CHUNK))
            self.assertLess(os.stat(writable).st_blocks, before)
            self.assertIn(hashlib.sha256(bytes(CHUNK)).hexdigest(),
                          guest.run("dd if=/dev/vda bs=256k skip=2 count=1 | sha256sum"))

        with self.subTest("what is written last is there after the power-off"):
            guest.run("echo the-last-words > /dev/vda; sync")
            self.assert_powers_off(guest)
            self.assert_counted(guest.stats())
            self.assertEqual(self.read(writable, 0, 15), b"the-last-words\n")
            self.assertEqual(self.read(writable, 3 * CHUNK), old[3 * CHUNK:])
            self.assertEqual(self.read(guarded), old)

    def assert_counted(self, stats):
        writable, guarded = stats["disk0"], stats["disk1"]
        for disk in (writable, guarded):
            self.assertGreaterEqual(disk["read_bytes"], 4 * CHUNK)
            self.assertLess(disk["read_bytes"], 16 * CHUNK)
            self.assertGreater(disk["reads"], 4)
        self.assertGreaterEqual(writable["written_bytes"], CHUNK)
        self.assertLess(writable["written_bytes"], 2 * CHUNK)
        self.assertGreaterEqual(writable["writes"], 2)
        self.assertGreaterEqual(writable["flushes"], 1)
        self.assertEqual(writable["discards"], 1)
        for name in ("writes", "written_bytes", "flushes", "discards"):
            self.assertEqual(guarded[name], 0, name)

    def use_a_disk_on_pci(self, interrupts, *more):
        content = os.urandom(4 * CHUNK)
        disk = self.image("on-pci", content)
        guest = self.start_linux(self.image("on-mmio", bytes(CHUNK)), disk + ",bus=pci", more=more)
        name = re.search(r"/sys/block/(vd[ab])/serial",
                         guest.run("grep -l disk1 /sys/block/vd*/serial"))[1]
        self.assertIn("/pci0000:00/0000:00:01.0/", guest.run(f"readlink -f /sys/block/{name}"))
        self.assertIn(hashlib.sha256(content).hexdigest(), guest.run(f"sha256sum /dev/{name}"))
        guest.run("yes written-over-pci | head -c 262144 > /pattern")
        guest.run(f"dd if=/pattern of=/dev/{name} bs=64k conv=fsync")
        self.assertTrue(self.read(disk).startswith(b"written-over-pci\n"))
        self.assertEqual(self.read(disk, CHUNK), content[CHUNK:])
        # Where there are messages, the request queue has its own.
        self.assertRegex(guest.run("grep virtio /proc/interrupts"), interrupts)
        self.assert_powers_off(guest)

    def test_a_disk_on_pci_is_one_like_others(self):
        self.use_a_disk_on_pci(harness.ARCH.pci_interrupts)

    @unittest.skipUnless(harness.ARCH.name == "aarch64", "Arm's")
    def test_the_older_gic_takes_messages_too(self):
        self.use_a_disk_on_pci("GICv2m", "--gic-version", "2")

    def qemu_img(self, *arguments):
        subprocess.run(["qemu-img", *arguments], check=True, stdout=subprocess.DEVNULL)

    def test_a_qcow2_overlay_takes_what_the_guest_writes(self):
        content = os.urandom(4 * CHUNK)
        base = self.image("base", content)
        overlay = os.path.join(self.work.name, "overlay")
        self.qemu_img("create", "-f", "qcow2", "-b", "base", "-F", "raw", overlay)
        guest = self.start_linux(overlay + ",format=qcow2", base + ",readonly")
        self.assertIn(hashlib.sha256(content).hexdigest(), guest.run("sha256sum /dev/vda"))
        guest.run("yes written-over-the-base | head -c 262144 > /pattern")
        guest.run("dd if=/pattern of=/dev/vda bs=64k seek=4 conv=fsync")
        guest.run("blkdiscard -o 524288 -l 262144 /dev/vda")
        self.assert_powers_off(guest)

        pattern = (b"written-over-the-base\n" * CHUNK)[:CHUNK]
        expected = self.image("expected", content[:CHUNK] + pattern + bytes(CHUNK)
                              + content[3 * CHUNK:])
        self.qemu_img("check", overlay)
        self.qemu_img("compare", "-f", "raw", "-F", "qcow2", expected, overlay)
        self.assertEqual(self.read(base), content)

    def test_a_file_system_is_clean_in_the_next_boot(self):
        disk = self.image("ext2", bytes(16 << 20))
        guest = self.start_linux(disk + ",cache=none", cpus=2)
        self.assertRegex(guest.run("ls /sys/block/vda/mq | wc -l"), "(?m)^2$")  # queues
        self.assertIn("write back", guest.run("cat /sys/block/vda/queue/write_cache"))
        guest.run("mke2fs /dev/vda")
        guest.run("mount -t ext4 /dev/vda /mnt")
        guest.run("cp /bin/busybox /modules/ext4.ko /mnt")
        sums = guest.run("cd /mnt; sha256sum busybox ext4.ko; cd /")
        self.assertRegex(sums, r"(?m)^[0-9a-f]{64}  busybox$")
        guest.run("umount /mnt")
        self.assert_powers_off(guest)

        guest = self.start_linux(disk + ",readonly,cache=directsync", more=("--aio", "threads"))
        self.assertIn("write through", guest.run("cat /sys/block/vda/queue/write_cache"))
        guest.run("mount -t ext4 -o ro /dev/vda /mnt")
        self.assertEqual(guest.run("cd /mnt; sha256sum busybox ext4.ko; cd /"), sums)
        self.assertNotIn("EXT4-fs error", guest.run("dmesg | grep EXT4"))
        self.assert_powers_off(guest)


if __name__ == "__main__":
    harness.main()
