"""Measures emu-vm beside QEMU's system emulation, one processor each, in one run.

  perf.py --emu-vm PROGRAM --guest FOLDER [--qemu PROGRAM] [--groups int,fp] [--rounds 3] [--out F]

The two take turns, so that what else the machine does falls on both; figures are medians over the
rounds. Both get the same firmware, kernel, initramfs, memory, ISA string and paging mode. Usually
called by deploy/perf, which builds and fetches what it needs.
"""
import argparse
import math
import os
import re
import signal
import statistics
import sys
import tempfile
import typing

import full_system
import guest_kit
from architectures import ARCHITECTURES
from emulators import MEMORY_MIB, EmuVm, Qemu, Run, TranslationCost
from table import Table


class Result(typing.NamedTuple):
    values: dict  # kernel name: (value, unit)
    checks: dict  # kernel name: CHECK
    boot_seconds: float  # to EMU-BOOT-OK
    isa: str
    mmu: str
    host_seconds: float  # from there to the end, by either clock
    guest_seconds: float

    def clock_is_right(self):
        """Within 1 %, and what it takes to see a line of the console."""
        return abs(self.guest_seconds - self.host_seconds) < 0.01 * self.host_seconds + 0.05


def boot(emulator, kernel, initramfs, groups, slice_seconds):
    """A Result of one run."""
    append = f"{emulator.command_line()} perf={','.join(groups) or 'none'} slice={slice_seconds}"
    run = Run(emulator, emulator.command(kernel, initramfs, append))
    booted = run.wait_for(r"^EMU-BOOT-OK")
    done = run.wait_for(r"^EMU-DONE .*$")
    run.finish()
    if failed := re.findall(r"^EMU-FAILED (\w+)", run.output, re.MULTILINE):
        sys.exit(f"{emulator.name}: {failed} failed:\n{run.output[-3000:]}")
    values = {name: (float(value), unit) for name, value, unit in
              re.findall(r"^BENCH (\S+) (\S+) (\S+)$", run.output, re.MULTILINE)}
    checks = dict(re.findall(r"^CHECK (\S+) (\S+)$", run.output, re.MULTILINE))
    found = [re.search(rf"^EMU-{word} (.*)$", run.output, re.MULTILINE) for word in ("ISA", "MMU")]
    isa, mmu = (match.group(1) if match else "" for match in found)
    uptimes = re.findall(r"^EMU-(?:BOOT-OK|DONE) ([\d.]+)$", run.output, re.MULTILINE)
    guest_seconds = float(uptimes[-1]) - float(uptimes[0])
    return Result(values, checks, booted, isa, mmu, done - booted, guest_seconds)


def spawn_times(emu_vm, firmware, kernel, initramfs, count=11):
    """Milliseconds from spawn to what the first instructions print: bare and, where a firmware runs
    before a kernel, with boot files."""
    medians = []
    for files in [(None, None, "")] + ([(kernel, initramfs, "")] if emu_vm.arch.firmware else []):
        times = []
        for _ in range(count):
            run = Run(emu_vm, emu_vm.command(*files, firmware=firmware))
            times.append(run.wait_for("!") * 1000)
            run.finish()
        medians.append(statistics.median(times))
    return medians


def own_memory_kib(emu_vm, kernel, initramfs):
    """Pss of all mappings but RAM and code cache, of a guest at its shell."""
    run = Run(emu_vm, emu_vm.command(kernel, initramfs, emu_vm.command_line() + " perf=shell"))
    run.wait_for(r"^(/|~) # ")
    total, counts = 0, True
    with open(f"/proc/{run.process.pid}/smaps") as smaps:
        for line in smaps:
            if mapping := re.match(r"([0-9a-f]+)-([0-9a-f]+) ", line):
                size = int(mapping[2], 16) - int(mapping[1], 16)
                counts = size != MEMORY_MIB << 20 and "memfd:emu-code" not in line
            elif counts and line.startswith("Pss:"):
                total += int(line.split()[1])
    run.process.send_signal(signal.SIGKILL)
    run.process.wait()
    return total


def translation_cost(emu_vm, kernel, initramfs, count=3):
    """Of a boot to EMU-BOOT-OK and its power-off; medians."""
    costs = []
    for _ in range(count):
        run = Run(emu_vm, emu_vm.command(kernel, initramfs, emu_vm.command_line() + " perf=none") + ["--stats"])
        run.wait_for(r"^EMU-DONE")
        run.finish()
        costs.append(TranslationCost.of(run))
    return TranslationCost(*map(statistics.median, zip(*costs)))


def geometric_mean(values):
    return math.exp(statistics.fmean(map(math.log, values))) if values else math.nan


def report(table, groups, results, boots):
    emulators = list(results)
    has_peer = len(emulators) > 1
    ratios = {group: [] for group in groups}
    table.head("benchmark", "unit", *emulators, *(["ratio"] if has_peer else []))
    for name in results[emulators[0]]:
        medians = [statistics.median(value for value, _ in results[e][name]) for e in emulators]
        cells = [f"{median:.4g}" for median in medians]
        if has_peer:
            ratio = medians[0] / max(medians[1:])
            ratios[name.split("-")[0]].append(ratio)
            cells.append(f"{ratio:.2f}")
        table.row(name, results[emulators[0]][name][0][1], *cells)
    table.add()
    if has_peer:
        table.head("group", "geometric mean of ratios")
        for group in groups:
            table.row(group, f"{geometric_mean(ratios[group]):.2f}")
        table.add()
    table.head("EMU-BOOT-OK", "median, s", "all")
    for name in emulators:
        table.row(name, f"{statistics.median(boots[name]):.2f}",
                  ", ".join(f"{seconds:.2f}" for seconds in boots[name]))
    table.add()


def measure(options, folder):
    kernel = os.path.join(options.guest, "linux")
    initramfs = guest_kit.build_initramfs(options.arch, options.guest, folder)
    firmware = guest_kit.build_first_instruction(options.arch, folder)
    groups = [group for group in options.groups.split(",") if group]
    emu_vm = EmuVm("emu-vm", options.arch, options.emu_vm, options.emu_vm_flag)
    emulators = [emu_vm, *Qemu.all_of(options.arch, options.qemu)]

    results = {emulator.name: {} for emulator in emulators}
    boots = {emulator.name: [] for emulator in emulators}
    checks, modes, differences = {}, {}, set()
    for round_number in range(options.rounds):
        for emulator in emulators:
            result = boot(emulator, kernel, initramfs, groups, options.slice)
            print(f"round {round_number + 1}: {emulator.name} booted in "
                  f"{result.boot_seconds:.2f} s, then ran {result.host_seconds:.2f} s, "
                  f"{result.guest_seconds:.2f} s by the guest's clock", file=sys.stderr)
            boots[emulator.name].append(result.boot_seconds)
            modes[emulator.name] = (result.isa, result.mmu)
            if not result.clock_is_right():
                differences.add(f"{emulator.name}: the guest's clock says {result.guest_seconds:.2f}"
                                f" s where {result.host_seconds:.2f} s went by")
            if emulator is emu_vm:
                for peer in emulators[1:]:
                    peer.match(result.isa)
            for name, value in result.values.items():
                results[emulator.name].setdefault(name, []).append(value)
            for name, check in result.checks.items():
                if checks.setdefault(name, check) != check:
                    differences.add(f"{emulator.name}: CHECK {name} is {check}, not {checks[name]}")

    table = Table()
    for isa, mmu in sorted(set(modes.values())):
        table.add(f"{isa}, {mmu}, {MEMORY_MIB} MiB")
    table.add()
    report(table, groups, results, boots)
    table.head("emu-vm", "median")
    names = ("spawn to first instruction, 1 MiB firmware", "the same with kernel and initramfs")
    for name, spawn_ms in zip(names, spawn_times(emu_vm, firmware, kernel, initramfs)):
        table.row(name, f"{spawn_ms:.1f} ms")
    table.row("own memory (Pss) at the shell",
              f"{own_memory_kib(emu_vm, kernel, initramfs) / 1024:.1f} MiB")
    table.add()
    table.head("code of a boot", "median")
    for row in translation_cost(emu_vm, kernel, initramfs).rows():
        table.row(*row)
    if not options.arch.qemu_cpus and len(set(modes.values())) > 1:
        differences.add(f"the processors differ: {modes}")
    return table, differences


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--arch", default="riscv64", choices=ARCHITECTURES)
    parser.add_argument("--emu-vm", required=True)
    parser.add_argument("--guest", required=True, help="what deploy/fetch-disk-guest prints")
    parser.add_argument("--qemu", default=os.environ.get("EMU_PERF_QEMU"),
                        help="qemu-system-ARCH (default: $EMU_PERF_QEMU; none: emu-vm alone)")
    parser.add_argument("--groups", default=",".join(guest_kit.GROUPS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--slice", type=float, default=0.2, help="seconds")
    parser.add_argument("--emu-vm-flag", action="append", default=[], metavar="FLAG")
    parser.add_argument("--out", help="where to write the table")
    parser.add_argument("--rootfs", metavar="FILE",
                        help="measure a whole system instead: an ext4 image, see README.md")
    options = parser.parse_args()
    options.arch = ARCHITECTURES[options.arch]
    with tempfile.TemporaryDirectory(dir=os.environ.get("EMU_PERF_TMP")) as folder:
        table, differences = (full_system.measure if options.rootfs else measure)(options, folder)
    if options.out:
        with open(options.out, "w") as file:
            file.write("\n".join(table.lines) + "\n")
    for difference in sorted(differences):
        print(difference, file=sys.stderr)
    sys.exit(1 if differences else 0)


main()
