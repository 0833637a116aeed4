"""What guests with disks start from: an initramfs out of what deploy/fetch-disk-guest printed."""
import os

from initramfs import Initramfs

# What disk_guest_init.sh does at last.
SHELL = "exec setsid cttyhack sh"
SYSTEM = "mount_system; start_system"
# Drivers for CDs, and the drive; what /init has loaded already says so.
LOAD_CD_MODULES = ("for m in $(cat /modules-cd/order); do insmod /modules-cd/$m; done; "
                   "while [ ! -b /dev/sr0 ]; do sleep 0.1; done")


def cd_modules(folder):
    """What LOAD_CD_MODULES loads, as files of an initramfs."""
    modules = {}
    for name in os.listdir(f"{folder}/modules-cd"):
        with open(f"{folder}/modules-cd/{name}", "rb") as file:
            modules[f"modules-cd/{name}"] = file.read()
    return modules


def build_initramfs(folder, path, start=SHELL, files=None):
    """`files`: more of them, contents by name."""
    archive = Initramfs()
    names = [f"modules/{name}" for name in os.listdir(f"{folder}/modules")]
    others = {"start": start.encode(), **(files or {})}
    folders = {os.path.dirname(name) for name in others if "/" in name}
    for name in ("bin", "proc", "sys", "mnt", "modules", *folders):
        archive.add_directory(name)
    archive.add_console()
    with open(os.path.join(os.path.dirname(__file__), "disk_guest_init.sh"), "rb") as init:
        archive.add_file("init", init.read())
    with open(f"{folder}/busybox", "rb") as busybox:
        archive.add_file("bin/busybox", busybox.read())
    for name in names:
        with open(f"{folder}/{name}", "rb") as module:
            archive.add_file(name, module.read(), 0o644)
    for name, content in others.items():
        archive.add_file(name, content)
    archive.write(path)
