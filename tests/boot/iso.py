"""Writes ISOs that EFI firmware boots: GRUB in a FAT partition, its menu, kernel and initrd beside it."""
import os
import shutil
import subprocess
import tempfile

ESP_BYTES = 8 << 20


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def write_installer_iso(guest, debian_arch, boot_file, path):
    """Debian's installer as its own menu finds it. `guest` is what deploy/fetch-guest printed,
    `boot_file` the name that firmware looks for in /EFI/BOOT."""
    with tempfile.TemporaryDirectory() as folder:
        tree = os.path.join(folder, "tree")
        installer = os.path.join(tree, "debian-installer", debian_arch)
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
        run("mcopy", "-i", esp, os.path.join(guest, "grub.efi"), f"::/EFI/BOOT/{boot_file}")
        run("xorriso", "-as", "mkisofs", "-quiet", "-o", path, "-J", "-r",
            "-append_partition", "2", "0xef", esp,
            "-e", "--interval:appended_partition_2:all::", "-no-emul-boot", tree)
