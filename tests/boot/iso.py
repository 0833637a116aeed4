"""Writes ISOs that EFI firmware boots: GRUB in a FAT partition, its menu, kernel and initrd beside it."""
import dataclasses
import os
import shutil
import subprocess
import tempfile

ESP_BYTES = 8 << 20


@dataclasses.dataclass(frozen=True)
class EfiNames:
    """What an architecture is called on EFI machines' CDs."""
    debian: str
    boot_file: str  # that firmware looks for in /EFI/BOOT


EFI_NAMES = {"riscv64": EfiNames("riscv64", "BOOTRISCV64.EFI"),
             "aarch64": EfiNames("arm64", "BOOTAA64.EFI")}


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def write_iso(guest, grub, efi, path):
    """Debian's installer as its own menu finds it, or what lies in a folder like it. `guest` is what
    deploy/fetch-guest printed, `grub` GRUB's file."""
    with tempfile.TemporaryDirectory() as folder:
        tree = os.path.join(folder, "tree")
        installer = os.path.join(tree, "debian-installer", efi.debian)
        shutil.copytree(os.path.join(guest, "grub"), os.path.join(installer, "grub"))
        # Where GRUB's first menu looks for the second.
        os.makedirs(os.path.join(tree, "boot", "grub"))
        shutil.copy(os.path.join(guest, "grub", "grub.cfg"), os.path.join(tree, "boot", "grub"))
        for name in ("linux", "initrd.gz"):
            shutil.copy(os.path.join(guest, name), installer)
        esp = os.path.join(folder, "esp")
        with open(esp, "wb") as file:
            file.truncate(ESP_BYTES)
        run("mformat", "-i", esp, "::")
        run("mmd", "-i", esp, "::/EFI", "::/EFI/BOOT")
        run("mcopy", "-i", esp, grub, f"::/EFI/BOOT/{efi.boot_file}")
        run("xorriso", "-as", "mkisofs", "-quiet", "-o", path, "-J", "-r",
            "-append_partition", "2", "0xef", esp,
            "-e", "--interval:appended_partition_2:all::", "-no-emul-boot", tree)


def write_files(files, path, label):
    """Without anything to boot; contents by name."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            with open(os.path.join(folder, name), "wb") as file:
                file.write(content)
        run("xorriso", "-as", "mkisofs", "-quiet", "-o", path, "-V", label, "-J", "-r", folder)


def write_seed(files, path):
    """What cloud-init looks for (NoCloud), texts by name."""
    write_files({name: text.encode() for name, text in files.items()}, path, "CIDATA")
