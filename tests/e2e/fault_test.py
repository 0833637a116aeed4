#!/usr/bin/env python3
"""What goes wrong around VMs: hosts that refuse, processes that hang, clients that vanish."""
import contextlib
import json
import os
import random
import shlex
import signal
import socket
import struct
import subprocess
import time

from harness import (EMUCTL, EMUD, EMU_VM, FIRMWARE, EmudTest, failing_folder, is_alive, main,
                     wait_for)

BUILT = os.path.dirname(FIRMWARE)
HOG = os.path.join(BUILT, "hog.elf")
METRONOME = os.path.join(BUILT, "metronome.elf")
CLOCK_JUMP = os.path.join(BUILT, "libclock_jump.so")
LONG = os.environ.get("EMU_TEST_LONG") == "1"
MOUNTING = ("unshare", "--mount") if os.geteuid() == 0 else (
    "unshare", "--mount", "--user", "--map-root-user")


class FaultTest(EmudTest):
    def refused_start(self, prepare):
        """Standard error of an emud that does not start, in a mount namespace of its own."""
        result = subprocess.run(
            [*MOUNTING, "sh", "-c", prepare + '; exec "$@"', "sh", EMUD, "--emu-vm", EMU_VM,
             "--state-dir", self.state_dir, "--listen", "unix:" + self.path("other.sock")],
            capture_output=True, text=True, timeout=30)
        self.assertEqual(result.returncode, 1, result.stderr)
        return result.stderr

    def test_a_state_directory_that_is_read_only_or_full_is_refused_and_no_vm_harmed(self):
        self.start("a")
        pid = self.get("a")["pid"]
        self.emud.kill()
        self.emud.wait()
        here = shlex.quote(self.state_dir)
        error = self.refused_start(f"mount --bind {here} {here} && mount -o remount,ro,bind {here}")
        self.assertIn("can't be written to", error)
        error = self.refused_start(f"mount -t tmpfs -o size=64k full {here} && "
                                   f"head -c 1M /dev/zero > {here}/full 2>/dev/null; true")
        self.assertRegex(error, "full|No space")
        self.assertTrue(is_alive(pid))
        self.start_emud()
        self.assertEqual((self.get("a")["state"], self.get("a")["pid"]), ("RUNNING", pid))

    def test_a_state_directory_with_input_and_output_errors_is_said_and_loses_nothing(self):
        self.stop_everything()
        folder, faults = failing_folder(self)
        self.addCleanup(self.stop_everything)
        state = os.path.join(folder, "state")
        self.start_emud(state_dir=state)
        self.start("a")
        pid = self.get("a")["pid"]
        for failing in ("write", "fsync", "write fsync create mkdir unlink"):
            self.write("faults", "EIO " + failing)
            for _ in range(3):
                self.fails(1, ["state", "disk I/O error"], "vm", "update", "a", "--label", "x=lost")
                self.fails(1, ["error"], "vm", "create", "b", "--firmware", FIRMWARE,
                           "--memory", "64M")
            self.assertEqual([vm["name"] for vm in self.vms()], ["a"])
            self.assertNotIn("labels", self.get("a"))
            os.unlink(faults)
            self.ok("vm", "update", "a", "--annotation", "failing=" + failing)
        self.ok("vm", "create", "b", "--firmware", FIRMWARE, "--memory", "64M")

        self.emud.kill()
        self.emud.wait()
        self.write("faults", "EIO read")
        result = subprocess.run([*self.emud.args], capture_output=True, text=True, timeout=30)
        self.assertEqual(result.returncode, 1)
        self.assertIn(state, result.stderr)
        self.assertRegex(result.stderr, "I/O error|Input/output error")
        os.unlink(faults)
        self.start_emud(state_dir=state)
        self.assertEqual([vm["name"] for vm in self.vms()], ["a", "b"])
        self.assertEqual((self.get("a")["state"], self.get("a")["pid"]), ("RUNNING", pid))
        self.assertEqual(self.get("a")["annotations"]["failing"], "write fsync create mkdir unlink")

    def test_while_one_vm_hangs_everything_else_goes_on(self):
        self.start("a")
        self.start("b")
        os.kill(self.get("a")["pid"], signal.SIGSTOP)
        waiting = {verb: subprocess.Popen([EMUCTL, "--endpoint", self.endpoint, *verb.split(), "a"],
                                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                   for verb in ("debug regs", "vm pause")}
        began = time.monotonic()
        for verb in ("vm get", "vm pause", "debug regs", "debug stats", "vm resume", "vm reset",
                     "vm stop", "vm start"):
            self.ok(*verb.split(), "b")
        self.console("a")
        self.vms()
        # Ten calls; one that waited for the VM that hangs would take five seconds alone.
        took = time.monotonic() - began
        self.assertLess(took, 5 if "EMU_SANITIZER" not in os.environ else 30)
        for verb, process in waiting.items():
            self.assertEqual(process.wait(60), 7, verb)
        os.kill(self.get("a")["pid"], signal.SIGCONT)
        self.ok("vm", "stop", "a")

    def test_a_vm_that_needs_more_memory_than_it_may_dies_alone_and_says_so(self):
        host = json.loads(self.ok("host", "info", "-o", "json"))
        if "MEMORY_CGROUP" in host.get("sandboxMissing", []):
            self.skipTest("memory can't be limited here")
        self.start("b")
        path = self.write("vm.yaml", "apiVersion: emud.dev/v1\nkind: Vm\nmetadata: {name: a}\nspec:\n"
                          "  machine: {arch: riscv64, cpus: 8, memoryMib: 64, codeCacheMib: 1}\n"
                          f"  boot: {{firmware: {HOG}}}\n  limits: {{memoryOverheadMib: 1}}\n")
        self.ok("vm", "create", "-f", path)
        for away in (False, True):
            started = self.ctl("vm", "start", "a")
            if away and started.returncode == 0:
                self.emud.kill()
                self.emud.wait()
                time.sleep(1)
                self.start_emud()
            self.ok("vm", "wait", "a", "--state", "CRASHED", "--timeout", "20s")
            vm = self.get("a")
            self.assertEqual((vm["stateReason"], vm["lastExit"]["signal"], vm["lastExit"]["oom"]),
                             ("OUT_OF_MEMORY", 9, True))
            self.assertIn("memory_overhead_mib", vm["lastExit"]["message"])
        self.assertEqual(self.get("b")["state"], "RUNNING")
        # With what the daemon allows by itself the same guest has enough.
        self.ok("vm", "update", "a", "--set", "spec.limits.memory_overhead_mib=0")
        self.ok("vm", "start", "a")
        self.ok("console", "wait", "a", "X", "--timeout", "20s")

    def test_how_a_vm_died_is_known_also_when_emud_was_away(self):
        for number, away in ((signal.SIGSEGV, False), (signal.SIGABRT, True), (signal.SIGKILL, True),
                             (signal.SIGTERM, False)):
            self.start(f"a{number}")
            vm = self.get(f"a{number}")
            if away:
                self.emud.kill()
                self.emud.wait()
            os.kill(vm["pid"], number)
            self.assertTrue(wait_for(lambda: not is_alive(vm["pid"])))
            if away:
                self.start_emud()
            self.ok("vm", "wait", vm["name"], "--state", "CRASHED", "--timeout", "10s")
            last = self.get(vm["name"])["lastExit"]
            self.assertEqual(last["signal"], number)
            self.assertIn(f"signal {number}", last["message"])
            # The guest runs in the first page of its memory.
            self.assertEqual(int(last["guestPc"]) >> 12, 0x80000)
            self.assertIn("tick", self.crashed_tail(vm["name"]))
            self.assertIn("guest pc", self.ok("vm", "get", vm["name"]))

    def test_a_vm_for_which_the_host_has_no_memory_is_refused(self):
        # By a limit that the daemon's processes inherit.
        self.emud.terminate()
        self.emud.wait(10)
        self.start_emud("prlimit", f"--as={16 << 30}")
        if json.loads(self.ok("host", "info", "-o", "json"))["memoryMib"] < "20480":
            self.skipTest("the host is too small for a VM beyond the limit")
        self.start("b")
        self.ok("vm", "create", "a", "--firmware", FIRMWARE, "--memory", "20G")
        self.fails(6, ["a did not start", "20480 MiB", "less memory"], "vm", "start", "a")
        self.assertEqual(self.get("b")["state"], "RUNNING")

    def test_descriptors_that_run_out_are_said_and_had_again(self):
        self.emud.terminate()
        self.emud.wait(10)
        self.start_emud("prlimit", "--nofile=640:640")
        self.start("b")
        self.ok("vm", "create", "a", "--firmware", FIRMWARE, "--memory", "64M")
        connections = []
        self.addCleanup(lambda: [connection.close() for connection in connections])

        def used():
            return len(os.listdir(f"/proc/{self.emud.pid}/fd"))
        while used() < 632:
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(self.endpoint.removeprefix("unix:"))
            connections.append(connection)
            before = used()
            wait_for(lambda: used() > before, 0.02)
        self.fails(6, ["a did not start"], "vm", "start", "a")
        self.assertEqual(self.get("a")["state"], "STOPPED")
        # With none left at all, who knocks waits, and the daemon does not spin.
        for _ in range(20):
            connections.append(socket.socket(socket.AF_UNIX))
            connections[-1].setblocking(False)
            with contextlib.suppress(BlockingIOError):
                connections[-1].connect(self.endpoint.removeprefix("unix:"))
        before = self.emud_seconds()
        time.sleep(2)
        self.assertLess(self.emud_seconds() - before, 1)
        for connection in connections:
            connection.close()
        connections.clear()
        self.assertTrue(wait_for(lambda: used() < 200))
        self.ok("vm", "start", "a")
        self.assertEqual(self.get("b")["state"], "RUNNING")

    def emud_seconds(self):
        with open(f"/proc/{self.emud.pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def test_processes_that_run_out_are_said_and_had_again(self):
        if os.geteuid() != 0:
            self.skipTest("root makes the user whose processes are counted")
        self.emud.terminate()
        self.emud.wait(10)
        as_user = self.become_plain_user(0x6fff0000 + os.getpid() % 65536)
        self.start_emud(*as_user, state_dir=self.path("other"))
        self.ok("vm", "create", "a", "--firmware", self.firmware, "--memory", "64M", "--start")
        self.ok("vm", "stop", "a")
        limit = [*as_user, "prlimit", "--pid", str(self.emud.pid)]
        subprocess.run([*limit, "--nproc=1:"], check=True)
        self.fails(6, ["a did not start"], "vm", "start", "a")
        subprocess.run([*limit, "--nproc=10000:"], check=True)
        self.ok("vm", "start", "a")
        self.assertNotIn("UNPRIVILEGED_USER", self.get("a").get("sandboxMissing", []))

    def test_clients_that_vanish_in_the_middle_leave_all_or_nothing(self):
        rng = random.Random(int(os.environ.get("EMU_SEED", "1")))
        for round_number in range(60 if LONG else 12):
            name = f"a{round_number}"
            client = subprocess.Popen(
                [EMUCTL, "--endpoint", self.endpoint, "vm", "create", name, "--firmware", FIRMWARE,
                 "--memory", "64M", "--start"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(rng.random() * 0.15)
            client.kill()
            client.wait()

        def are_settled():
            return all(vm["state"] in ("STOPPED", "RUNNING") for vm in self.vms())
        self.assertTrue(wait_for(are_settled, 30), self.vms())
        # What is there is whole: it can be started, stopped and deleted.
        for vm in self.vms():
            self.ok("vm", "start", vm["name"])
            self.ok("vm", "stop", vm["name"])
            self.ok("vm", "rm", vm["name"])
        self.assert_nothing_left()

    def dots_in_a_second(self, name):
        before = self.console(name).count(".")
        time.sleep(1)
        return self.console(name).count(".") - before

    def test_a_vm_that_was_stopped_for_long_gets_no_storm_of_timers(self):
        self.ok("vm", "create", "a", "--firmware", METRONOME, "--memory", "64M", "--start")
        pid = self.get("a")["pid"]
        seconds = 60 if LONG else 6
        os.kill(pid, signal.SIGSTOP)
        time.sleep(seconds)
        os.kill(pid, signal.SIGCONT)
        # Ten were due in each second that it did not run.
        self.assertLess(self.dots_in_a_second("a"), 10 * seconds / 2)
        self.assertTrue(wait_for(lambda: self.dots_in_a_second("a") > 0))

    def test_a_wall_clock_that_jumps_moves_no_timer(self):
        if "EMU_SANITIZER" in os.environ:
            self.skipTest("a sanitizer wants to be loaded first")
        self.write("emu-vm", "#!/bin/bash\n"
                   f"LD_PRELOAD={shlex.quote(CLOCK_JUMP)} exec -a emu-vm {shlex.quote(EMU_VM)} \"$@\"\n")
        os.chmod(self.path("emu-vm"), 0o755)
        self.emud.terminate()
        self.emud.wait(10)
        self.start_emud("env", f"LD_PRELOAD={CLOCK_JUMP}",
                        arguments=("--emu-vm", self.path("emu-vm")))
        self.ok("vm", "create", "a", "--firmware", METRONOME, "--memory", "64M", "--start")
        time.sleep(3)
        path = os.path.join(self.state_dir, "vms", self.get("a")["uid"], "emu-vm.log")
        self.ok("vm", "pause", "a")
        self.ok("vm", "resume", "a")
        with open(path) as log:
            times = [line[:13] for line in log if "vm-state" in line]
        self.assertNotEqual(times[0], times[-1], "the clock has not jumped")
        # An hour would be 36,000 dots, or none for an hour.
        self.assertTrue(wait_for(lambda: 0 < self.dots_in_a_second("a") < 100))
        began = time.monotonic()
        self.assertEqual(self.ctl("vm", "wait", "a", "--state", "STOPPED", "--timeout",
                                  "2s").returncode, 8)
        self.assertGreater(time.monotonic() - began, 1)

    def guest_is_held(self, *words):
        """A guest of these instructions does its worst; its VM obeys and stays within its bounds."""
        firmware = self.write("firmware", struct.pack(f"<{len(words)}I", *words))
        self.ok("vm", "create", "a", "--firmware", firmware, "--memory", "64M", "--code-cache-mib", "4",
                "--start")
        for _ in range(3):
            time.sleep(0.5)
            vm = self.get("a")
            self.assertEqual(vm["state"], "RUNNING", vm)
            self.ok("vm", "pause", "a")
            self.ok("vm", "resume", "a")
        code = json.loads(self.ok("debug", "stats", "a", "-o", "json"))["code"]
        self.assertLessEqual(int(code.get("cacheUsedBytes", 0)), int(code["cacheBytes"]))
        with open(f"/proc/{vm['pid']}/statm") as statm:
            resident_mib = int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20
        self.assertLess(resident_mib, 64 + 4 + 100 if "EMU_SANITIZER" not in os.environ else 4000)
        self.ok("vm", "stop", "a")
        self.assertEqual(self.get("a")["stateReason"], "STOPPED")

    def test_a_guest_that_resets_for_ever(self):
        self.guest_is_held(0x00100537,  # lui a0, 0x100: the device that resets
                           0x000075b7,  # lui a1, 7
                           0x77758593,  # addi a1, a1, 0x777
                           0x00b52023,  # sw a1, 0(a0)
                           0x0000006f)  # j .

    def test_a_guest_that_rewrites_its_code_for_ever(self):
        self.guest_is_held(0x00000297,  # auipc t0, 0
                           0x0182a303,  # lw t1, 24(t0)
                           0x001003b7,  # lui t2, 0x100: a bit of the immediate
                           0x00734333,  # xor t1, t1, t2
                           0x0062ac23,  # sw t1, 24(t0)
                           0x0000100f,  # fence.i
                           0x00150513,  # addi a0, a0, 1, or 0
                           0xfe9ff06f)  # j -24

    def test_a_guest_that_jumps_into_a_device(self):
        self.guest_is_held(0x100002b7,  # lui t0, 0x10000: the UART
                           0x00028067)  # jr t0

    def test_a_guest_that_switches_interrupts_off_and_spins(self):
        self.guest_is_held(0x30405073,  # csrwi mie, 0
                           0x30047073,  # csrci mstatus, 8
                           0x0000006f)  # j .


if __name__ == "__main__":
    main()
