"""Measures user networking beside QEMU's: iperf3 in a guest, its server on the host, both directions.

  network_speed.py --emu-vm PROGRAM --guest FOLDER --iperf IMAGE [--qemu PROGRAM] [--seconds 3]
                   [--rounds 3] [--out F]

The two take turns; figures are medians over the rounds. Usually called by deploy/perf-networks, which
builds and fetches what it needs. Runs in namespaces of its own: the server's address is neither loopback,
which our guests do not reach, nor of another machine.
"""
import re
import subprocess
import tempfile

import side_by_side
from architectures import ARCHITECTURES
from emulators import Disk, EmuVm, Qemu
from table import Table

import own_network  # of tests/boot, which side_by_side has made known

# By name, iperf3's flags with + between them.
JOBS = {"send": "", "receive": "--reverse", "send-4-streams": "--parallel+4",
        "receive-4-streams": "--parallel+4+--reverse"}
SERVER = "192.0.2.1"


def boot(emulator, options, initramfs, results):
    """Adds what each job reaches to `results`: bits each second."""
    jobs = ",".join(f"{name}:{flags}" for name, flags in JOBS.items())
    output = side_by_side.boot(emulator, options, initramfs,
                               f"jobs={jobs} seconds={options.seconds} server={SERVER}",
                               [Disk(options.iperf, readonly=True)], has_network=True)
    for name, rate in re.findall(r"^EMU-IPERF ([^:]+):\S* (\S+)$", output, re.M):
        results.setdefault(name, []).append(float(rate))
    return output


def measure(options, folder):
    initramfs = side_by_side.build_initramfs(options, "networks/iperf.sh", folder)
    arch = ARCHITECTURES[options.arch]
    emulators = [EmuVm("emu-vm", arch, options.emu_vm), *Qemu.all_of(arch, options.qemu)]
    results = {emulator.name: {} for emulator in emulators}
    for round_number in range(options.rounds):

        def measure_one(emulator):
            found = results[emulator.name]
            output = boot(emulator, options, initramfs, found)
            side_by_side.say(round_number, f"{emulator.name}:",
                             {job: f"{rates[-1] / 1e6:.0f}" for job, rates in found.items()})
            return output

        side_by_side.take_turns(emulators, measure_one)
    table = Table()
    side_by_side.add_medians(table, "TCP, Mbit/s", list(results), results, divisor=1e6)
    return table


def main():
    parser = side_by_side.argument_parser(__doc__, "--iperf")
    parser.add_argument("--seconds", type=int, default=3)
    options = parser.parse_args()
    own_network.give_addresses(SERVER)
    with subprocess.Popen(["iperf3", "--server", "--bind", SERVER],
                          stdout=subprocess.DEVNULL) as server:
        try:
            with tempfile.TemporaryDirectory() as folder:
                table = measure(options, folder)
        finally:
            server.kill()
    side_by_side.write(table, options.out)


if __name__ == "__main__":
    own_network.enter_namespaces()
    main()
