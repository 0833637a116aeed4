"""Debian's kernel in each form that a kernel comes in."""
import gzip
import os
import tempfile

import harness


class KernelFormTest(harness.BootTest):
    @classmethod
    def setUpClass(cls):
        with open(os.path.join(harness.fetch("fetch-guest"), "linux"), "rb") as file:
            cls.kernel = file.read()

    def boot(self, content):
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            guest = self.start("--kernel", file.name, "--append", "console=ttyS0 earlycon=sbi",
                               "--memory", "512M")
            guest.wait_for("Linux version .*riscv64", harness.BOOT_SECONDS)

    def test_an_image_with_an_efi_stub(self):
        self.assertEqual(self.kernel[:2], b"MZ")
        self.boot(self.kernel)

    def test_a_plain_image(self):
        self.boot(b"\x01\x00" + self.kernel[2:])  # c.nop where the stub has its name, also an instruction

    def test_a_gzipped_image(self):
        self.boot(gzip.compress(self.kernel, 1))


if __name__ == "__main__":
    harness.main()
