"""Measures virtio-blk disks beside QEMU's: fio in a guest, direct I/O, sequential and random.

  disk_speed.py --emu-vm PROGRAM --guest FOLDER --fio IMAGE [--qemu PROGRAM] [--formats raw,qcow2]
                [--cache writeback] [--jobs randread:4k:32,...] [--seconds 2] [--rounds 3] [--out F]

The two take turns on the same image, whose clusters all have data; figures are medians over the
rounds. Usually called by deploy/perf-disks, which builds and fetches what it needs.
"""
import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile

from architectures import ARCHITECTURES
from emulators import Disk, EmuVm, Qemu, Run
from table import Table

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "daemon", "image_builder"))
import disk_guest  # noqa: E402

JOBS = [f"{pattern}:{block}:{depth}" for depth in (1, 32)
        for pattern, block in (("read", "128k"), ("write", "128k"),
                               ("randread", "4k"), ("randwrite", "4k"))]
IMAGE_MIB = 512


def make_images(formats, folder):
    """By format, full of bytes that have no pattern."""
    raw = os.path.join(folder, "raw")
    with open(raw, "wb") as file:
        for _ in range(IMAGE_MIB):
            file.write(os.urandom(1 << 20))
    images = {"raw": raw}
    if "qcow2" in formats:
        images["qcow2"] = os.path.join(folder, "qcow2")
        subprocess.run(["qemu-img", "convert", "-O", "qcow2", raw, images["qcow2"]], check=True)
    subprocess.run(["sync"], check=True)
    return {name: images[name] for name in formats}


def boot(emulator, options, initramfs, jobs, image, results):
    """Adds what each job reaches to `results`: requests each second."""
    append = f"{emulator.command_line()} jobs={','.join(jobs)} seconds={options.seconds}"
    disks = [Disk(options.fio, readonly=True), Disk(image[1], image[0], options.cache)]
    command = emulator.command(os.path.join(options.guest, "linux"), initramfs, append, disks)
    run = Run(emulator, command)
    run.wait_for("^EMU-DONE")
    run.finish()
    if failed := re.findall(r"^EMU-FAILED (\S+)", run.output, re.MULTILINE):
        sys.exit(f"{emulator.name}: {failed} failed:\n{run.output[-3000:]}")
    for job, *fields in re.findall(r"^EMU-FIO (\S+) (\d+) (\d+) (\d+) (\d+)$", run.output, re.M):
        _, reads, _, writes = map(int, fields)
        results.setdefault(job, []).append(reads + writes)
    isa = re.search(r"^EMU-ISA (.*)$", run.output, re.M)
    return isa[1] if isa else ""


def measure(options, folder):
    initramfs = os.path.join(folder, "initramfs")
    with open(os.path.join(HERE, "disks", "fio.sh"), encoding="utf-8") as start:
        disk_guest.build_initramfs(options.guest, initramfs, start.read())
    arch = ARCHITECTURES[options.arch]
    emulators = [EmuVm("emu-vm", arch, options.emu_vm, options.emu_vm_flag)]
    emulators += Qemu.all_of(arch, options.qemu)
    results = {}  # by format and emulator's name
    images = make_images(options.formats.split(","), folder)
    for round_number in range(options.rounds):
        for image in images.items():
            for emulator in emulators:
                found = results.setdefault((image[0], emulator.name), {})
                isa = boot(emulator, options, initramfs, options.jobs, image, found)
                print(f"round {round_number + 1}: {image[0]} {emulator.name}:",
                      {job: rates[-1] for job, rates in found.items()}, file=sys.stderr, flush=True)
                if emulator is emulators[0]:
                    for peer in emulators[1:]:
                        peer.match(isa)
    return report(options, list(images), [emulator.name for emulator in emulators], results)


def report(options, formats, names, results):
    table = Table()
    for image in formats:
        table.head(f"{image}, cache={options.cache}, requests/s", *names,
                   *(["ratio"] if len(names) > 1 else []))
        for job in options.jobs:
            medians = [statistics.median(results[image, name][job]) for name in names]
            cells = [f"{median:.0f}" for median in medians]
            if len(names) > 1:
                cells.append(f"{medians[0] / max(1, *medians[1:]):.2f}")
            table.row(job, *cells)
        table.add()
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--emu-vm", required=True)
    parser.add_argument("--guest", required=True, help="what deploy/fetch-disk-guest printed")
    parser.add_argument("--fio", required=True, help="root.img in what deploy/fetch-programs printed")
    parser.add_argument("--arch", default="riscv64", choices=ARCHITECTURES)
    parser.add_argument("--qemu", default="")
    parser.add_argument("--emu-vm-flag", action="append", default=[])
    parser.add_argument("--formats", default="raw,qcow2")
    parser.add_argument("--cache", default="writeback")
    parser.add_argument("--jobs", type=lambda text: text.split(","), default=JOBS)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.environ.get("EMU_PERF_TMP")) as folder:
        table = measure(options, folder)
    if options.out:
        with open(options.out, "w", encoding="utf-8") as file:
            file.write("\n".join(table.lines) + "\n")


if __name__ == "__main__":
    main()
