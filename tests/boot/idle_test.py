"""What a guest costs its host while it waits at its shell."""
import os
import re
import time

import harness
from debian import MEMORY_MIB, DebianTest

# Of one processor of the host. The time is the process's own, so that other load does no harm, but
# for caches that are cold at each wake-up.
LARGEST_SHARE = 0.02
# Mostly side tables of code, of which arm64's kernel has more; and 2 MiB of its board's flash.
LARGEST_MEMORY_KIB = {"riscv64": 16 << 10, "aarch64": 24 << 10}[harness.ARCH.name]
IDLE_SECONDS = 20


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def own_memory_kib(pid):
    """Pss of all mappings but RAM and code cache."""
    total, counts = 0, True
    with open(f"/proc/{pid}/smaps") as smaps:
        for line in smaps:
            if mapping := re.match(r"([0-9a-f]+)-([0-9a-f]+) ", line):
                size = int(mapping[2], 16) - int(mapping[1], 16)
                counts = size != MEMORY_MIB << 20 and "memfd:emu-code" not in line
            elif counts and line.startswith("Pss:"):
                total += int(line.split()[1])
    return total


class IdleTest(DebianTest):
    def test_a_guest_at_its_shell_costs_next_to_nothing(self):
        for cpus in (1, 2):
            with self.subTest(cpus=cpus):
                guest = self.start_debian("--cpus", str(cpus))
                time.sleep(2)  # what the kernel put off until there is time
                before = cpu_seconds(guest.process.pid)
                time.sleep(IDLE_SECONDS)
                share = (cpu_seconds(guest.process.pid) - before) / IDLE_SECONDS
                print(f"{cpus} processors, idle: {share:.2%} of one processor", flush=True)
                self.assertLess(share, LARGEST_SHARE)
                self.assert_powers_off(guest)

    def test_a_guest_at_its_shell_holds_little_memory_of_its_own(self):
        guest = self.start_debian()
        memory = own_memory_kib(guest.process.pid)
        print(f"own memory at the shell: {memory / 1024:.1f} MiB", flush=True)
        self.assertLessEqual(memory, LARGEST_MEMORY_KIB)
        self.assert_powers_off(guest)


if __name__ == "__main__":
    harness.main()
