#!/usr/bin/env python3
"""gdb at a guest with symbols and two processors, through emud and at emu-vm itself."""
import base64
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import time

from harness import EMU_VM, FIRMWARE, EmudTest, main, wait_for

DEBUGGEE = os.path.join(os.path.dirname(FIRMWARE), "debuggee.elf")


class GdbTest(EmudTest):
    def start_debuggee(self, *flags):
        self.ok("vm", "create", "a", "--firmware", DEBUGGEE, "--memory", "64M", "--cpus", "2",
                "--start", *flags)
        return self.open_gdb()

    def open_gdb(self):
        return json.loads(self.ok("debug", "gdb", "a", "-o", "json"))["path"]

    def gdb(self, path, *commands):
        """What gdb prints for `commands`, one after the other."""
        arguments = [word for command in commands for word in ("-ex", command)]
        done = subprocess.run(
            ["gdb-multiarch", "-nx", "-batch", "-ex", "set pagination off",
             "-ex", "set confirm off", "-ex", f"target remote {path}", *arguments, DEBUGGEE],
            capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
        self.assertNotIn("Connection timed out", done.stdout + done.stderr)
        return done.stdout + done.stderr

    def registers(self, vcpu=0):
        vcpus = json.loads(self.ok("debug", "regs", "a", "--all", "-o", "json"))["vcpus"]
        return {entry["name"]: int(entry.get("value", 0)) for entry in vcpus[vcpu]["registers"]}

    def word_at(self, name):
        address = self.symbol(name)
        raw = json.loads(self.ok("debug", "mem", "a", hex(address), "8", "-o", "json"))["data"]
        return int.from_bytes(base64.b64decode(raw), "little")

    def rounds(self):
        """Whether the guest runs: how far it has come."""
        return self.word_at("rounds")

    def symbol(self, name):
        table = subprocess.run(["riscv64-linux-gnu-nm", DEBUGGEE], capture_output=True, text=True,
                               check=True).stdout
        return int(re.search(rf"^(\w+) . {name}$", table, re.M).group(1), 16)

    def test_processors_are_threads(self):
        text = self.gdb(self.start_debuggee(), "info threads", "thread 2", "p $mhartid", "bt 1",
                        "thread 1", "p $mhartid")
        self.assertRegex(text, r"\* 1 +Thread 1 \(processor 0\)")
        self.assertRegex(text, r"  2 +Thread 2 \(processor 1\)")
        self.assertIn("$1 = 1", text)
        self.assertIn("$2 = 0", text)

    def test_breakpoints_steps_and_source_lines(self):
        text = self.gdb(self.start_debuggee(), "break square", "continue", "p number", "next",
                        "next", "p product == number * number", "up", "p processor", "down",
                        "delete", "stepi", "info registers pc", "finish")
        self.assertRegex(text, r"Thread 1.*hit Breakpoint 1, square \(number=\d+\)")
        self.assertIn("return product;", text)
        self.assertIn("$2 = 1", text)
        self.assertIn("$3 = 0", text)
        self.assertRegex(text, r"pc +0x8000")
        self.assertEqual(text.count("Value returned is"), 1)

    def test_a_breakpoint_stops_again_and_again_on_either_processor(self):
        text = self.gdb(self.start_debuggee(), "break square", "ignore 1 20", *["continue"] * 3,
                        "info breakpoints", "delete", "break count", "ignore 2 20",
                        *["continue"] * 3, "info breakpoints")
        self.assertEqual(text.count("Thread 1 hit Breakpoint 1, square"), 3, text)
        self.assertEqual(text.count("Thread 2 hit Breakpoint 2, count"), 3, text)
        self.assertEqual(text.count("already hit 23 times"), 2, text)

    def test_registers_and_memory_can_be_changed(self):
        path = self.start_debuggee()
        text = self.gdb(path, "break square", "continue", "set var number = 7", "finish",
                        "p/x $fs0 = 0", "set var $mscratch = 0x1234", "p/x $mscratch",
                        "set var rounds = 424242", "p rounds", "p $priv", "p/x $misa",
                        "set var $ft0 = 2.5", "p $ft0", "p &rounds")
        self.assertIn("Value returned is $1 = 49", text)
        self.assertIn("= 0x1234", text)
        self.assertIn("= 424242", text)
        self.assertIn("2.5", text)
        self.assertEqual(self.registers()["mscratch"], 0x1234)

    def test_watchpoints_tell_old_and_new(self):
        text = self.gdb(self.start_debuggee(), "watch rounds", "continue", "continue", "delete",
                        "rwatch quit", "continue", "delete", "awatch counts[1]", "continue",
                        "info threads")
        found = re.findall(r"Old value = (\d+)\nNew value = (\d+)", text)
        self.assertEqual(len([pair for pair in found if int(pair[1]) == int(pair[0]) + 1]), 2, text)
        self.assertRegex(text, r"Hardware read watchpoint \d+: quit\s+Value = 0")
        self.assertRegex(text, r"Hardware access \(read/write\) watchpoint \d+: counts")
        self.assertRegex(text, r"\* 2 +Thread 2")

    def test_physical_memory(self):
        text = self.gdb(self.start_debuggee(), "monitor phys on", "x/1xw 0x80000000",
                        "monitor phys off", "monitor phys", "maintenance packet qqemu.PhyMemMode")
        with open(DEBUGGEE, "rb") as file:
            image = file.read()
        word = int(re.search(r"0x80000000.*:\s+(0x\w+)", text).group(1), 16)
        self.assertIn(word.to_bytes(4, "little"), image)
        self.assertIn("memory is virtual", text)

    def test_what_gdb_writes_the_guest_reads(self):
        path = self.start_debuggee()
        self.gdb(path, "set var quit = 1", "detach")
        self.ok("vm", "wait", "a", "--state", "STOPPED", "--timeout", "20s")
        self.assertEqual(self.get("a")["stateReason"], "GUEST_POWER_OFF")

    def test_code_that_gdb_writes_is_executed(self):
        path = self.start_debuggee()
        # square: li a0, 5; ret
        text = self.gdb(path, "break *square", "continue", "delete",
                        "set var *(unsigned*)square = 0x00500513",
                        "set var *(unsigned*)((char*)square + 4) = 0x00008067",
                        "set var $pc = square", "finish", "break *square", "continue", "finish")
        self.assertEqual(text.count("= 5"), 2, text)

    def test_code_that_gdb_writes_replaces_what_was_translated(self):
        path = self.start_debuggee()
        before = self.rounds()
        self.assertTrue(wait_for(lambda: self.rounds() != before))
        # No breakpoint has the page translated anew. square: li a0, 5; ret
        self.gdb(path, "set var *(unsigned*)square = 0x00500513",
                 "set var *(unsigned*)((char*)square + 4) = 0x00008067", "detach")
        self.assertTrue(wait_for(lambda: self.word_at("result") == 5))

    def test_the_end_of_the_guest_is_told(self):
        text = self.gdb(self.start_debuggee(), "set var quit = 1", "continue")
        self.assertIn("exited normally", text)

    def test_leaving_lets_the_vm_run_and_another_may_come(self):
        path = self.start_debuggee()
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        for _ in range(3):
            text = self.gdb(path, "break square", "continue")
            self.assertIn("hit Breakpoint", text)
            before = self.rounds()
            self.assertTrue(wait_for(lambda: self.rounds() != before))
        self.assertEqual(self.get("a")["state"], "RUNNING")

    def test_a_gdb_that_is_killed_leaves_the_vm_running(self):
        path = self.start_debuggee()
        gdb = subprocess.Popen(["gdb-multiarch", "-nx", "-ex", f"target remote {path}", "-ex",
                                "break square", "-ex", "continue", DEBUGGEE],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        while "hit Breakpoint" not in gdb.stdout.readline():
            pass
        held = self.rounds()
        time.sleep(0.2)
        self.assertEqual(self.rounds(), held)
        gdb.kill()
        gdb.communicate()
        self.assertTrue(wait_for(lambda: self.rounds() != held))

    def test_an_interrupt_stops_a_guest_that_runs(self):
        path = self.start_debuggee()
        gdb = subprocess.Popen(["gdb-multiarch", "-nx", "-batch", "-ex", f"target remote {path}",
                                "-ex", "continue", "-ex", "info threads", DEBUGGEE],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        before = self.rounds()
        self.assertTrue(wait_for(lambda: self.rounds() != before))
        time.sleep(1)
        gdb.send_signal(signal.SIGINT)
        text = gdb.communicate(timeout=60)[0]
        self.assertIn("SIGINT", text)
        self.assertRegex(text, r"2 +Thread 2")

    def test_the_vm_obeys_while_gdb_holds_it(self):
        path = self.start_debuggee()
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(path)
            peer.sendall(b"$?#3f")
            self.assertEqual(peer.recv(1), b"+")
            for verb in ("pause", "resume", "reset"):
                self.ok("vm", verb, "a")
            held = self.registers()["pc"]
            self.assertEqual(held, 0x1000)  # after the reset, and held there
            self.ok("vm", "stop", "a")
        self.assertEqual(self.get("a")["state"], "STOPPED")
        self.assertFalse(os.path.exists(path))
        self.fails(4, ["STOPPED", "start it first"], "debug", "gdb", "a")

    def test_garbage_at_the_socket_harms_nothing(self):
        path = self.start_debuggee()
        for garbage in (os.urandom(200000), b"$" * 100000, b"\x03" * 5000, b"$m0,ffffffff#00" * 500,
                        b"$vCont;c#a8\x03" * 300, b"$g#67" * 5000):
            with socket.socket(socket.AF_UNIX) as peer:
                peer.settimeout(5)
                peer.connect(path)
                try:
                    peer.sendall(garbage)
                except OSError:
                    pass  # it need not take more than it can answer
            self.assertEqual(self.get("a")["state"], "RUNNING")
        # The last of them may still be on its way out.
        self.assertTrue(wait_for(
            lambda: "hit Breakpoint" in self.gdb(path, "break square", "continue")))

    def test_emud_may_die_under_a_gdb(self):
        path = self.start_debuggee()
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(5)
            peer.connect(path)
            peer.sendall(b"$?#3f")
            self.assertTrue(peer.recv(100).startswith(b"+"))
            self.emud.kill()
            self.emud.wait()
            self.start_emud()
            peer.sendall(b"$qC#b4")
            answer = b""
            while b"QC" not in answer:
                answer += peer.recv(100)
        self.assertIn("hit Breakpoint", self.gdb(self.open_gdb(), "break square", "continue"))


def perf_is_missing(record):
    """Why `perf record` can't be used here; empty if it can."""
    if not shutil.which("perf"):
        return "perf is not installed (linux-perf)"
    tried = subprocess.run([*record, "true"], capture_output=True, text=True, timeout=60)
    return f"perf can't sample here: {tried.stderr.strip()}" if tried.returncode != 0 else ""


class EmuVmTest(EmudTest):
    gdb = GdbTest.gdb

    def run_vm(self, *flags):
        path = self.path("gdb")
        vm = subprocess.Popen([EMU_VM, "run", "--arch", "riscv64", "--firmware", DEBUGGEE, "--memory",
                               "64M", "--gdb", path + ",wait", *flags],
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self.addCleanup(vm.stdin.close)
        self.addCleanup(vm.wait)
        self.addCleanup(vm.kill)
        self.assertTrue(wait_for(lambda: os.path.exists(path)))
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        return vm, path

    def debug_from_reset(self, *flags):
        vm, path = self.run_vm(*flags)
        text = self.gdb(path, "info registers pc", "stepi", "info registers pc", "break _start",
                        "continue", "stepi", "stepi", "p rounds", "break square", "continue",
                        "set var quit = 1", "delete", "continue")
        self.assertRegex(text, r"pc +0x1000\b")
        self.assertRegex(text, r"pc +0x1004\b")
        self.assertIn("in _start ()", text)
        self.assertIn("$1 = 0", text)
        self.assertIn("square (number=0)", text)
        self.assertIn("exited normally", text)
        self.assertEqual(vm.wait(20), 0)

    def test_from_the_first_instruction(self):
        self.debug_from_reset()

    def test_on_the_interpreter(self):
        self.debug_from_reset("--tier", "t0")

    def test_perf_names_the_guest_code_that_it_samples(self):
        data = self.path("perf.data")
        record = ["perf", "record", "-q", "-e", "cpu-clock", "-F", "999", "-o", data]
        if why := perf_is_missing(record):
            self.skipTest(why)
        vm, path = self.run_for_perf()
        self.assertTrue(wait_for(lambda: os.path.exists(path)))
        subprocess.run([*record, "-p", str(vm.pid), "--", "sleep", "1"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
        report = subprocess.run(["perf", "report", "-i", data, "--stdio", "--sort", "dso,sym"],
                                check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                text=True, timeout=60).stdout
        shares = [(float(share), name) for share, name in
                  re.findall(r"^ +([\d.]+)%  \[JIT\] tid \d+ +\[\.\] (\w+) *$", report, re.M)]
        # The guest does nothing but compute: nearly all samples lie in its code, each under a name.
        self.assertGreater(sum(share for share, name in shares if name.startswith("guest_8")), 50,
                           report)
        at = GdbTest.symbol(self, "square")
        self.assertIn(f"guest_{at:x}_at_{at:x}", [name for _, name in shares])

    def test_perf_finds_names_for_translated_code(self):
        vm, path = self.run_for_perf()

        def entries():
            with open(path) as file:
                return re.findall(r"^([0-9a-f]+) ([0-9a-f]+) (\w+)$", file.read(), re.M)
        at = GdbTest.symbol(self, "square")
        names = {"emu_stubs", f"guest_{at:x}_at_{at:x}"}
        self.assertTrue(wait_for(lambda: os.path.exists(path)
                                 and names <= {name for _, _, name in entries()}))
        # perf uses the file only for memory that it takes for no file's.
        with open(f"/proc/{vm.pid}/maps") as maps:
            code = [line for line in maps if "r-xs" in line]
        self.assertEqual(len(code), 1)
        self.assertIn("/dev/zero (deleted)", code[0])
        first, last = (int(word, 16) for word in code[0].split()[0].split("-"))
        for address, size, _ in entries():
            self.assertLessEqual(first, int(address, 16))
            self.assertLessEqual(int(address, 16) + int(size, 16), last)

    def run_for_perf(self):
        """The VM and the path of its map."""
        vm = subprocess.Popen([EMU_VM, "run", "--arch", "riscv64", "--firmware", DEBUGGEE, "--memory",
                               "64M", "--perf-map"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self.addCleanup(vm.stdin.close)
        self.addCleanup(vm.wait)
        self.addCleanup(vm.kill)
        path = f"/tmp/perf-{vm.pid}.map"
        self.addCleanup(lambda: os.path.exists(path) and os.unlink(path))
        return vm, path

    def test_a_trace_of_one_address(self):
        at = GdbTest.symbol(self, "square")
        vm = subprocess.Popen([EMU_VM, "run", "--arch", "riscv64", "--firmware", DEBUGGEE, "--memory",
                               "64M", "--trace", "guest,opt,host", "--trace-address", hex(at)],
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True)
        time.sleep(1)
        vm.kill()
        text = vm.communicate()[1]
        self.assertEqual(set(re.findall(r"block (0x\w+)", text)), {hex(at)})
        self.assertIn("opt:\nfunction", text)
        self.assertRegex(text, r"host:\n(  7f\w+: [a-z].*\n)+")

    def test_a_socket_that_can_not_be_made(self):
        result = subprocess.run([EMU_VM, "run", "--arch", "riscv64", "--firmware", DEBUGGEE, "--gdb",
                                 "/nowhere/gdb"], capture_output=True, text=True, timeout=20)
        self.assertEqual(result.returncode, 2)
        self.assertIn("--gdb /nowhere/gdb", result.stderr)


if __name__ == "__main__":
    assert shutil.which("gdb-multiarch"), "gdb-multiarch is not installed"
    main()
