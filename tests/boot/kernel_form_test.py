"""Debian's kernel in each form that a kernel comes in."""
import gzip
import os
import tempfile

import harness
from harness import ARCH


class KernelFormTest(harness.BootTest):
    @classmethod
    def setUpClass(cls):
        with open(os.path.join(harness.fetch("fetch-guest", ARCH.name), "linux"), "rb") as file:
            cls.kernel = file.read()

    def boot(self, content):
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            guest = self.start("--kernel", file.name, "--append", f"console={ARCH.console} {ARCH.earlycon}",
                               "--memory", "512M")
            guest.wait_for("Linux version ", harness.BOOT_SECONDS)

    def test_an_image_with_an_efi_stub(self):
        self.assertEqual(self.kernel[:2], b"MZ")
        self.boot(self.kernel)

    def test_a_plain_image(self):
        # A no-op where the stub has its name, which is an instruction, too.
        no_op = {"riscv64": b"\x01\x00", "aarch64": b"\x1f\x20\x03\xd5"}[ARCH.name]
        self.boot(no_op + self.kernel[len(no_op):])

    def test_a_gzipped_image(self):
        self.boot(gzip.compress(self.kernel, 1))


if __name__ == "__main__":
    harness.main()
