#!/usr/bin/env python3
"""A real emud with real VM processes: the life of VMs, what survives whom."""
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import time

from harness import EMUCTL, EMUD, EMU_VM, FIRMWARE, EmudTest, is_alive, main, wait_for


class ControlPlaneTest(EmudTest):
    def test_a_vm_lives_from_create_to_rm(self):
        self.start("a")
        self.assertEqual(self.get("a")["state"], "RUNNING")
        self.assertEqual([vm["name"] for vm in self.vms()], ["a"])
        self.assertIn("name: a", self.ok("vm", "get", "a", "-o", "yaml"))
        self.assertEqual(json.loads(self.ok("vm", "pause", "a", "-o", "json"))["state"], "PAUSED")
        time.sleep(0.2)
        held = self.console("a")
        time.sleep(0.3)
        self.assertEqual(self.console("a"), held)
        self.ok("vm", "resume", "a")
        self.assertTrue(wait_for(lambda: len(self.console("a")) > len(held)))
        self.ok("vm", "reset", "a")
        self.ok("vm", "stop", "a")
        self.assertEqual(self.get("a")["state"], "STOPPED")
        self.ok("vm", "rm", "a")
        self.assertEqual(self.vms(), [])
        self.assertEqual(os.listdir(os.path.join(self.dir.name, "state", "vms")), [])

    def test_a_guest_that_powers_off_stops_its_vm(self):
        self.start("a")
        self.ok("console", "a", input="off\n")
        self.ok("vm", "wait", "a", "--state", "STOPPED", "--timeout", "10s")
        self.assertEqual(self.get("a")["stateReason"], "GUEST_POWER_OFF")

    def test_the_firmware_starts_what_is_in_the_flash(self):
        # addi a7, zero, 8; ecall: SBI's legacy shutdown, as S-mode asks for it.
        flash = self.write("flash", struct.pack("<II", 0x00800893, 0x73))
        self.ok("vm", "create", "a", "--flash", flash, "--memory", "64M", "--start")
        self.ok("vm", "wait", "a", "--state", "STOPPED", "--timeout", "60s")
        self.assertEqual(self.get("a")["stateReason"], "GUEST_POWER_OFF")
        self.assertIn("OpenSBI", self.console("a"))
        self.assertIn("flash    " + flash, self.ok("vm", "get", "a"))

    def test_a_guest_that_fails_is_told_apart_from_a_crash(self):
        self.start("a")
        self.ok("console", "a", input="fail\n")
        self.ok("vm", "wait", "a", "--state", "STOPPED", "--timeout", "10s")
        self.assertEqual(self.get("a")["lastExit"]["code"], 7)
        self.assertEqual(self.get("a")["stateReason"], "GUEST_FAILED")

    def test_a_killed_vm_is_crashed_within_200_ms_and_no_other_is(self):
        self.start("a")
        self.start("b")
        took = []
        for _ in range(3):
            pid = self.get("a")["pid"]
            waiting = subprocess.Popen([EMUCTL, "--endpoint", self.endpoint, "vm", "wait", "a",
                                        "--state", "CRASHED", "--timeout", "10s"],
                                       stdout=subprocess.DEVNULL)
            time.sleep(0.3)
            began = time.monotonic()
            os.kill(pid, signal.SIGKILL)
            self.assertEqual(waiting.wait(10), 0)
            took.append(time.monotonic() - began)
            vm = self.get("a")
            self.assertEqual((vm["stateReason"], vm["lastExit"]["signal"]),
                             ("KILLED_BY_SIGNAL", 9))
            self.assertIn("killed by signal 9", vm["lastExit"]["message"])
            self.assertIn("tick", self.crashed_tail("a"))
            shown = self.ok("vm", "get", "a").partition("last lines")[2]
            self.assertIn("tick", shown)
            self.assertLessEqual(shown.count("tick"), 20)
            self.assertEqual(self.get("b")["state"], "RUNNING")
            self.ok("vm", "start", "a")
        print("CRASHED after", *(f"{seconds * 1000:.0f} ms" for seconds in took))
        # The best of three, emuctl included: a loaded host may delay any one of them.
        self.assertLess(min(took), 0.2)

    def test_a_vm_dies_with_its_monitor(self):
        self.start("a")
        monitor, vm = self.processes_of("a")
        os.kill(monitor, signal.SIGKILL)
        self.ok("vm", "wait", "a", "--state", "CRASHED", "--timeout", "5s")
        self.assertTrue(wait_for(lambda: not is_alive(vm)))
        self.ok("vm", "start", "a")

    def test_force_ends_a_vm_that_hung_before_its_hello(self):
        with open(self.path("firmware"), "wb") as file:
            file.truncate(1 << 30)
        self.ok("vm", "create", "a", "--firmware", self.path("firmware"), "--memory", "2G")
        starting = subprocess.Popen([EMUCTL, "--endpoint", self.endpoint, "vm", "start", "a"],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def is_spawned():
            try:
                return self.processes_of("a")[1] != 0
            except (FileNotFoundError, struct.error):
                return False
        self.assertTrue(wait_for(is_spawned))
        monitor, vm = self.processes_of("a")
        os.kill(vm, signal.SIGSTOP)
        self.assertEqual(self.get("a")["state"], "STARTING")
        began = time.monotonic()
        self.ok("vm", "stop", "a", "--force")
        self.assertLess(time.monotonic() - began, 3)
        self.assertTrue(wait_for(lambda: not is_alive(vm) and not is_alive(monitor)))
        self.assertNotEqual(starting.wait(30), 0)

    def test_a_vm_that_is_silent_when_taken_up_is_reconciled_later(self):
        self.start("a")
        vm = self.get("a")
        pid = vm["pid"]
        self.emud.kill()
        self.emud.wait()
        # What is stored becomes wrong, and the VM can't say so yet: ControlMessage{1, pause}.
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as control:
            control.connect(os.path.join(self.state_dir, "vms", vm["uid"], "ctl"))
            control.send(b"\x08\x01\x12\x02\x1a\x00")
            control.recv(100)
        time.sleep(0.3)
        os.kill(pid, signal.SIGSTOP)
        self.start_emud()
        # The second if this host was so slow that the VM has been silent for long by now.
        self.assertIn(self.get("a")["state"], ("RUNNING", "UNKNOWN"))
        os.kill(pid, signal.SIGCONT)
        self.ok("vm", "wait", "a", "--state", "PAUSED", "--timeout", "30s")
        self.assertEqual(self.get("a")["pid"], pid)
        self.ok("vm", "resume", "a")

    def test_a_flooding_console_hides_no_state(self):
        self.start("a")
        for _ in range(30):
            self.ok("vm", "pause", "a")
            self.ok("vm", "resume", "a")

    def test_vms_outlive_a_killed_emud(self):
        self.start("a")
        self.start("b")
        pid = self.get("a")["pid"]
        lost = self.get("b")["pid"]
        before = self.console("a")
        self.emud.kill()
        self.emud.wait()
        os.kill(lost, signal.SIGKILL)
        time.sleep(0.3)
        self.start_emud()
        vm = self.get("a")
        self.assertEqual((vm["state"], vm["pid"]), ("RUNNING", pid))
        self.assertTrue(self.console("a").startswith(before))
        self.assertTrue(wait_for(lambda: len(self.console("a")) > len(before) + 5))
        self.assertEqual(self.get("b")["lastExit"]["signal"], 9)
        self.ok("console", "a", input="off\n")
        self.ok("vm", "wait", "a", "--state", "STOPPED", "--timeout", "10s")

    def test_a_hung_vm_delays_no_other(self):
        self.start("a")
        self.start("b")
        os.kill(self.get("a")["pid"], signal.SIGSTOP)
        stuck = subprocess.Popen([EMUCTL, "--endpoint", self.endpoint, "vm", "pause", "a"],
                                 stderr=subprocess.DEVNULL)
        began = time.monotonic()
        self.ok("vm", "pause", "b")
        self.assertLess(time.monotonic() - began, 2)
        self.assertEqual(stuck.wait(30), 7)
        self.ok("vm", "stop", "a", "--force")
        self.assertEqual(self.get("a")["state"], "STOPPED")

    def test_a_vm_process_is_confined_and_its_monitor_small(self):
        self.start("a")
        pid = self.get("a")["pid"]
        with open(f"/proc/{pid}/status") as status:
            text = status.read()
        self.assertIn("NoNewPrivs:\t1", text)
        self.assertIn("Seccomp:\t2", text)
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/status") as status:
                self.assertIn("Seccomp:\t2", status.read())
        with open(f"/proc/{pid}/maps") as maps:
            mapped = maps.read()
        self.assertNotIn("rwx", mapped)
        self.assertNotIn("grpc", mapped)
        with open(f"/proc/{self.monitor_of(pid)}/smaps_rollup") as rollup:
            # What it writes: how many pages of its files it alone maps is the kernel's choice.
            private = sum(int(l.split()[1]) for l in rollup if l.startswith("Private_Dirty"))
        # A sanitizer's shadow of the memory is not ours to make small.
        if "EMU_SANITIZER" not in os.environ:
            self.assertLess(private, 160)

    def test_a_vm_process_opens_no_path(self):
        if not shutil.which("strace") or subprocess.run(
                ["strace", "-o", "/dev/null", "true"], stderr=subprocess.DEVNULL).returncode:
            self.skipTest("strace is not to be had here")
        self.emud.terminate()
        self.emud.wait(10)
        trace = self.path("trace")
        self.start_emud("strace", "-qq", "-f", "-o", trace, "-e", "trace=%file,seccomp,clone,clone3,fork")
        # strace stands between: its child is emud.
        with open(f"/proc/{self.emud.pid}/task/{self.emud.pid}/children") as children:
            emud = int(children.read().split()[0])
        self.addCleanup(lambda: is_alive(emud) and os.kill(emud, signal.SIGTERM))
        self.start("a")
        self.ok("vm", "reset", "a")
        monitor, vm = self.processes_of("a")
        threads = {int(thread) for thread in os.listdir(f"/proc/{vm}/task")}
        self.ok("vm", "rm", "a", "--force")
        os.kill(emud, signal.SIGTERM)
        self.assertEqual(self.emud.wait(10), 0)
        with open(trace) as file:
            calls = [(int(pid), call) for pid, call in (line.split(None, 1) for line in file)]
        spawned = next(at for at, (pid, call) in enumerate(calls)
                       if pid == monitor and "execve" in call)
        mine = [call for pid, call in calls[spawned:] if pid in threads]
        # The trace itself: it shows the monitor's libraries, and the VM's sandbox.
        self.assertTrue(any("open" in call for pid, call in calls[spawned:] if pid == monitor))
        self.assertTrue(any("SECCOMP_SET_MODE_FILTER" in call for call in mine))
        paths = [call for call in mine if re.search(r'"[^"]+"', call)]  # fstat's is empty
        self.assertEqual(paths, [])

    def test_a_vm_comes_from_a_file(self):
        path = os.path.join(self.dir.name, "vm.yaml")
        with open(path, "w") as manifest:
            manifest.write("apiVersion: emud.dev/v1\nkind: Vm\n"
                           "metadata: {name: web, labels: {team: core}}\n"
                           "spec:\n  machine: {arch: riscv64, cpus: 2, memoryMib: 128}\n"
                           f"  boot: {{firmware: {FIRMWARE}}}\n"
                           "  consoles: [{id: serial0, type: UART}]\n")
        self.ok("vm", "create", "-f", path)
        vm = self.get("web")
        self.assertEqual((vm["spec"]["machine"]["cpus"], vm["spec"]["machine"]["memoryMib"]),
                         (2, "128"))
        self.assertEqual(vm["labels"], {"team": "core"})
        # Flags override the file.
        self.ok("vm", "create", "web2", "-f", path, "--cpus", "1", "--memory", "64M")
        machine = self.get("web2")["spec"]["machine"]
        self.assertEqual((machine["cpus"], machine["memoryMib"]), (1, "64"))
        self.fails(2, ["spec.machine.arch", "vax"], "vm", "create", "web3", "-f", path, "--arch", "vax")
        with open(path) as manifest:
            self.ok("vm", "create", "web4", "-f", "-", input=manifest.read())

    def test_paths_in_a_file_start_from_its_folder(self):
        os.mkdir(self.path("folder"))
        shutil.copy(FIRMWARE, self.path("folder/firmware"))
        path = self.write("folder/vm.yaml", "apiVersion: emud.dev/v1\nkind: Vm\nmetadata: {name: a}\n"
                          "spec: {machine: {arch: riscv64}, boot: {firmware: firmware}}\n")
        self.ok("vm", "create", "-f", path)
        self.assertEqual(self.get("a")["spec"]["boot"]["firmware"], self.path("folder/firmware"))

    def test_emud_is_configured_by_a_file_and_stops_on_sigterm(self):
        endpoint = "unix:" + self.path("second.sock")
        config = self.write("emud.yaml", f"stateDir: {self.path('second')}\nlisten: {endpoint}\n"
                                         f"vmProgram: {EMU_VM}\n")
        with open(self.path("second.log"), "w") as log:
            second = subprocess.Popen([EMUD, "--config", config], stderr=log)
        emuctl = [EMUCTL, "--endpoint", endpoint]
        self.assertTrue(wait_for(lambda: subprocess.run(
            [*emuctl, "vm", "create", "x", "--firmware", FIRMWARE, "--memory", "64M", "--start"],
            capture_output=True).returncode == 0))
        second.terminate()
        self.assertEqual(second.wait(10), 0)
        self.assertFalse(os.path.exists(self.path("second.sock")))
        # The VM runs on, for the next daemon.
        with open(self.path("second.log"), "a") as log:
            second = subprocess.Popen([EMUD, "--config", config], stderr=log)
        self.assertTrue(wait_for(lambda: subprocess.run(
            [*emuctl, "vm", "pause", "x"], capture_output=True).returncode == 0))
        subprocess.run([*emuctl, "vm", "rm", "x", "--force"], check=True)
        second.send_signal(signal.SIGINT)
        self.assertEqual(second.wait(10), 0)

    def test_emud_refuses_a_bad_config(self):
        for text, words in [("stateDirr: /x\n", ["emud.yaml:1", "stateDirr", "stateDir"]),
                            ("listen: 127.0.0.1:80\n", ["listen", "unix:PATH"]),
                            ("a: [\n", ["emud.yaml"]), ("- a\n", ["emud.yaml"]),
                            ("stateDir: [a]\n", ["emud.yaml"])]:
            result = subprocess.run([EMUD, "--config", self.write("emud.yaml", text)],
                                    capture_output=True, text=True, timeout=10)
            self.assertEqual(result.returncode, 2, result.stderr)
            for word in words:
                self.assertIn(word, result.stderr)
        absent = subprocess.run([EMUD, "--config", self.path("absent.yaml")], capture_output=True,
                                text=True, timeout=10)
        self.assertEqual(absent.returncode, 2)
        self.assertIn("absent.yaml: No such file or directory; check the path", absent.stderr)
        taken = subprocess.run([EMUD, "--state-dir", self.state_dir, "--emu-vm", EMU_VM,
                                "--listen", "unix:" + self.path("other.sock")],
                               capture_output=True, text=True, timeout=10)
        self.assertEqual(taken.returncode, 1)
        self.assertIn("another emud", taken.stderr)


if __name__ == "__main__":
    main()
