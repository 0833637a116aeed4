"""emud under a service manager: readiness, watchdog, reload and a passed socket, as systemd speaks
them (sd_notify(3), sd_listen_fds(3)). This process stands in for systemd, which need not run here;
the units themselves are held against systemd-analyze.
"""
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import unittest

from harness import EMUCTL, EMUD, EMU_VM, EmudTest, main

DEPLOY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "deploy")
WATCHDOG_S = 1.5


class ServiceManager:
    """What a service manager hears, and the environment in which it starts a service."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.environment = {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": str(int(WATCHDOG_S * 1e6))}

    def next(self, word, seconds=10.0):
        """The next message that holds `word`, or None."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                message = self.socket.recv(4096).decode()
            except socket.timeout:
                break
            if word in message.splitlines():
                return message
        return None

    def forget(self):
        self.socket.setblocking(False)
        try:
            while self.socket.recv(4096):
                pass
        except BlockingIOError:
            pass


class ServiceTest(EmudTest):
    def start_emud(self):
        self.manager = ServiceManager(self.path("notify"))
        self.addCleanup(self.manager.socket.close)
        self.state_dir = self.path("state")
        self.config = self.write("emud.yaml", f"stateDir: {self.state_dir}\nvmProgram: {EMU_VM}\n"
                                              f"listen: {self.endpoint}\n")
        self.start_service()

    def start_service(self, listener=None):
        """With what systemd sets; LISTEN_PID is the service's own number, so a shell tells it."""
        environment = {**os.environ, **self.manager.environment}
        passed = {}
        if listener is not None:
            environment["LISTEN_FDS"] = "1"
            passed = {"preexec_fn": lambda: os.dup2(listener.fileno(), 3), "pass_fds": [3]}
        with open(self.path("emud.log"), "a") as log:
            self.emud = subprocess.Popen(
                ["sh", "-c", 'LISTEN_PID=$$ WATCHDOG_PID=$$ exec "$@"', "sh",
                 EMUD, "--config", self.config],
                stderr=log, env=environment, **passed)
        self.assertIsNotNone(self.manager.next("READY=1"))
        self.assertEqual(self.vms_list(), 0)

    def vms_list(self):
        return self.ctl("vm", "list").returncode

    def log(self):
        with open(self.path("emud.log")) as log:
            return log.read()

    def test_a_daemon_that_lives_says_so_and_one_that_hangs_does_not(self):
        for _ in range(3):
            self.assertIsNotNone(self.manager.next("WATCHDOG=1", WATCHDOG_S))
        self.emud.send_signal(signal.SIGSTOP)
        self.manager.forget()
        self.assertIsNone(self.manager.next("WATCHDOG=1", WATCHDOG_S))
        self.emud.send_signal(signal.SIGCONT)
        self.assertIsNotNone(self.manager.next("WATCHDOG=1", WATCHDOG_S))

    def test_stopping_is_told_and_vms_run_on(self):
        self.start("a")
        pid = self.get("a")["pid"]
        self.emud.terminate()
        self.assertIsNotNone(self.manager.next("STOPPING=1"))
        self.assertEqual(self.emud.wait(10), 0)
        self.start_service()
        self.assertEqual((self.get("a")["state"], self.get("a")["pid"]), ("RUNNING", pid))

    def test_sighup_reads_the_log_level_again(self):
        def reload(line):
            with open(self.config, "a") as config:
                config.write(line)
            self.emud.send_signal(signal.SIGHUP)
            self.assertIsNotNone(self.manager.next("READY=1"))

        reload("logLevel: error\n")
        self.assertNotIn("config-reloaded", self.log())  # below the level that it tells of
        self.write("emud.yaml", f"stateDir: {self.state_dir}\nvmProgram: {EMU_VM}\n")
        reload("logLevel: info\n")
        self.assertIn("config-reloaded needs_restart=true", self.log())
        # A mistake changes nothing, and is told.
        reload("logLevl: debug\n")
        self.assertIn("config-not-reloaded", self.log())
        self.assertIn("emud.yaml:4: logLevl is not known", self.log())
        self.assertEqual(self.vms_list(), 0)

    def test_a_passed_socket_is_served_and_left(self):
        self.emud.terminate()
        self.assertEqual(self.emud.wait(10), 0)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(listener.close)
        listener.bind(self.path("activated.sock"))
        listener.listen()
        # A client that comes before the daemon is there is served when it is.
        self.endpoint = "unix:" + self.path("activated.sock")
        early = subprocess.Popen([EMUCTL, "--endpoint", self.endpoint, "vm", "list"],
                                 stdout=subprocess.DEVNULL)
        self.start_service(listener)
        self.assertEqual(early.wait(10), 0)
        self.emud.terminate()
        self.assertEqual(self.emud.wait(10), 0)
        self.assertTrue(os.path.exists(self.path("activated.sock")))
        self.start_service(listener)

    def test_check_config_says_what_there_is_or_what_is_wrong(self):
        def check(text):
            return subprocess.run([EMUD, "--check-config", "--config", self.write("c.yaml", text)],
                                  capture_output=True, text=True, timeout=10)

        good = check(f"stateDir: /nowhere\nvmProgram: {EMU_VM}\nlogLevel: warning\n")
        self.assertEqual(good.returncode, 0, good.stderr)
        for line in ("stateDir: /nowhere", "logLevel: warning", f"vmProgram: {EMU_VM}"):
            self.assertIn(line, good.stdout)
        # What it says is a configuration.
        self.assertEqual(check(good.stdout).stdout, good.stdout)
        for text, words in (("logLevel: loud\n", ["c.yaml:1", "logLevel: loud", "warning"]),
                            ("listenGroup: nobody-has-it\n", ["listenGroup", "addgroup"])):
            bad = check(f"{text}vmProgram: {EMU_VM}\n")
            self.assertEqual(bad.returncode, 2)
            for word in words:
                self.assertIn(word, bad.stderr)

    def test_the_sample_explains_every_key(self):
        with open(os.path.join(DEPLOY, "emud.yaml")) as sample:
            text = sample.read()
        known = subprocess.run([EMUD, "--config", self.write("c.yaml", "x: y\n")], timeout=10,
                               capture_output=True, text=True).stderr
        keys = re.search(r"there are (.*)", known).group(1).split(", ")
        self.assertIn("stateDir", keys)
        explained = re.findall(r"^#[^\n]*\n(?:# )?(\w+):", text, re.MULTILINE)
        self.assertEqual(sorted(explained), sorted(keys))
        text = text.replace("listenGroup: emud", "listenGroup: root")
        sample = subprocess.run([EMUD, "--check-config", "--config", self.write("c.yaml", text)],
                                capture_output=True, text=True, timeout=10)
        self.assertEqual(sample.returncode, 0, sample.stderr)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed")
    def test_systemd_accepts_the_units(self):
        for name, program in (("emud", EMUD), ("emud-vms", EMUCTL)):
            with open(os.path.join(DEPLOY, "systemd", name + ".service.in")) as unit:
                text = unit.read()
            installed = "@CMAKE_INSTALL_FULL_BINDIR@/" + os.path.basename(program)
            self.assertIn(installed, text)
            self.write(name + ".service", text.replace(installed, program))
        shutil.copy(os.path.join(DEPLOY, "systemd", "emud.socket"), self.path("emud.socket"))
        result = subprocess.run(["systemd-analyze", "verify", "--man=no", self.path("emud.service"),
                                 self.path("emud-vms.service"), self.path("emud.socket")], capture_output=True, text=True)
        self.assertEqual((result.returncode, result.stderr), (0, ""))


if __name__ == "__main__":
    main()
