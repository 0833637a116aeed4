"""Measures user networking beside QEMU's: iperf3 in a guest, its server on the host, both directions.

  network_speed.py --emu-vm PROGRAM --guest FOLDER --iperf IMAGE [--qemu PROGRAM] [--seconds 3]
                   [--rounds 3] [--out F]

The two take turns; figures are medians over the rounds. Usually called by deploy/perf-networks, which
builds and fetches what it needs. Runs in namespaces of its own: the server's address is neither loopback,
which our guests do not reach, nor of another machine.
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
for folder in (("tests", "boot"), ("daemon", "image_builder")):
    sys.path.insert(0, os.path.join(HERE, "..", "..", *folder))
import disk_guest  # noqa: E402
import own_network  # noqa: E402

# By name, iperf3's flags with + between them.
JOBS = {"send": "", "receive": "--reverse", "send-4-streams": "--parallel+4",
        "receive-4-streams": "--parallel+4+--reverse"}
SERVER = "192.0.2.1"


def boot(emulator, options, initramfs, results):
    """Adds what each job reaches to `results`: bits each second."""
    jobs = ",".join(f"{name}:{flags}" for name, flags in JOBS.items())
    append = f"{emulator.command_line()} jobs={jobs} seconds={options.seconds} server={SERVER}"
    run = Run(emulator, emulator.command(os.path.join(options.guest, "linux"), initramfs, append,
                                         [Disk(options.iperf, readonly=True)], has_network=True))
    run.wait_for("^EMU-DONE")
    run.finish()
    if failed := re.findall(r"^EMU-FAILED (\S+)", run.output, re.MULTILINE):
        sys.exit(f"{emulator.name}: {failed} failed:\n{run.output[-3000:]}")
    for name, rate in re.findall(r"^EMU-IPERF ([^:]+):\S* (\S+)$", run.output, re.M):
        results.setdefault(name, []).append(float(rate))
    isa = re.search(r"^EMU-ISA (.*)$", run.output, re.M)
    return isa[1] if isa else ""


def measure(options, folder):
    initramfs = os.path.join(folder, "initramfs")
    with open(os.path.join(HERE, "networks", "iperf.sh"), encoding="utf-8") as start:
        disk_guest.build_initramfs(options.guest, initramfs, start.read())
    arch = ARCHITECTURES[options.arch]
    emulators = [EmuVm("emu-vm", arch, options.emu_vm), *Qemu.all_of(arch, options.qemu)]
    results = {emulator.name: {} for emulator in emulators}
    for round_number in range(options.rounds):
        for emulator in emulators:
            found = results[emulator.name]
            isa = boot(emulator, options, initramfs, found)
            print(f"round {round_number + 1}: {emulator.name}:",
                  {job: f"{rates[-1] / 1e6:.0f}" for job, rates in found.items()},
                  file=sys.stderr, flush=True)
            if emulator is emulators[0]:
                for peer in emulators[1:]:
                    peer.match(isa)
    return report([emulator.name for emulator in emulators], results)


def report(names, results):
    table = Table()
    table.head("TCP, Mbit/s", *names, *(["ratio"] if len(names) > 1 else []))
    for job in JOBS:
        medians = [statistics.median(results[name][job]) for name in names]
        cells = [f"{median / 1e6:.0f}" for median in medians]
        if len(names) > 1:
            cells.append(f"{medians[0] / max(medians[1:]):.2f}")
        table.row(job, *cells)
    table.add()
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--emu-vm", required=True)
    parser.add_argument("--guest", required=True, help="what deploy/fetch-disk-guest printed")
    parser.add_argument("--iperf", required=True, help="root.img in what deploy/fetch-programs printed")
    parser.add_argument("--arch", default="riscv64", choices=ARCHITECTURES)
    parser.add_argument("--qemu", default="")
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out")
    options = parser.parse_args()
    own_network.give_addresses(SERVER)
    with subprocess.Popen(["iperf3", "--server", "--bind", SERVER],
                          stdout=subprocess.DEVNULL) as server:
        try:
            with tempfile.TemporaryDirectory() as folder:
                table = measure(options, folder)
        finally:
            server.kill()
    if options.out:
        with open(options.out, "w", encoding="utf-8") as file:
            file.write("\n".join(table.lines) + "\n")


if __name__ == "__main__":
    own_network.enter_namespaces()
    main()
