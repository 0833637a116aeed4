"""gdb at a Debian with two processors: its threads, kernel breakpoints, registers, memory both ways."""
import os
import re
import subprocess
import tempfile

import harness
from debian import DebianTest

# Physical, where the board puts it; the symbol there; what tells where the processor stopped.
KERNEL_START = harness.ARCH.memory_start + 0x200000
STATE = {"riscv64": ("_start", ["p/x (unsigned long)$satp >> 60", "p $priv"], r"\$1 = 0x[89a]\n\$2 = 1\n"),
         "aarch64": ("_text", ["p/x $cpsr & 15", "p/x (unsigned long)$sp >> 52"], r"\$1 = 0x5\n\$2 = 0xfff\n")}


class GdbTest(DebianTest):
    def symbols(self, guest, *names):
        found = {}
        for name in names:
            line = guest.run(f"grep ' {name}$' /proc/kallsyms")
            found[name] = int(re.search(rf"([0-9a-f]{{16}}) \w {name}", line).group(1), 16)
        return found

    def gdb(self, *commands):
        arguments = [word for command in commands for word in ("-ex", command)]
        gdb = subprocess.Popen(
            ["gdb-multiarch", "-nx", "-batch", "-ex", "set pagination off", "-ex",
             f"target remote {self.socket}", *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(gdb.kill)
        return gdb

    def test_a_kernel_with_two_processors(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.socket = os.path.join(folder.name, "gdb")
        guest = self.start_debian("--cpus", "2", "--gdb", self.socket)
        guest.run("mount -t proc proc /proc")
        start, looks, state = STATE[harness.ARCH.name]
        at = self.symbols(guest, start, "linux_banner", "vfs_open", "jiffies_64")
        banner = guest.run("cat /proc/version").strip().splitlines()[0]

        gdb = self.gdb("info threads", f"break *{at['vfs_open']:#x}", "echo ready\\n", "continue",
                       *looks, "p/x $pc", "stepi", "stepi", "stepi",
                       f"x/s {at['linux_banner']:#x}", "monitor phys on",
                       f"x/s {at['linux_banner'] - at[start] + KERNEL_START:#x}",
                       "monitor phys off", "delete", f"watch *(long*){at['jiffies_64']:#x}",
                       "continue", "delete", "detach")
        heard = ""
        while "ready" not in heard:
            heard += gdb.stdout.readline()
        guest.type("cat /proc/version")
        heard += gdb.communicate(timeout=harness.COMMAND_SECONDS)[0]

        self.assertRegex(heard, r"1 +Thread 1.*\n.*2 +Thread 2")
        self.assertIn("hit Breakpoint 1", heard)
        self.assertRegex(heard, state + r"\$3 = " + f"{at['vfs_open']:#x}")
        self.assertEqual(heard.count(banner[:40]), 2, heard)
        old, new = re.search(r"Old value = (\d+)\nNew value = (\d+)", heard).groups()
        self.assertGreater(int(new), int(old))

        guest.wait_for_prompt()
        self.use(guest, 2)


if __name__ == "__main__":
    harness.main()
