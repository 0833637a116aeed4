"""The two emulators that are measured, and one run of either."""
import dataclasses
import os
import re
import select
import subprocess
import sys
import tempfile
import time
import typing

MEMORY_MIB = 1024
RUN_SECONDS = 3600


@dataclasses.dataclass(frozen=True)
class Disk:
    path: str
    format: str = "raw"
    cache: str = "writeback"  # as both name it
    readonly: bool = False


class Emulator:
    """How to start one of the two."""

    def __init__(self, name, arch, program, flags=()):
        self.name, self.arch, self.program, self.flags = name, arch, program, list(flags)

    def command_line(self):
        """The kernel's."""
        return f"console={self.arch.console} quiet"

    def command(self, kernel, initramfs, append, disks=(), has_network=False):
        raise NotImplementedError


class EmuVm(Emulator):
    def command(self, kernel, initramfs, append, disks=(), firmware=None, has_network=False):
        boot = ["--kernel", kernel, "--initrd", initramfs, "--append", append] if kernel else []
        first = firmware or self.arch.firmware
        drives = ["--firmware", first] if first else []
        for disk in disks:
            drives += ["--disk", f"{disk.path},format={disk.format},cache={disk.cache}"
                       + (",readonly" if disk.readonly else "")]
        drives += ["--net", "user"] if has_network else []
        return [self.program, "run", "--arch", self.arch.name, "--cpus", "1",
                "--memory", f"{MEMORY_MIB}M", *boot, *drives, *self.flags]


class Qemu(Emulator):
    @staticmethod
    def all_of(arch, program):
        """With each processor that is to be measured; none if there is no `program`."""
        if not program:
            return []
        return ([Qemu(f"QEMU {cpu}", arch, program, ["-cpu", cpu]) for cpu in arch.qemu_cpus]
                or [Qemu("QEMU", arch, program)])

    def match(self, isa):
        """Takes the processor that has the extensions of `isa` (as /proc/cpuinfo has it) and no
        others, where one can be put together."""
        if self.arch.qemu_cpus:
            return
        base, *more = isa.split("_")
        letters = list(base.removeprefix("rv64").replace("i", ""))
        words = [f"{word}=on" for word in letters + more]
        self.flags = ["-cpu", ",".join(["rv64i", "s=on", "u=on", "pmp=on", "mmu=on", "sv48=on",
                                        "priv_spec=v1.12.0", *words])]

    def command(self, kernel, initramfs, append, disks=(), has_network=False):
        drives = ["-global", "virtio-mmio.force-legacy=false"]
        network = (["-netdev", "user,id=n0", "-device", "virtio-net-device,netdev=n0"]
                   if has_network else ["-nic", "none"])
        for number, disk in enumerate(disks):
            drives += ["-drive", f"file={disk.path},format={disk.format},cache={disk.cache},if=none,"
                       f"readonly={'on' if disk.readonly else 'off'},id=d{number}",
                       "-device", f"virtio-blk-device,drive=d{number}"]
        bios = ["-bios", self.arch.firmware] if self.arch.firmware else []
        return [self.program, "-M", self.arch.qemu_machine, "-smp", "1", "-m", str(MEMORY_MIB),
                "-nographic", *network, "-no-reboot", *bios, "-kernel", kernel,
                "-initrd", initramfs, "-append", append, *drives, *self.flags]


class Run:
    """One boot: the console's output and when its parts came."""

    def __init__(self, emulator, command):
        self.emulator = emulator
        self.output = ""
        self.log = tempfile.TemporaryFile()
        self.start = time.monotonic()
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.log)

    def type(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def wait_for(self, pattern, seconds=RUN_SECONDS):
        """Seconds from the start until the console says it."""
        deadline = time.monotonic() + seconds
        while not re.search(pattern, self.output, re.MULTILINE):
            left = max(0, deadline - time.monotonic())
            ready = select.select([self.process.stdout], [], [], left)[0]
            read = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            if not read:
                self.process.kill()
                self.log.seek(0)
                errors = self.log.read().decode(errors="replace")
                sys.exit(f"{self.emulator.name}: no {pattern!r}; the console's tail:\n"
                         f"{self.output[-3000:]}\n{errors[-1000:]}")
            self.output += read.decode(errors="replace").replace("\r", "")
        return time.monotonic() - self.start

    def finish(self):
        rest, _ = self.process.communicate(timeout=60)
        self.output += rest.decode(errors="replace").replace("\r", "")

    def stats(self):
        """What emu-vm's --stats has printed, by line and name; after the end."""
        self.log.seek(0)
        lines = re.findall(r"(?m)^stats (\S+) (.*)$", self.log.read().decode(errors="replace"))
        return {name: {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", line)}
                for name, line in lines}


class TranslationCost(typing.NamedTuple):
    """From the counters of a run with --stats."""
    instructions: int
    host_bytes: float  # for each byte of the guest
    side_table_bytes: float  # for each instruction of the guest
    microseconds: float  # the same

    @staticmethod
    def of(run):
        code = run.stats()["code"]
        instructions = code["instructions_translated"]
        return TranslationCost(instructions,
                               code["host_bytes_emitted"] / code["guest_bytes_translated"],
                               code["side_table_bytes"] / instructions,
                               code["translation_ns"] / 1000 / instructions)

    def rows(self):
        return [("guest instructions translated", f"{self.instructions}"),
                ("host bytes for each guest byte, stubs and padding counted", f"{self.host_bytes:.2f}"),
                ("bytes of side tables for each guest instruction", f"{self.side_table_bytes:.2f}"),
                ("translation of a guest instruction", f"{self.microseconds:.2f} us")]
