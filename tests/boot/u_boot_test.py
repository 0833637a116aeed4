"""U-Boot from reset; on riscv64 also as the payload of OpenSBI."""
import os
import unittest

import harness
from harness import ARCH

BOARDS = {"riscv64": "qemu-riscv64", "aarch64": "qemu_arm64"}


class UBootTest(harness.BootTest):
    @classmethod
    def setUpClass(cls):
        cls.folder = harness.fetch("fetch-u-boot")

    def use(self, *flags):
        guest = self.start("--memory", "256M", *flags, prompt=harness.U_BOOT_PROMPT)
        guest.wait_for("Hit any key to stop autoboot", harness.BOOT_SECONDS)
        guest.type("")
        guest.wait_for_prompt()
        self.assertRegex(guest.run("version"), r"U-Boot \d+\.\d+")
        bdinfo = guest.run("bdinfo")
        self.assertRegex(bdinfo, rf"(?m)^-> start\s*= 0x0*{ARCH.memory_start:x}")
        self.assertRegex(bdinfo, r"(?m)^-> size\s*= 0x0*10000000")
        self.assert_powers_off(guest, "poweroff")
        return guest

    def test_from_reset(self):
        self.use("--firmware", os.path.join(self.folder, BOARDS[ARCH.name], "u-boot.bin"))

    @unittest.skipUnless(ARCH.firmware_says == "OpenSBI", "no OpenSBI")
    def test_in_supervisor_mode_on_opensbi(self):
        guest = self.use("--kernel", os.path.join(self.folder, "qemu-riscv64_smode", "uboot.elf"))
        self.assertIn("OpenSBI", guest.output)

    @unittest.skipUnless(ARCH.firmware_says == "OpenSBI", "no OpenSBI")
    def test_with_four_harts(self):
        self.use("--cpus", "4", "--kernel",
                 os.path.join(self.folder, "qemu-riscv64_smode", "uboot.elf"))


if __name__ == "__main__":
    harness.main()
