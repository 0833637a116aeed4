"""Measures virtio-blk disks beside QEMU's: fio in a guest, direct I/O, sequential and random.

  disk_speed.py --emu-vm PROGRAM --guest FOLDER --fio IMAGE [--qemu PROGRAM] [--formats raw,qcow2]
                [--cache writeback] [--jobs randread:4k:32,...] [--seconds 2] [--rounds 3] [--out F]

The two take turns on the same image, whose clusters all have data; figures are medians over the
rounds. Usually called by deploy/perf-disks, which builds and fetches what it needs.
"""
import os
import re
import subprocess
import tempfile

import side_by_side
from architectures import ARCHITECTURES
from emulators import Disk, EmuVm, Qemu
from table import Table

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


def boot(emulator, options, initramfs, image, results):
    """Adds what each job reaches to `results`: requests each second."""
    disks = [Disk(options.fio, readonly=True), Disk(image[1], image[0], options.cache)]
    output = side_by_side.boot(emulator, options, initramfs,
                               f"jobs={','.join(options.jobs)} seconds={options.seconds}", disks)
    for job, *fields in re.findall(r"^EMU-FIO (\S+) (\d+) (\d+) (\d+) (\d+)$", output, re.M):
        _, reads, _, writes = map(int, fields)
        results.setdefault(job, []).append(reads + writes)
    return output


def measure(options, folder):
    initramfs = side_by_side.build_initramfs(options, "disks/fio.sh", folder)
    arch = ARCHITECTURES[options.arch]
    emulators = [EmuVm("emu-vm", arch, options.emu_vm, options.emu_vm_flag)]
    emulators += Qemu.all_of(arch, options.qemu)
    images = make_images(options.formats.split(","), folder)
    results = {name: {emulator.name: {} for emulator in emulators} for name in images}
    for round_number in range(options.rounds):
        for image in images.items():

            def measure_one(emulator):
                found = results[image[0]][emulator.name]
                output = boot(emulator, options, initramfs, image, found)
                side_by_side.say(round_number, f"{image[0]} {emulator.name}:",
                                 {job: rates[-1] for job, rates in found.items()})
                return output

            side_by_side.take_turns(emulators, measure_one)
    table = Table()
    for image, found in results.items():
        side_by_side.add_medians(table, f"{image}, cache={options.cache}, requests/s",
                                 [emulator.name for emulator in emulators], found)
    return table


def main():
    parser = side_by_side.argument_parser(__doc__, "--fio")
    parser.add_argument("--emu-vm-flag", action="append", default=[])
    parser.add_argument("--formats", default="raw,qcow2")
    parser.add_argument("--cache", default="writeback")
    parser.add_argument("--jobs", type=lambda text: text.split(","), default=JOBS)
    parser.add_argument("--seconds", type=float, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.environ.get("EMU_PERF_TMP")) as folder:
        side_by_side.write(measure(options, folder), options.out)


if __name__ == "__main__":
    main()
