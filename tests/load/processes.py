"""What a process of the host's has used."""
import os
import re

CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def mib_of(pid, fields):
    """Of smaps_rollup, the sum of those whose names begin so."""
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        return sum(int(line.split()[1]) for line in rollup if line.startswith(fields)) / 1024


def parent_of(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"PPid:\s+(\d+)", status.read()).group(1))
