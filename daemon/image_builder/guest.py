"""A guest that does one thing by itself and says on its console how far it has got."""
import collections
import os
import select
import subprocess
import tempfile

import children

# For an interpreter on a loaded machine; nothing is silent this long where all is well.
SILENCE_SECONDS = 1800
TAIL_LINES = 40


class GuestError(Exception):
    pass


def run(emu_vm, *flags, take_line):
    """Runs emu-vm to its end. `take_line` gets each line of the console."""
    tail = collections.deque(maxlen=TAIL_LINES)
    with tempfile.TemporaryFile() as log, children.started(
            emu_vm, "run", *flags, stdout=subprocess.PIPE, stderr=log) as process:
        for line in _lines(process.stdout.fileno(), tail):
            tail.append(line)
            take_line(line)
        if process.wait() != 0:
            log.seek(0)
            raise failure(f"emu-vm ended with {process.returncode}: "
                          f"{log.read().decode(errors='replace').strip()}", tail)
    return tail


def failure(why, tail):
    return GuestError(f"{why}; the console's tail:\n" + "\n".join(tail))


def _lines(console, tail):
    rest = b""
    while True:
        if not select.select([console], [], [], SILENCE_SECONDS)[0]:
            raise failure(f"the guest has said nothing for {SILENCE_SECONDS} s", tail)
        read = os.read(console, 65536)
        *lines, rest = (rest + read).split(b"\n")
        for line in lines if read else [rest]:
            yield line.decode(errors="replace").replace("\r", "")
        if not read:
            return
