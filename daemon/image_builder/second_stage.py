"""Installs packages on a disk, in a guest of their own architecture, with their own dpkg.

  second_stage.py EMU_VM ARCH CONSOLE LINUX PACKAGES TREE FINISH DISK

LINUX: what deploy/fetch-disk-guest makes, a folder with the kernel and the rest of a small Linux.
PACKAGES: a folder of packages with a list `essential` of those that are unpacked before any is installed.
TREE: files that are there before. FINISH: a script that is run in the new system at last.
DISK: has an empty ext4 file system with the label `root`.
"""
import os
import re
import shutil
import sys
import tempfile

import archives
import children
import disk_guest
import guest

HERE = os.path.dirname(os.path.realpath(__file__))
ESSENTIAL = "essential"  # the list's name
DONE = "second stage: done"
STEP = re.compile(r"(?:Unpacking|Setting up) \S+ ")


def make_packages_disk(packages, essential, tree, finish, path, report=lambda percent: None):
    """What the guest finds beside the disk that it installs on."""
    with tempfile.TemporaryDirectory(dir=os.path.dirname(path)) as folder:
        for index, package in enumerate(packages):
            archives.write_stored(package, os.path.join(folder, os.path.basename(package)))
            report(100 * index / len(packages))
        with open(os.path.join(folder, ESSENTIAL), "w") as file:
            # The one with the links that make /bin a part of /usr first.
            file.writelines(name + "\n" for name in
                            sorted(essential, key=lambda name: (not name.startswith("base-files_"), name)))
        shutil.copytree(tree, os.path.join(folder, "tree"), symlinks=True)
        shutil.copy(finish, os.path.join(folder, "finish"))
        shutil.copy(os.path.join(HERE, "second_stage.sh"), folder)
        size = sum(os.path.getsize(os.path.join(parent, name))
                   for parent, _, names in os.walk(folder) for name in names)
        mib = (size >> 20) * 21 // 20 + 16
        children.run("/usr/sbin/mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-m", "0", "-L",
                     "packages", "-d", folder, path, f"{mib}M")


def install(emu_vm, arch, linux, disk, packages_disk, work, *flags, console, count,
            report=lambda percent: None):
    """`linux`: a folder with `linux`, `busybox` and `modules/`. `count`: of packages. `flags`: more of
    emu-vm's."""
    initramfs = os.path.join(work, "initramfs")
    with open(os.path.join(HERE, "first_stage.sh")) as start:
        disk_guest.build_initramfs(linux, initramfs, start.read())
    steps = 0

    def take_line(line):
        nonlocal steps
        if STEP.match(line):
            steps += 1
            report(min(99, 100 * steps / (2 * count)))

    tail = guest.run(emu_vm, "--arch", arch, "--memory", "1G", "--kernel", f"{linux}/linux",
                     "--initrd", initramfs, "--append", f"console={console} quiet", "--disk", disk,
                     "--disk", f"{packages_disk},readonly", *flags, take_line=take_line)
    if DONE not in tail:
        raise guest.failure("the packages cannot be installed", tail)


def main():
    emu_vm, arch, console, linux, folder, tree, finish, disk = sys.argv[1:]
    with open(os.path.join(folder, ESSENTIAL)) as file:
        essential = file.read().split()
    packages = [os.path.join(folder, name) for name in sorted(os.listdir(folder))
                if name.endswith(".deb")]
    with tempfile.TemporaryDirectory() as work:
        packages_disk = os.path.join(work, "packages")
        make_packages_disk(packages, essential, tree, finish, packages_disk)
        install(emu_vm, arch, linux, disk, packages_disk, work, console=console,
                count=len(packages))


if __name__ == "__main__":
    try:
        main()
    except (children.ChildError, guest.GuestError) as problem:
        sys.exit(f"second_stage: {problem}")
