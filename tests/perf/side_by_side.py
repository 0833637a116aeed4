"""What measurements of programs in a guest share: arguments, turns with QEMU, tables of medians."""
import argparse
import os
import re
import statistics
import sys

from architectures import ARCHITECTURES
from emulators import Run

HERE = os.path.dirname(os.path.abspath(__file__))
for shared in (("tests", "boot"), ("daemon", "image_builder")):
    sys.path.insert(0, os.path.join(HERE, "..", "..", *shared))
import disk_guest  # noqa: E402


def argument_parser(description, programs):
    """`programs`: the flag for the image that has what is run in the guest."""
    parser = argparse.ArgumentParser(description=description,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--emu-vm", required=True)
    parser.add_argument("--guest", required=True, help="what deploy/fetch-disk-guest printed")
    parser.add_argument(programs, required=True,
                        help="root.img in what deploy/fetch-programs printed")
    parser.add_argument("--arch", default="riscv64", choices=ARCHITECTURES)
    parser.add_argument("--qemu", default="")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out")
    return parser


def build_initramfs(options, script, folder):
    """Of a guest that starts with `script`, a path from here."""
    path = os.path.join(folder, "initramfs")
    with open(os.path.join(HERE, script), encoding="utf-8") as start:
        disk_guest.build_initramfs(options.guest, path, start.read())
    return path


def boot(emulator, options, initramfs, append, disks, **more):
    """What the guest's script says."""
    command = emulator.command(os.path.join(options.guest, "linux"), initramfs,
                               f"{emulator.command_line()} {append}", disks, **more)
    run = Run(emulator, command)
    run.wait_for("^EMU-DONE")
    run.finish()
    if failed := re.findall(r"^EMU-FAILED (\S+)", run.output, re.MULTILINE):
        sys.exit(f"{emulator.name}: {failed} failed:\n{run.output[-3000:]}")
    return run.output


def take_turns(emulators, measure):
    """measure(emulator) returns what the guest has said. QEMU's processors become like ours."""
    for emulator in emulators:
        isa = re.search(r"^EMU-ISA (.*)$", measure(emulator), re.M)
        if emulator is emulators[0]:
            for peer in emulators[1:]:
                peer.match(isa[1] if isa else "")


def say(round_number, *words):
    print(f"round {round_number + 1}:", *words, file=sys.stderr, flush=True)


def add_medians(table, title, names, results, divisor=1):
    """`results`: figures by emulator's name and job. The ratio is ours to the best of the others."""
    table.head(title, *names, *(["ratio"] if len(names) > 1 else []))
    for job in results[names[0]]:
        medians = [statistics.median(results[name][job]) for name in names]
        cells = [f"{median / divisor:.0f}" for median in medians]
        if len(names) > 1:
            cells.append(f"{medians[0] / max(1, *medians[1:]):.2f}")
        table.row(job, *cells)
    table.add()


def write(table, path):
    if path:
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(table.lines) + "\n")
