"""What the boot tests share: a guest whose console is typed at and read.

Each test program is called with: EMU_VM DEPLOY ARCH [TEST...], where DEPLOY is the folder of the
scripts that fetch guests, and ARCH the guests' architecture. EMU_TEST_LONG=1 asks for the full counts.
EMU_BOOT_FLAGS adds flags for emu-vm to each guest.
"""
import dataclasses
import os
import re
import select
import subprocess
import sys
import tempfile
import time
import unittest

EMU_VM, DEPLOY = (os.path.abspath(path) for path in sys.argv[1:3])
ROOT = os.path.dirname(DEPLOY)
# For the small Linux that starts from memory.
sys.path.insert(0, os.path.join(ROOT, "daemon", "image_builder"))


@dataclasses.dataclass(frozen=True)
class Architecture:
    """What a test has to know of a guest's."""
    name: str
    console: str  # of Linux
    earlycon: str
    cpuinfo: str  # found there for each processor
    memory_start: int
    firmware_says: str  # before a kernel does; empty: kernels start by themselves
    needs_firmware: bool  # of Debian 13, for several processors
    pci_interrupts: str  # what Linux calls the controller that PCI functions interrupt


ARCHITECTURES = {arch.name: arch for arch in (
    Architecture("riscv64", "ttyS0", "earlycon=sbi", "rv64imafdc", 0x80000000, "OpenSBI", True,
                 "PLIC"),
    Architecture("aarch64", "ttyAMA0", "earlycon", "CPU implementer", 0x40000000, "", False, "ITS"),
)}
ARCH = ARCHITECTURES[sys.argv[3]]
LONG = os.environ.get("EMU_TEST_LONG") == "1"
EXTRA_FLAGS = os.environ.get("EMU_BOOT_FLAGS", "").split()

# For an interpreter on a loaded machine; nothing waits this long where all is well.
BOOT_SECONDS = 1200
COMMAND_SECONDS = 120

SHELL_PROMPT = r"(?:^|\n)(?:/|~) # "
U_BOOT_PROMPT = r"(?:^|\n)=> "


def fetch(script, *arguments):
    """The folder that deploy/SCRIPT prints."""
    return subprocess.run([os.path.join(DEPLOY, script), *arguments], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip().splitlines()[-1]


class Guest:
    """One run of emu-vm. `prompt` is the regular expression of the shell that is typed at."""

    def __init__(self, *flags, prompt=SHELL_PROMPT):
        self.prompt = prompt
        self.output = ""
        self.seen = 0  # what of the output was waited for already
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [EMU_VM, "run", "--arch", ARCH.name, *flags, *EXTRA_FLAGS],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log)

    def fail(self, why):
        time.sleep(0.1)  # for a dying process to be dead
        code = self.process.poll()
        self.kill()
        self.log.seek(0)
        raise AssertionError(f"{why} (exit code {code}); the console's tail:\n{self.output[-4000:]}\n"
                             f"emu-vm's log:\n{self.log.read().decode(errors='replace')[-2000:]}")

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def close(self):
        self.kill()
        self.process.stdin.close()
        self.process.stdout.close()
        self.log.close()

    def wait_for(self, pattern, seconds=COMMAND_SECONDS):
        """The match of `pattern` in what the guest has said since the last wait."""
        deadline = time.monotonic() + seconds
        while not (match := re.search(pattern, self.output[self.seen:])):
            left = deadline - time.monotonic()
            if left <= 0:
                self.fail(f"no {pattern!r} within {seconds} s")
            if not select.select([self.process.stdout], [], [], left)[0]:
                continue
            if not (read := os.read(self.process.stdout.fileno(), 65536)):
                self.fail(f"the guest ended before it said {pattern!r}")
            self.output += read.decode(errors="replace").replace("\r", "")
        self.seen += match.end()
        return match

    def wait_for_prompt(self):
        self.wait_for(self.prompt, BOOT_SECONDS)

    def type(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def press(self, keys):
        """Of a terminal, whose Enter is a carriage return."""
        self.process.stdin.write(keys.encode())
        self.process.stdin.flush()

    def run(self, command):
        """What `command` prints, without its echo."""
        self.type(command)
        start = self.seen
        self.wait_for(self.prompt)
        return self.output[start:self.seen].partition("\n")[2]

    def exit_code(self, last_line=None):
        """Types `last_line`, which ends the guest, and waits for emu-vm's end."""
        if last_line:
            self.type(last_line)
        try:
            rest, _ = self.process.communicate(timeout=COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            self.fail("the guest does not power off")
        self.output += rest.decode(errors="replace")
        return self.process.returncode


    def stats(self):
        """What --stats has printed, by line and name; after the end."""
        self.log.seek(0)
        lines = re.findall(r"(?m)^stats (\S+) (.*)$", self.log.read().decode(errors="replace"))
        return {name: {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", line)}
                for name, line in lines}


class BootTest(unittest.TestCase):
    def start(self, *flags, **kwargs):
        has_several = "--cpus" in flags and flags[flags.index("--cpus") + 1] != "1"
        if ARCH.needs_firmware and has_several and "--firmware" not in flags:
            flags = (*flags, "--firmware", os.path.join(fetch("fetch-opensbi"), "fw_dynamic.bin"))
        guest = Guest(*flags, **kwargs)
        self.addCleanup(guest.close)
        return guest

    def assert_powers_off(self, guest, line="poweroff -f"):
        code = guest.exit_code(line)
        self.assertEqual(code, 0, guest.output[-2000:])


def main():
    unittest.main(argv=sys.argv[:1] + sys.argv[4:], verbosity=2)
