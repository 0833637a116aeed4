#!/usr/bin/env python3
"""The sandbox of VM processes: what is seen of it from outside, and what is tried inside."""
import json
import os
import shlex
import signal
import subprocess

from harness import EMU_VM, FIRMWARE, EmudTest, is_alive, main, wait_for

BUILT = os.path.dirname(FIRMWARE)
ESCAPE = os.path.join(BUILT, "libescape.so")
CGROUPS = {"CPU_CGROUP", "MEMORY_CGROUP", "PIDS_CGROUP"}
NAMESPACES = {"user": "USER_NAMESPACE", "mnt": "MOUNT_NAMESPACE", "net": "NETWORK_NAMESPACE",
              "ipc": "IPC_NAMESPACE", "uts": "UTS_NAMESPACE", "pid": "PID_NAMESPACE"}
# emud in a user namespace of its own, where a step can be refused.
IN_NAMESPACE = ("unshare", "--user", "--map-root-user", "sh", "-c")


def status_of(path):
    with open(f"{path}/status") as status:
        return dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line)


class JailTest(EmudTest):
    def missing(self):
        """What this host refuses, as host info says."""
        host = json.loads(self.ok("host", "info", "-o", "json"))
        missing = set(host.get("sandboxMissing", []))
        self.assertEqual(host["sandboxLevel"], "PARTIAL" if missing else "FULL")
        return missing

    def assert_confined(self, pid, missing, shared=frozenset(), files=()):
        """`shared`: namespaces of the host's. `files`: what its root has."""
        status = status_of(f"/proc/{pid}")
        for capabilities in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            self.assertEqual(int(status[capabilities], 16), 0, capabilities)
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))
        self.assertNotIn("0", set(status["Uid"].split() + status["Gid"].split()))
        for name, step in NAMESPACES.items():
            if step not in missing and name not in shared:
                self.assertNotEqual(os.readlink(f"/proc/{pid}/ns/{name}"),
                                    os.readlink(f"/proc/self/ns/{name}"), name)
        if "EMPTY_ROOT" not in missing:
            found = [os.path.join(folder, name) for folder, _, names in os.walk(f"/proc/{pid}/root/")
                     for name in names]
            self.assertEqual([os.path.relpath(path, f"/proc/{pid}/root") for path in found],
                             list(files))
            with open(f"/proc/{pid}/mounts") as mounts:
                self.assertEqual(len(mounts.readlines()), 1)
        with open(f"/proc/{pid}/maps") as maps:
            self.assertNotIn("rwx", maps.read())

    def test_a_network_process_has_every_step_but_the_network(self):
        self.ok("vm", "create", "a", "--firmware", self.firmware, "--memory", "64M", "--net", "user",
                "--start")
        self.assertTrue(wait_for(lambda: self.get("a").get("nics", [{}])[0].get("mac")))
        self.assertTrue(wait_for(lambda: len(self.network_processes("a")) == 1))
        process, = self.network_processes("a")
        self.assertTrue(wait_for(lambda: status_of(f"/proc/{process}")["Seccomp"] == "2"))
        self.assert_confined(process, self.missing(), shared={"net", "pid"},
                             files=["etc/resolv.conf"])
        for path, mode in (("etc", 0o555), ("etc/resolv.conf", 0o444)):
            self.assertEqual(os.stat(f"/proc/{process}/root/{path}").st_mode & 0o777, mode)
        with open(f"/proc/{process}/limits") as limits:
            text = limits.read()
        for name, most in (("core file size", 0), ("processes", 0), ("open files", 4096)):
            self.assertRegex(text, rf"Max {name} +{most} +{most}")

    def test_a_vm_has_every_step_that_the_host_allows(self):
        missing = self.missing()
        if subprocess.run(["unshare", "-Urmpniuf", "true"], capture_output=True).returncode == 0:
            self.assertEqual(missing - CGROUPS - {"LANDLOCK"}, set())
        self.start("a")
        vm = self.get("a")
        self.assertEqual(set(vm.get("sandboxMissing", [])), missing)
        self.assertEqual(vm["sandboxLevel"], "PARTIAL" if missing else "FULL")
        self.assertIn("sandbox  " + vm["sandboxLevel"], self.ok("vm", "get", "a"))
        monitor, process = self.processes_of("a")
        self.assertEqual(vm["pid"], process)
        # A monitor makes the PID namespace, and is not in it.
        self.assert_confined(monitor, missing, shared={"pid"})
        self.assert_confined(process, missing)
        for thread in os.listdir(f"/proc/{process}/task"):
            # The one of all threads, and its own.
            self.assertEqual(status_of(f"/proc/{process}/task/{thread}")["Seccomp_filters"], "2")
        with open(f"/proc/{process}/limits") as limits:
            text = limits.read()
        for name, most in (("core file size", 0), ("processes", 0), ("open files", 256)):
            self.assertRegex(text, rf"Max {name} +{most} +{most}")
        self.assertRegex(text, r"Max file size +\d+")
        if not missing & CGROUPS:
            with open(f"/proc/{process}/cgroup") as cgroup:
                self.assertIn("emud-vm-" + vm["uid"], cgroup.read())

    def test_every_vm_is_a_user_of_its_own(self):
        self.start("a")
        self.start("b")
        users = {status_of(f"/proc/{self.get(name)['pid']}")["Uid"] for name in ("a", "b")}
        self.assertEqual(len(users), 2 if os.geteuid() == 0 else 1)

    def test_groups_go_with_their_vm_also_when_emud_was_away(self):
        if self.missing() & CGROUPS:
            self.skipTest("control groups are not to be had here")
        for away in (False, True):
            name = f"a{int(away)}"
            self.start(name)
            note = os.path.join(self.state_dir, "vms", self.get(name)["uid"], "cgroups")
            with open(note) as file:
                folders = file.read().split()
            self.assertTrue(folders and all(os.path.isdir(folder) for folder in folders))
            pid = self.get(name)["pid"]
            if away:
                self.emud.kill()
                self.emud.wait()
            os.kill(pid, signal.SIGKILL)
            if away:
                self.assertTrue(wait_for(lambda: not is_alive(pid)))
                self.start_emud()
            self.ok("vm", "wait", name, "--state", "CRASHED", "--timeout", "5s")
            self.assertTrue(wait_for(lambda: not os.path.exists(note)))
            self.assertFalse([folder for folder in folders if os.path.exists(folder)])

    # CHOWN, DAC_OVERRIDE, KILL, SETGID, SETUID, SETPCAP, SYS_ADMIN.
    NEEDED = {0, 1, 5, 6, 7, 8, 21}

    def test_root_keeps_what_sandboxes_need_and_nothing_else(self):
        if os.geteuid() != 0:
            self.skipTest("root is asked for")
        status = status_of(f"/proc/{self.emud.pid}")
        for name in ("CapEff", "CapPrm", "CapBnd"):
            kept = {bit for bit in range(64) if int(status[name], 16) >> bit & 1}
            self.assertLessEqual(kept, self.NEEDED, name)
        # And that is enough: see the other tests.

    def test_a_plain_user_confines_vms_as_well(self):
        if os.geteuid() != 0 or self.missing() - CGROUPS:
            self.skipTest("root makes a plain user, where the host allows namespaces")
        self.emud.terminate()
        self.emud.wait(10)
        as_user = self.become_plain_user(0x6ffe0000 + os.getpid() % 65536)
        self.start_emud(*as_user, state_dir=self.path("other"))
        self.start("a")
        vm = self.get("a")
        self.assertLessEqual(set(vm.get("sandboxMissing", [])), CGROUPS)
        monitor, process = self.processes_of("a")
        for pid in (monitor, process):
            self.assertEqual(int(status_of(f"/proc/{pid}")["CapEff"], 16), 0)
            self.assertEqual(os.listdir(f"/proc/{pid}/root/"), [])
        # It is ended, and a new daemon finds it, as root's.
        self.emud.kill()
        self.emud.wait()
        self.start_emud(*as_user, state_dir=self.state_dir)
        self.assertEqual((self.get("a")["state"], self.get("a")["pid"]), ("RUNNING", process))
        self.ok("vm", "stop", "a", "--force")
        self.assertTrue(wait_for(lambda: not is_alive(process)))

    def restart_emud(self, *wrapper, config=""):
        """Stops emud, and starts it in `wrapper`, a command that ends with `sh -c`."""
        self.emud.terminate()
        self.emud.wait(10)
        if "vmProgram" not in config:
            config += f"vmProgram: {EMU_VM}\n"
        if wrapper:
            wrapper = (*wrapper[:-1], wrapper[-1] + '; exec "$@"', "sh")
        self.start_emud(*wrapper, arguments=("--config", self.write("emud.yaml", config)))

    def test_a_step_that_the_host_refuses_is_left_out_alone(self):
        if self.missing() - CGROUPS:
            self.skipTest("the host refuses steps by itself")
        refused = "echo 0 > /proc/sys/user/max_net_namespaces"
        self.restart_emud(*IN_NAMESPACE, refused)
        self.assertEqual(self.missing() - CGROUPS - {"UNPRIVILEGED_USER"}, {"NETWORK_NAMESPACE"})
        self.start("a")
        vm = self.get("a")
        self.assertEqual(vm["sandboxLevel"], "PARTIAL")
        self.assertIn("NETWORK_NAMESPACE", vm["sandboxMissing"])
        self.assertNotIn("EMPTY_ROOT", vm["sandboxMissing"])
        self.assertIn("without", self.ok("vm", "get", "a"))
        self.ok("vm", "stop", "a")
        # Who demands everything is told what is missing, and by whom it is demanded.
        self.restart_emud(*IN_NAMESPACE, refused, config="requireSandbox: true\n")
        self.fails(4, ["a did not start", "NETWORK_NAMESPACE", "requireSandbox"], "vm", "start", "a")
        self.assertEqual(self.get("a")["state"], "STOPPED")
        self.assertIn("refused", self.ok("host", "info"))

    def test_who_demands_the_full_sandbox_gets_it(self):
        if self.missing():
            self.skipTest("the host refuses some of it")
        self.restart_emud(config="requireSandbox: true\n")
        self.start("a")
        self.assertEqual(self.get("a")["sandboxLevel"], "FULL")

    def escape(self, what, thread, victim):
        """Has a VM try, and returns what became of it and what its log says."""
        self.write("emu-vm", "#!/bin/bash\n"
                   f"export LD_PRELOAD={shlex.quote(ESCAPE)} ESCAPE={shlex.quote(what)}\n"
                   f"export ESCAPE_THREAD={thread} ESCAPE_VICTIM={victim}\n"
                   f"exec -a emu-vm {shlex.quote(EMU_VM)} \"$@\"\n")
        self.ctl("vm", "start", "e")
        self.assertTrue(wait_for(lambda: self.get("e")["state"] in ("RUNNING", "CRASHED")))
        vm = self.get("e")
        if vm["state"] == "RUNNING":
            self.ok("vm", "stop", "e", "--force")
        path = os.path.join(self.state_dir, "vms", vm["uid"], "emu-vm.log")
        with open(path) as log:
            text = log.read()
        os.truncate(path, 0)
        return vm, text

    KILLED = ("process_vm_readv", "process_vm_writev", "ptrace", "kill", "pidfd_open", "socket",
              "execve", "fork", "clone", "unshare", "mount", "setuid", "memfd_create",
              "io_uring_setup", "bpf", "personality", "mmap", "mprotect", "pkey_mprotect", "shmat",
              "seccomp", "rt_sigaction")
    REFUSED = ("open", "create", "victim's memory")

    def test_nothing_that_is_tried_inside_succeeds(self):
        if "EMU_SANITIZER" in os.environ:
            self.skipTest("a sanitizer wants to be loaded first")
        self.write("emu-vm", "#!/bin/sh\n")
        os.chmod(self.path("emu-vm"), 0o755)
        self.start("victim")
        victim = self.get("victim")["pid"]
        self.restart_emud(config=f"vmProgram: {self.path('emu-vm')}\n")
        self.ok("vm", "create", "e", "--firmware", FIRMWARE, "--memory", "64M", "--disk",
                self.write("disk", bytes(4096)))
        everything = self.KILLED + self.REFUSED
        for thread, attempts in (("vcpu0", everything), ("emu-vm", everything),
                                 ("state-driver", self.KILLED[:8]), ("io-worker", self.KILLED[:8])):
            for what in attempts:
                with self.subTest(what=what, thread=thread):
                    vm, log = self.escape(what, thread, victim)
                    self.assertNotIn("escape: done", log)
                    if what in self.REFUSED:
                        self.assertIn("escape: denied", log)
                        continue
                    self.assertEqual((vm["state"], vm["stateReason"]),
                                     ("CRASHED", "SANDBOX_VIOLATION"), log)
                    last = vm["lastExit"]
                    self.assertEqual((last["signal"], last["thread"], last["seccompSyscallName"]),
                                     (signal.SIGSYS, thread, what))
                    self.assertIn(what, last["message"])
        self.assertTrue(is_alive(victim))
        self.assertEqual(self.get("victim")["state"], "RUNNING")


if __name__ == "__main__":
    main()
