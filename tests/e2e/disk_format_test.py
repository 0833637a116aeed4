#!/usr/bin/env python3
"""Disks through the daemon: backing files of QCOW2 images are found, locked, and kept within their
folder; cache modes; what can't be is refused before anything is made."""
import fcntl
import json
import os
import signal
import struct
import subprocess

from harness import FIRMWARE, EmudTest, main, wait_for

COUNTER = os.path.join(os.path.dirname(FIRMWARE), "counter.elf")


class DiskFormatTest(EmudTest):
    def image(self, name, *flags, size=()):
        path = self.path(name)
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", *flags, path, *size], check=True)
        return path

    def create(self, name, disk, *flags):
        return ("vm", "create", name, "--firmware", COUNTER, "--memory", "64M", "--disk", disk, *flags)

    def counts(self, name):
        before = len(self.console(name))
        self.assertTrue(wait_for(lambda: len(self.console(name)) > before + 32))

    def test_an_overlay_is_used_and_what_lies_below_it_is_locked(self):
        base = self.write("base.img", os.urandom(1 << 20))
        overlays = [self.image(name, "-b", "base.img", "-F", "raw") for name in ("a.img", "b.img")]
        for name, overlay in zip("ab", overlays):
            self.ok(*self.create(name, overlay + ",format=qcow2", "--start"))
            self.counts(name)
        spec = self.get("a")["spec"]["disks"][0]
        self.assertEqual((spec["path"], spec["format"]), (overlays[0], "QCOW2"))
        self.assertIn("QCOW2", self.ok("vm", "get", "a"))
        self.fails(4, ["base.img", "in use"], *self.create("c", base, "--start"))
        self.fails(4, ["a.img", "in use"], *self.create("c", overlays[0] + ",format=qcow2", "--start"))
        for name in "ab":
            self.ok("vm", "rm", name, "--force")
        self.ok(*self.create("c", base, "--start"))
        self.fails(4, ["base.img", "another process writes"],
                   *self.create("d", overlays[0] + ",format=qcow2", "--start"))

    def test_it_goes_on_after_a_suspension(self):
        for options in ("compat=1.1", "lazy_refcounts=on"):
            with self.subTest(options):
                name = options[:4]
                disk = self.image(name + ".img", "-o", options, size=["1M"])
                self.ok(*self.create(name, disk + ",format=qcow2", "--start"))
                self.counts(name)
                self.ok("vm", "suspend", name)
                self.ok("vm", "start", name)
                self.counts(name)

    def test_names_that_leave_and_images_that_lie_are_refused(self):
        os.mkdir(self.path("images"))
        self.write("secret", bytes(4096))
        for backing in ("../secret", self.path("secret"), "/etc/passwd"):
            disk = self.image("images/a.img", "-u", "-b", backing, "-F", "raw", size=["1M"])
            self.fails(2, ["spec.disks[0].path", "not in the image's folder"],
                       *self.create("a", disk + ",format=qcow2"))
        disk = self.image("images/a.img", "-u", "-b", "a.img", "-F", "qcow2", size=["1M"])
        self.fails(2, ["above itself"], *self.create("a", disk + ",format=qcow2"))
        raw = self.write("raw.img", b"QFI\xfb" + bytes(1 << 20))
        self.fails(2, ["raw.img", "QCOW2"], *self.create("a", raw + ",format=qcow2"))
        self.assertEqual(self.vms(), [])
        self.ok(*self.create("a", raw, "--start"))  # never guessed
        self.assertNotIn("format", json.loads(self.ok("vm", "get", "a", "-o", "json"))["spec"]["disks"][0])

    def test_cache_modes_go_by_the_names_that_qemu_gives_them(self):
        disk = self.image("a.img", size=["1M"])
        for mode in ("writeback", "none", "writethrough", "directsync", "unsafe"):
            with self.subTest(mode):
                self.ok(*self.create("a", f"{disk},format=qcow2,cache={mode}", "--start"))
                self.counts("a")
                self.assertEqual(self.get("a")["spec"]["disks"][0]["cache"], mode.upper())
                self.ok("vm", "suspend", "a")
                self.ok("vm", "start", "a")
                self.counts("a")
                self.ok("vm", "rm", "a", "--force")
        self.fails(2, ["spec.disks[0].path"], *self.create("a", f"{disk},cache=fast"))

    def test_the_disk_is_free_when_a_vm_has_been_killed(self):
        disk = self.write("a.img", bytes(1 << 20))
        self.ok(*self.create("a", disk, "--restart", "never"))
        write_lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        with open(disk, "r+b") as file:
            for _ in range(5):
                self.ok("vm", "start", "a")
                self.counts("a")
                self.assertRaises(OSError, fcntl.fcntl, file, fcntl.F_OFD_SETLK, write_lock)
                os.kill(self.get("a")["pid"], signal.SIGKILL)
                self.assertTrue(wait_for(lambda: self.get("a")["state"] == "CRASHED"))
                fcntl.fcntl(file, fcntl.F_OFD_SETLK, write_lock)
                fcntl.fcntl(file, fcntl.F_OFD_SETLK,
                            struct.pack("hhqqi4x", fcntl.F_UNLCK, os.SEEK_SET, 0, 0, 0))

    def test_a_manifest_states_it(self):
        self.image("a.img", size=["1M"])
        self.write("vm.yaml", f"""apiVersion: emud.dev/v1
kind: Vm
metadata: {{name: a}}
spec:
  machine: {{arch: riscv64, memoryMib: 64}}
  boot: {{firmware: {COUNTER}}}
  disks: [{{path: a.img, format: QCOW2, cache: DIRECTSYNC, readonly: true}}]
""")
        self.ok("vm", "create", "-f", self.path("vm.yaml"), "--start")
        spec = self.get("a")["spec"]["disks"][0]
        self.assertEqual((spec["format"], spec["cache"]), ("QCOW2", "DIRECTSYNC"))
        self.counts("a")


if __name__ == "__main__":
    main()
