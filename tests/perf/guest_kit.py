"""Builds what the measured guests boot: programs, initramfs, firmware."""
import glob
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "daemon", "image_builder"))
from initramfs import Initramfs  # noqa: E402: the archive writer of the image builder

# In the order of the table.
GROUPS = ("int", "fp", "simd", "mem", "branch", "sys", "jit")


def run(*command):
    subprocess.run(command, check=True)


def build_programs(arch, folder):
    """The path of each program. No contraction: it would make CHECK values the compiler's choice."""
    paths = {}
    for name in GROUPS:
        paths[name] = os.path.join(folder, name)
        run(f"{arch.triple}-gcc", "-std=gnu11", "-O3" if name == "simd" else "-O2",
            *arch.compiler_flags, "-ffp-contract=off", "-Wall", "-Wextra", "-Werror", "-static", "-s",
            "-o", paths[name], os.path.join(HERE, "programs", name + ".c"), "-lm")
    return paths


def build_initramfs(arch, guest, folder):
    archive = Initramfs()
    for name in ("bin", "proc", "sys", "tmp", "perf"):
        archive.add_directory(name)
    archive.add_console()

    def add(name, path):
        with open(path, "rb") as file:
            archive.add_file(name, file.read())

    add("init", os.path.join(HERE, "init.sh"))
    add("bin/busybox", os.path.join(guest, "busybox"))
    for name, path in build_programs(arch, folder).items():
        add(f"perf/{name}", path)
    path = os.path.join(folder, "initramfs")
    archive.write(path)
    return path


def build_first_instruction(arch, folder):
    path = os.path.join(folder, "first-instruction")
    run(f"{arch.triple}-as", "-o", path + ".o",
        os.path.join(HERE, f"first_instruction_{arch.name}.s"))
    run(f"{arch.triple}-objcopy", "-O", "binary", path + ".o", path)
    return path
