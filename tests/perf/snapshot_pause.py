"""Measures for how long a guest of 512 MiB stands still while snapshots of it are taken, and what it notices of
them: it dirties 200 MB/s meanwhile (snapshots/writer.s).

  snapshot_pause.py --emud PROGRAM --emuctl PROGRAM --emu-vm PROGRAM --guest ELF [--rounds 5] [--folder F]

Usually called by deploy/perf-snapshots, which builds what it needs.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))
import vm_control  # noqa: E402

TICKS_PER_MS = 10_000


class Daemon:
    def __init__(self, options, folder):
        self.endpoint = f"unix:{folder}/emud.sock"
        self.emuctl = options.emuctl
        self.state_dir = os.path.join(folder, "state")
        self.process = subprocess.Popen(
            [options.emud, "--state-dir", self.state_dir, "--listen", self.endpoint, "--emu-vm", options.emu_vm],
            stderr=subprocess.DEVNULL)
        while subprocess.run(self.command("vm", "list"), capture_output=True).returncode != 0:
            time.sleep(0.05)

    def command(self, *words):
        return [self.emuctl, "--endpoint", self.endpoint, *words]

    def ok(self, *words):
        return subprocess.run(self.command(*words), check=True, capture_output=True, text=True).stdout

    def stalls(self):
        """In ms, of each half second: the longest store, and how much longer it took than it should."""
        lines = [line.split() for line in self.ok("console", "writer", "--log").split("\n")[:-1]]
        return [(int(longest, 16) / TICKS_PER_MS, int(all_of_it, 16) / TICKS_PER_MS - 500)
                for longest, all_of_it in lines]


def measure(daemon, options):
    folder = os.path.join(daemon.state_dir, "vms", json.loads(daemon.ok("vm", "get", "writer", "-o", "json"))["uid"])
    while len(daemon.stalls()) < 6:  # its memory is there
        time.sleep(0.2)
    print(f"without: longest store {max(stall[0] for stall in daemon.stalls()[4:]):.2f} ms")
    halts = []
    for _ in range(options.rounds):
        count = len(daemon.stalls())
        with tempfile.TemporaryFile(dir=options.folder) as state:
            began = time.monotonic()
            answer = vm_control.snapshot(folder, state)
            seconds = time.monotonic() - began
        if answer.get(1, 0) != 0:
            sys.exit(f"no snapshot: {answer}")
        while len(daemon.stalls()) < count + 1 + 2 * seconds:
            time.sleep(0.2)
        stalls = daemon.stalls()[count:]
        halts.append(vm_control.fields(answer[14])[3] / 1000)
        print(f"halted {halts[-1]:.2f} ms, durable after {seconds:.2f} s, longest store "
              f"{max(stall[0] for stall in stalls):.2f} ms, behind by {max(stall[1] for stall in stalls):.1f} ms")
    print(f"halted: median {statistics.median(halts):.2f} ms, at most {max(halts):.2f} ms")


def main():
    parser = argparse.ArgumentParser()
    for name in ("--emud", "--emuctl", "--emu-vm", "--guest"):
        parser.add_argument(name, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", help="where the snapshots are written")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        daemon = Daemon(options, folder)
        try:
            daemon.ok("vm", "create", "writer", "--memory", "512M", "--firmware", options.guest, "--start")
            measure(daemon, options)
        finally:
            subprocess.run(daemon.command("vm", "rm", "writer", "--force"), capture_output=True)
            daemon.process.terminate()
            daemon.process.wait()


if __name__ == "__main__":
    main()
