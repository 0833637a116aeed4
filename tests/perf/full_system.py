"""Measures a whole system from its image: until it asks who logs in, then compiler, Python, database,
and what OpenSSL says of its own speed.

Both emulators get a fresh copy of the image for each boot. All times are the host's, taken when the
console says that something begins or ends; OpenSSL's rates are by the guest's clock.
"""
import os
import re
import statistics
import subprocess
import sys

import generate_source
from emulators import Disk, EmuVm, Qemu, Run, TranslationCost
from table import Table

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "daemon", "image_builder"))
import disk_guest  # noqa: E402

WORK = ("gcc-O0", "gcc-O2", "python", "sqlite")
# The most that our time may be of QEMU's.
LIMITS = {"login": 0.8, "gcc-O2": 0.6, "python": 0.67, "sqlite": 0.67}
RATES = ("aes-128-cbc", "sha256")
# The least that our rates may be of QEMU's, where a guest has instructions for such work.
LEAST_RATE = {"aarch64": 3}
REPEATS = 2  # in one boot
PROMPT = r"# (\x1b\[[?0-9;]*[a-z])*\Z"
# What /init does: brings the work along, then gives over to the disk's system.
START = """
grep -m1 -e '^isa' -e '^Features' /proc/cpuinfo | sed 's/.*: */EMU-ISA /'
mount_system
mount -t tmpfs -o mode=755 tmpfs /mnt/run
cp -r /perf /mnt/run/perf
start_system
"""


def build_initramfs(guest, folder):
    work = {"perf/source.c": generate_source.generate().encode()}
    for name in ("work.sh", "loops.py", "queries.sql"):
        with open(os.path.join(HERE, "rootfs", name), "rb") as file:
            work[f"perf/{name}"] = file.read()
    path = os.path.join(folder, "initramfs")
    disk_guest.build_initramfs(guest, path, START, work)
    return path


def boot(emulator, command, times, sums, rates):
    """Adds what one boot takes to `times`, `sums` and `rates`, by name; returns the run."""
    run = Run(emulator, command)
    times["login"].append(run.wait_for(r"^\S+ login: "))
    run.type("root")
    run.wait_for(PROMPT)
    run.type(f"sh /run/perf/work.sh {REPEATS}")
    for repeat in range(1, REPEATS + 1):
        for name in WORK:
            # Not always at a line's beginning: a login prompt of another terminal may come between.
            begin = run.wait_for(rf"PERF-BEGIN {name} {repeat}$")
            line = rf"PERF-END {name} {repeat} (\d+) (\w{{16}})$"
            end = run.wait_for(line)
            code, made = re.search(line, run.output, re.M).groups()
            if code != "0":
                sys.exit(f"{emulator.name}: {name} ended with {code}")
            times[name].append(end - begin)
            sums.setdefault(name, set()).add(made)
    run.wait_for(rf"PERF-DONE$[^\0]*{PROMPT}")
    for name in RATES:
        rates[name] += [float(rate) for rate in
                        re.findall(rf"PERF-RATE {name} ([\d.]+)$", run.output, re.M)]
    run.type("poweroff -f")
    run.finish()
    return run


def measure(options, folder):
    """The table, and what is wrong."""
    kernel = os.path.join(options.guest, "linux")
    initramfs = build_initramfs(options.guest, folder)
    emulators = [EmuVm("emu-vm", options.arch, options.emu_vm, [*options.emu_vm_flag, "--stats"])]
    emulators += Qemu.all_of(options.arch, options.qemu)
    times = {emulator.name: {name: [] for name in ("login", *WORK)} for emulator in emulators}
    rates = {emulator.name: {name: [] for name in RATES} for emulator in emulators}
    sums, costs = {}, []
    disk = os.path.join(folder, "disk")
    for round_number in range(options.rounds):
        for emulator in emulators:
            subprocess.run(["cp", "--sparse=always", options.rootfs, disk], check=True)
            subprocess.run(["sync", disk], check=True)  # else it is written while the guest boots
            command = emulator.command(kernel, initramfs, emulator.command_line(), [Disk(disk)])
            run = boot(emulator, command, times[emulator.name], sums, rates[emulator.name])
            print(f"round {round_number + 1}: {emulator.name}:",
                  {name: [round(value, 2) for value in values]
                   for name, values in times[emulator.name].items()}, file=sys.stderr)
            if emulator is emulators[0]:
                costs.append(TranslationCost.of(run))
                for peer in emulators[1:]:
                    peer.match(re.search(r"^EMU-ISA (.*)$", run.output, re.M)[1])
    return report(emulators, times, rates, costs), {f"{name} makes {sorted(made)}"
                                             for name, made in sums.items() if len(made) > 1}


def report(emulators, times, rates, costs):
    table = Table()
    names = [emulator.name for emulator in emulators]
    has_peer = len(names) > 1
    table.head("whole system", *(f"{name}, s" for name in names),
               *(["time ratio", "at most"] if has_peer else []))
    for name in ("login", *WORK):
        medians = [statistics.median(times[emulator][name]) for emulator in names]
        cells = [f"{median:.2f}" for median in medians]
        if has_peer:
            cells += [f"{medians[0] / min(medians[1:]):.2f}", str(LIMITS.get(name, ""))]
        table.row(name, *cells)
    table.add()
    table.head("openssl speed", *(f"{name}, MB/s" for name in names),
               *(["ratio", "at least"] if has_peer else []))
    least = LEAST_RATE.get(emulators[0].arch.name, "")
    for name in RATES:
        medians = [statistics.median(rates[emulator][name]) for emulator in names]
        cells = [f"{median / 1e6:.0f}" for median in medians]
        if has_peer:
            cells += [f"{medians[0] / max(medians[1:]):.2f}", str(least)]
        table.row(name, *cells)
    table.add()
    table.head("its code", "median")
    for row in TranslationCost(*map(statistics.median, zip(*costs))).rows():
        table.row(*row)
    return table
