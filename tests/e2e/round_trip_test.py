#!/usr/bin/env python3
"""A Linux that computes without a pause is suspended, taken back to a snapshot, and forked, at random moments.
Each of its workers has a chain of sums, in which each number needs all before it, writes it to the disk and reads
it again; whatever is lost or changed on the way is in every later number."""
import collections
import hashlib
import os
import random
import re
import subprocess
import sys
import time

import harness
from harness import wait_for

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "daemon", "image_builder"))
from disk_guest import build_initramfs  # noqa: E402

TRIPS = 200 if os.environ.get("EMU_TEST_LONG") == "1" else 6
TRIPS_OF_A_VM = 12  # a disk lies on the files of 16 snapshots at most
GUEST_SECONDS = 240  # for a loaded machine; nothing waits this long where all is well
PROCESSORS = 2
WORKERS = 4
# The number comes twice: a line of which a restore has cut off an end is none.
GUEST = f"""
while [ ! -b /dev/vda ]; do sleep 0.1; done
work() {{
  sum=0
  number=0
  while :; do
    sum=$(echo "$1 $number $sum" | sha256sum | cut -c 1-64)
    echo $sum | dd of=/dev/vda bs=512 seek=$1 conv=sync,fsync,notrunc 2> /dev/null
    echo 3 > /proc/sys/vm/drop_caches
    read_again=$(dd if=/dev/vda bs=512 skip=$1 count=1 2> /dev/null | head -c 64)
    [ "$read_again" = "$sum" ] || echo "differs $1 $number"
    [ $((number % 4)) = 0 ] && echo "chain $1 $number $sum $number."
    number=$((number + 1))
    sleep 0.01
  done
}}
for worker in $(seq {WORKERS}); do work $worker & done
wait
"""


class Chains:
    """What each worker is to say, as far as somebody has asked."""

    def __init__(self):
        self.sums = collections.defaultdict(list)

    def sum(self, worker, number):
        sums = self.sums[worker]
        while len(sums) <= number:
            text = f"{worker} {len(sums)} {sums[-1] if sums else 0}\n"
            sums.append(hashlib.sha256(text.encode()).hexdigest())
        return sums[number]


class RoundTripTest(harness.EmudTest):
    def setUp(self):
        super().setUp()
        self.chains = Chains()
        self.made = 0

    def boot(self):
        self.name = self.next_name()
        self.ok("vm", "create", self.name, "--memory", "256M", "--cpus", str(PROCESSORS), "--kernel",
                f"{self.folder}/linux", "--initrd", self.path("initramfs"), "--append", "console=ttyS0 quiet",
                "--disk", "image=d", "--start")

    def next_name(self):
        self.made += 1
        return f"vm{self.made}"

    def lines(self):
        """How many each worker has said; all of them are right."""
        text = self.console(self.name)
        self.assertNotRegex(text, "differs|Oops|BUG|panic|I/O error")
        said = collections.Counter()
        for worker, number, found in re.findall(r"chain (\d+) (\d+) ([0-9a-f]{64}) \2\.", text):
            self.assertEqual(found, self.chains.sum(int(worker), int(number)),
                             f"{self.name}: worker {worker} went astray before {number}")
            said[int(worker)] += 1
        return said

    def goes_on(self):
        before = self.lines()

        def all_have():
            time.sleep(0.2)  # looking is work, too
            now = self.lines()
            return all(now[worker] >= before[worker] + 2 for worker in range(1, WORKERS + 1))
        self.assertTrue(wait_for(all_have, GUEST_SECONDS), self.console(self.name)[-1000:])

    def suspend(self):
        self.ok("vm", "suspend", self.name)
        self.ok("vm", "start", self.name)

    def go_back(self):
        self.ok("snapshot", "create", "here", "--vm", self.name)
        time.sleep(self.random.uniform(0, 0.5))
        self.ok("vm", "stop", self.name, "--force")
        self.ok("snapshot", "restore", self.name, "here")
        self.ok("snapshot", "rm", "here")
        self.ok("vm", "start", self.name)

    def fork(self):
        self.ok("snapshot", "create", "here", "--vm", self.name)
        copy = self.next_name()
        self.ok("vm", "create", copy, "--from", "here", "--start")
        self.goes_on()
        self.ok("vm", "rm", self.name, "--force")
        self.ok("snapshot", "rm", "here")
        self.name = copy

    def test_nothing_goes_astray(self):
        seed = int(os.environ.get("EMU_SEED", time.time_ns() % 2**32))
        print(f"EMU_SEED={seed}")
        self.random = random.Random(seed)
        self.folder = subprocess.run([os.path.join(ROOT, "deploy", "fetch-disk-guest"), "riscv64"], check=True,
                                     text=True, stdout=subprocess.PIPE).stdout.split()[-1]
        build_initramfs(self.folder, self.path("initramfs"), GUEST)
        self.ok("image", "import", self.write("disk", bytes(512 * 64)), "--name", "d")
        for trip in range(TRIPS):
            if trip % TRIPS_OF_A_VM == 0:
                if trip != 0:
                    self.ok("vm", "rm", self.name, "--force")
                self.boot()
                self.goes_on()
            time.sleep(self.random.uniform(0, 0.5))
            # Each kind is there in the short form, too.
            (self.suspend, self.go_back, self.fork)[trip % 3]()
            self.goes_on()
        print(f"{TRIPS} trips; the longest chain: {max(map(len, self.chains.sums.values()))}")


if __name__ == "__main__":
    harness.main()
