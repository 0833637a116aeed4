"""EDK2 in the flash: its shell, and an ISO through GRUB to Debian's installer."""
import dataclasses
import os
import shutil
import subprocess
import tempfile
import unittest

import harness
from disk_guest import build_initramfs
from iso import EFI_NAMES, write_iso

ENTER, ESCAPE = "\r", "\x1b"
# In GRUB's editor of a menu's entry.
DOWN, END_OF_LINE, BOOT = "\x0e", "\x05", "\x18"

# Debian's installer runs on each console, where one's main menu may die of the moment in which the
# other's udpkg has renamed /var/lib/dpkg/status. A word `auto` makes reopen-console take one only.
ONE_CONSOLE = " one.console=auto"

# Of a system that is not told of a console.
MENU = """set timeout=0
linux /debian-installer/{0}/linux
initrd /debian-installer/{0}/initrd.gz
boot
"""


@dataclasses.dataclass(frozen=True)
class Description:
    """What Linux says where firmware has told it of the machine."""
    filter: str  # of the kernel's log
    log: tuple
    interrupts: tuple


DESCRIPTIONS = {
    "riscv64": Description("grep -e efi: -e DMI: -e SBI -e smp: -e 'Machine model'",
                           ("EFI v2.", "DMI: EMU virt", "SBI implementation ID=0x1 ",
                            "Machine model: riscv-virtio,emu", "Brought up 1 node, 2 CPUs"),
                           ("ttyS0", "virtio")),
    "aarch64": Description("grep -e ACPI -e DMI: -e smp:",
                           ("Interpreter enabled", "Using GIC for interrupt routing",
                            "PCI Root Bridge", "button: Power Button", "DMI: EMU virt",
                            "Brought up 1 node, 2 CPUs"),
                           ("uart-pl011", "ACPI:Event")),
}


class Edk2Test(harness.BootTest):
    @classmethod
    def setUpClass(cls):
        cls.flash = os.path.join(harness.fetch("fetch-edk2", harness.ARCH.name), "code.fd")
        cls.guest = harness.fetch("fetch-guest", harness.ARCH.name)
        cls.grub = os.path.join(harness.fetch("fetch-grub", harness.ARCH.name), "grub.efi")
        cls.names = EFI_NAMES[harness.ARCH.name]

    def start_shell(self, *flags):
        guest = self.start("--memory", "512M", "--flash", self.flash, *flags,
                           prompt=r"Shell> ")
        guest.wait_for("any other key to continue", harness.BOOT_SECONDS)
        guest.press(ESCAPE)
        guest.wait_for_prompt()
        return guest

    def assert_shuts_down(self, guest):
        guest.wait_for_prompt()
        guest.press("reset -s" + ENTER)
        self.assertEqual(guest.exit_code(), 0, guest.output[-2000:])

    def test_its_shell(self):
        for cpus in ("1", "4"):
            with self.subTest(cpus=cpus):
                guest = self.start_shell("--cpus", cpus)
                guest.press("ver" + ENTER)
                guest.wait_for(r"UEFI v2\.\d+")
                self.assert_shuts_down(guest)

    def test_its_variables_are_there_at_the_next_start(self):
        with tempfile.TemporaryDirectory() as folder:
            variables = os.path.join(folder, "variables")
            guest = self.start_shell("--variables", variables)
            guest.press("set greeting well-kept" + ENTER)
            self.assert_shuts_down(guest)
            guest = self.start_shell("--variables", variables)
            guest.press("echo is %greeting%" + ENTER)
            guest.wait_for("is well-kept")
            self.assert_shuts_down(guest)

    def test_an_iso_through_grub_to_the_installer(self):
        with tempfile.TemporaryDirectory() as folder:
            iso = os.path.join(folder, "iso")
            write_iso(self.guest, self.grub, self.names, iso)
            guest = self.start("--memory", "1G", "--flash", self.flash,
                               "--disk", iso + ",readonly")
            guest.wait_for("GNU GRUB", harness.BOOT_SECONDS)
            self.choose_to_install(guest)

    @unittest.skipUnless(harness.ARCH.name == "aarch64", "one is enough")
    def test_an_iso_on_a_scsi_cd(self):
        with tempfile.TemporaryDirectory() as folder:
            iso = os.path.join(folder, "iso")
            write_iso(self.guest, self.grub, self.names, iso)
            guest = self.start("--memory", "1G", "--flash", self.flash, "--cdrom", iso)
            guest.wait_for("GNU GRUB", harness.BOOT_SECONDS)
            self.choose_to_install(guest)

    def serve_installer(self, folder):
        """The flag for a network that has it, and GRUB's own path of its folder there."""
        path = f"debian-installer/{self.names.debian}"
        shutil.copytree(self.guest, os.path.join(folder, path))
        subprocess.run(["chmod", "-R", "a+rX", folder], check=True)
        return f"user,tftp={folder},bootfile={path}/grub.efi", f"(tftp,10.0.2.2)/{path}"

    def choose_to_install(self, guest):
        guest.wait_for("Install", harness.BOOT_SECONDS)
        guest.press("e")
        guest.wait_for("initrd")
        guest.press(3 * DOWN + END_OF_LINE + ONE_CONSOLE + BOOT)
        guest.wait_for("Choose the language", harness.BOOT_SECONDS)

    def test_the_installer_from_the_network(self):
        with tempfile.TemporaryDirectory() as folder:
            network, _ = self.serve_installer(folder)
            guest = self.start("--memory", "1G", "--flash", self.flash, "--net", network)
            guest.wait_for("GNU GRUB", harness.BOOT_SECONDS)
            self.choose_to_install(guest)

    @unittest.skipUnless(harness.ARCH.name == "riscv64", "Arm's reads CDs")
    def test_an_iso_whose_grub_reads_the_network_only(self):
        with tempfile.TemporaryDirectory() as folder:
            iso = os.path.join(folder, "iso")
            write_iso(self.guest, os.path.join(self.guest, "grub.efi"), self.names, iso)
            network, there = self.serve_installer(os.path.join(folder, "served"))
            guest = self.start("--memory", "1G", "--flash", self.flash, "--net", network,
                               "--disk", iso + ",readonly", prompt="grub> ")
            guest.wait_for("GNU GRUB", harness.BOOT_SECONDS)
            guest.wait_for_prompt()
            for command in ("net_bootp", f"set prefix={there}/grub", "set root=tftp,10.0.2.2",
                            "configfile $prefix/grub.cfg"):
                guest.press(command + ENTER)
            self.choose_to_install(guest)

    def boot_as_firmware_tells(self, messages, *flags):
        files = harness.fetch("fetch-disk-guest", harness.ARCH.name)
        with tempfile.TemporaryDirectory() as folder:
            source = os.path.join(folder, "source")
            os.makedirs(os.path.join(source, "grub"))
            shutil.copy(os.path.join(files, "linux"), source)
            build_initramfs(files, os.path.join(source, "initrd.gz"))
            with open(os.path.join(source, "grub", "grub.cfg"), "w") as menu:
                menu.write(MENU.format(self.names.debian))
            iso, disk = os.path.join(folder, "iso"), os.path.join(folder, "disk")
            write_iso(source, self.grub, self.names, iso)
            with open(disk, "wb") as file:
                file.truncate(1 << 20)
            guest = self.start("--memory", "512M", "--cpus", "2", "--flash", self.flash,
                               "--disk", iso + ",readonly", "--disk", disk + ",bus=pci", *flags)
            guest.wait_for_prompt()
            says = DESCRIPTIONS[harness.ARCH.name]
            log = guest.run(f"dmesg | {says.filter}")
            for words in says.log:
                self.assertIn(words, log)
            self.assertNotRegex(log, "(?i)(acpi|efi).*(error|warning|bug)")
            interrupts = guest.run("cat /proc/interrupts")
            for words in (*says.interrupts, messages):
                self.assertIn(words, interrupts)
            self.assertIn("vdb", guest.run("ls /sys/block"))
            self.assert_powers_off(guest)

    def test_linux_finds_the_machine_as_firmware_tells_it(self):
        self.boot_as_firmware_tells(harness.ARCH.pci_interrupts)

    @unittest.skipUnless(harness.ARCH.name == "aarch64", "Arm's")
    def test_linux_finds_the_older_gic_by_acpi(self):
        self.boot_as_firmware_tells("GICv2m-PCI-MSIX", "--gic-version", "2")


if __name__ == "__main__":
    harness.main()
