"""Debian's programs that check themselves, in a guest with two processors."""
import os
import subprocess
import tempfile
import unittest

import harness
from disk_guest import build_initramfs

PROGRAM_SECONDS = 3600
ENVIRONMENT = "PATH=/usr/bin:/usr/sbin HOME=/tmp TMPDIR=/tmp LANG=C.UTF-8"
# About arithmetic, text, data structures, libraries in C, and threads.
PYTHON_TESTS = """array ast base64 binascii bisect bool bytes bz2 calendar cmath codecs collections
    complex copy csv ctypes datetime decimal dict enum float fractions functools generators hashlib
    heapq int itertools json list long lzma math memoryview operator pickle queue random range
    re set sort statistics string struct thread threading time tuple zlib""".split()
SOURCE = r"""
#include <math.h>
#include <stdio.h>
int main(void) {
  double sum = 0;
  for (int i = 1; i < 1000000; i++) sum += sin(i) / i;
  printf("sum %.12f\n", sum);
}
"""


@unittest.skipUnless(harness.LONG, "EMU_TEST_LONG")
class UserSpaceTest(harness.BootTest):
    @classmethod
    def setUpClass(cls):
        cls.linux = harness.fetch("fetch-disk-guest", harness.ARCH.name)
        cls.userland = harness.fetch("fetch-userland", harness.ARCH.name)
        cls.work = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.work.cleanup)
        cls.initramfs = os.path.join(cls.work.name, "initramfs")
        build_initramfs(cls.linux, cls.initramfs)

    def setUp(self):
        # A copy, for tests that write where they lie.
        root = os.path.join(self.work.name, "root.img")
        subprocess.run(["cp", "--sparse=always", f"{self.userland}/root.img", root], check=True)
        self.addCleanup(os.remove, root)
        self.guest = self.start("--memory", "2G", "--cpus", "2", "--kernel", f"{self.linux}/linux",
                                "--initrd", self.initramfs, "--append",
                                f"console={harness.ARCH.console} quiet",
                                "--disk", root)
        self.guest.wait_for_prompt()
        self.guest.run("mount -t ext4 /dev/vda /mnt && mount -t tmpfs tmpfs /mnt/tmp")
        self.guest.run("for d in dev proc sys; do mount --bind /$d /mnt/$d; done")

    def run_program(self, command):
        """What `command` says, with its exit code as the last line."""
        self.guest.type(f"chroot /mnt /usr/bin/env -i {ENVIRONMENT} {command}; echo code=$?")
        return self.guest.wait_for(r"((?:.|\n)*)\ncode=\d+", PROGRAM_SECONDS).group(0)

    def assert_passes(self, command):
        said = self.run_program(command)
        self.assertTrue(said.endswith("code=0"), said[-4000:])
        return said

    def test_gcc_compiles_a_program_that_runs(self):
        self.guest.type("cat > /mnt/tmp/a.c << END" + SOURCE + "END")
        self.guest.wait_for_prompt()
        self.assert_passes("gcc -O2 -o /tmp/a /tmp/a.c -lm")
        self.assertIn("sum 1.070795644435", self.assert_passes("/tmp/a"))

    def test_openssl_checks_itself(self):
        for algorithm in ("-evp aes-128-cbc", "sha256", "-evp chacha20-poly1305", "ecdsap256"):
            self.assert_passes(f"openssl speed -seconds 1 {algorithm}")

    def test_python_passes_its_tests(self):
        names = " ".join(f"test_{name}" for name in PYTHON_TESTS)
        self.assertIn("Result: SUCCESS", self.assert_passes(f"python3 -m test {names}"))

    def test_stress_ng_verifies(self):
        for stressors in ("--cpu 2 --cpu-method all", "--vecmath 1 --vecwide 1 --vecfp 1 --vecshuf 1",
                          "--vm 1 --vm-bytes 64M --atomic 2 --mutex 2 --futex 2",
                          "--fp 1 --matrix 1 --memcpy 1 --qsort 1 --crypt 1 --switch 1"):
            self.assert_passes(f"stress-ng --temp-path /tmp {stressors} --verify -t 30")


if __name__ == "__main__":
    harness.main()
