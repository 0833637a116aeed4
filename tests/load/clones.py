"""What VMs cost that go on from one snapshot: how long until each runs, and what hundreds of them take while they
wait."""
import json
import os
import statistics
import subprocess
import sys
import time

from processes import cpu_seconds, mib_of, parent_of
from table import say

FORKS_PER_SECOND = 20  # of each processor
MADE_PER_SECOND = 10
SETTLED_SECONDS = 60
POOL_SIZE = 5


class Clones:
    def __init__(self, daemon, build):
        self.daemon = daemon
        self.load = os.path.join(build, "tests", "load", "emu_api_load")

    def boot(self, guest, initramfs):
        """A Debian kernel of 256 MiB at its shell, and the snapshot `warm` of it."""
        self.daemon.ok("vm", "create", "source", "--memory", "256M", "--kernel", os.path.join(guest, "linux"),
                       "--initrd", initramfs, "--append", "console=ttyS0", "--start")
        self.daemon.ok("console", "wait", "source", "the shell is here", "--timeout", "900s")
        time.sleep(5)
        taken = json.loads(self.daemon.ok("snapshot", "create", "warm", "--vm", "source", "-o", "json"))
        say("snapshot of 256 MiB: the guest stands still", f"{int(taken['haltedUs']) / 1000:.2f} ms", "<= 50 ms")
        say("    on the disk", f"{int(taken['memoryBytes']) >> 20} MiB", "")

    def make(self, rate, seconds, way="clone"):
        run = subprocess.run([self.load, self.daemon.endpoint, way, str(rate), str(seconds)], text=True,
                             stdout=subprocess.PIPE)
        result = json.loads(run.stdout)
        if result["errors"]:
            sys.exit(f"{result['errors']} of {result['calls']} clones were not made")
        return result

    def measure_forks(self, seconds):
        result = self.make(2, seconds)
        say("a VM of the snapshot until it runs, 2/s: p50", f"{result['p50']:.1f} ms", "<= 20 ms")
        say("    p99", f"{result['p99']:.1f} ms", "<= 60 ms")
        result = self.make(FORKS_PER_SECOND * os.cpu_count(), seconds)
        say(f"{FORKS_PER_SECOND * os.cpu_count()}/s asked: made each second", str(result["per_second"]),
            f">= {FORKS_PER_SECOND} for each processor")
        say("    p50, p99", f"{result['p50']:.0f}, {result['p99']:.0f} ms", "")

    def measure_pool(self, seconds):
        self.daemon.ok("pool", "create", "warm", "--snapshot", "warm", "--size", str(POOL_SIZE))
        while json.loads(self.daemon.ok("pool", "get", "warm", "-o", "json")).get("waiting") != POOL_SIZE:
            time.sleep(0.1)
        result = self.make(2, seconds, "acquire")
        say("a VM that waits is acquired, 2/s: p50", f"{result['p50']:.1f} ms", "<= 5 ms")
        say("    p99", f"{result['p99']:.1f} ms", "")
        self.daemon.ok("pool", "rm", "warm")

    def measure_idle(self, count, seconds):
        missing = count - (len(self.daemon.vms()) - 1)
        if missing > 0:
            self.make(MADE_PER_SECOND, missing / MADE_PER_SECOND)
        time.sleep(SETTLED_SECONDS)
        self.daemon.ok("vm", "stop", "source", "--force")
        vms = {vm["name"]: vm["pid"] for vm in self.daemon.vms() if vm["name"] != "source"}
        own = [mib_of(pid, "Private_") for pid in vms.values()]
        say(f"{len(vms)} idle clones: own memory of each, median", f"{statistics.median(own):.1f} MiB", "<= 6 MiB")
        say("    at most", f"{max(own):.1f} MiB", "")
        processes = [*vms.values(), *(parent_of(pid) for pid in vms.values())]
        say("    all of them (Pss)", f"{sum(mib_of(pid, 'Pss:') for pid in processes) / 1024:.2f} GiB", "<= 8 GiB")
        before = sum(cpu_seconds(pid) for pid in processes)
        time.sleep(seconds)
        share = (sum(cpu_seconds(pid) for pid in processes) - before) / seconds
        say("    of one processor", f"{share:.1%}", "<= 50 %")
        for name in vms:
            self.daemon.ok("console", "send", name, "echo alive-$((6 * 7))", "--key", "enter")
        for name in vms:
            self.daemon.ok("console", "wait", name, "alive-42", "--timeout", "60s")
        say("    that answer on their consoles", str(len(vms)), "all")
