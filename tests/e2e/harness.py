"""What the end-to-end tests share: an emud of their own, and emuctl.

Each test program is called with: EMUD EMUCTL EMU_VM FIRMWARE
"""
import base64
import contextlib
import http.client
import json
import os
import pty
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

EMUD, EMUCTL, EMU_VM, FIRMWARE = (os.path.abspath(path) for path in sys.argv[1:5])


def wait_for(condition, seconds=30.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return False


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    # A process may be gone before its file is opened, and between that and the read (ESRCH).
    except (FileNotFoundError, ProcessLookupError):
        return False


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a socket of the file system."""

    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.connect(self.path)


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, *command, **environment):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, {**os.environ, **environment})
        os.set_blocking(self.fd, False)
        self.text = ""

    def shows(self, text):
        def look():
            with contextlib.suppress(BlockingIOError, OSError):
                self.text += os.read(self.fd, 65536).decode(errors="replace")
            return text in self.text
        return wait_for(look)

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def code(self):
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


FAILING_FS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "failing_fs.py")


def failing_folder(test):
    """(a folder whose file system fails, the file that says how)."""
    backing, shown, faults = (test.path(name) for name in ("backing", "shown", "faults"))
    os.mkdir(backing)
    os.mkdir(shown)
    server = subprocess.Popen(["/usr/bin/python3", FAILING_FS, backing, shown, faults],
                              stderr=subprocess.DEVNULL)
    test.addCleanup(server.wait)
    test.addCleanup(server.kill)
    test.addCleanup(subprocess.run, ["umount", "-l", shown], stderr=subprocess.DEVNULL)
    if not wait_for(lambda: os.path.ismount(shown) or server.poll() is not None) or (
            server.poll() is not None):
        test.skipTest("FUSE is not to be had here")
    return shown, faults


class EmudTest(unittest.TestCase):
    programs = (EMUD, EMU_VM)
    firmware = FIRMWARE

    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)
        self.endpoint = "unix:" + os.path.join(self.dir.name, "emud.sock")
        self.emud = None
        self.start_emud()
        self.addCleanup(self.stop_everything)

    def start_emud(self, *tracer, state_dir=None, arguments=()):
        self.state_dir = state_dir or os.path.join(self.dir.name, "state")
        with open(os.path.join(self.dir.name, "emud.log"), "a") as log:
            self.emud = subprocess.Popen(
                [*tracer, self.programs[0], "--state-dir", self.state_dir, "--listen", self.endpoint,
                 *(arguments or ("--emu-vm", self.programs[1])), *self.emud_arguments()], stderr=log)
        self.assertTrue(wait_for(lambda: self.emud.poll() is not None
                                 or self.ctl("vm", "list").returncode == 0))
        self.assertIsNone(self.emud.poll(), "emud does not run")

    def become_plain_user(self, user):
        """`user` has the test's folder, and what it starts, which may lie where only root looks."""
        os.chown(self.dir.name, user, user)
        *self.programs, self.firmware = (shutil.copy(path, self.dir.name)
                                         for path in (EMUD, EMU_VM, FIRMWARE))
        return ["setpriv", "--reuid", str(user), "--regid", str(user), "--clear-groups"]

    def emud_arguments(self):
        """More of them, of a subclass."""
        return []

    def stop_everything(self):
        if self.emud.poll() is None:
            # First, as they would have others made.
            for pool in self.ctl("pool", "list", "-o", "name").stdout.split():
                self.ctl("pool", "rm", pool)
            for vm in self.vms():
                self.ctl("vm", "rm", vm["name"], "--force")
            self.emud.terminate()
            self.assertEqual(self.emud.wait(10), 0)

    def ctl(self, *args, **kwargs):
        return subprocess.run([EMUCTL, "--endpoint", self.endpoint, *args], capture_output=True,
                              text=True, errors="replace", timeout=60, **kwargs)

    def terminal(self, *args):
        return Terminal(EMUCTL, "--endpoint", self.endpoint, *args)

    def ok(self, *args, **kwargs):
        result = self.ctl(*args, **kwargs)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def fails(self, code, words, *args):
        result = self.ctl(*args)
        self.assertEqual(result.returncode, code, result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)

    def get(self, name):
        return json.loads(self.ok("vm", "get", name, "-o", "json"))

    def vms(self):
        return json.loads(self.ok("vm", "list", "-o", "json")).get("vms", [])

    def start(self, name):
        self.ok("vm", "create", name, "--firmware", self.firmware, "--memory", "64M", "--start")
        self.assertTrue(wait_for(lambda: self.console(name).count("tick") >= 2))

    def console(self, name):
        return self.ok("console", name, "--log")

    def monitor_of(self, pid):
        with open(f"/proc/{pid}/status") as status:
            return int(next(l for l in status if l.startswith("PPid")).split()[1])

    def path(self, name):
        return os.path.join(self.dir.name, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return self.path(name)

    def crashed_tail(self, name):
        return base64.b64decode(self.get(name)["lastExit"]["consoleTail"]).decode()

    def processes_of(self, name):
        """(monitor, VM) as the process record of a VM names them."""
        record = os.path.join(self.state_dir, "vms", self.get(name)["uid"], "process.record")
        with open(record, "rb") as file:
            return struct.unpack_from("<ii", file.read(), 48)

    def network_processes(self, name):
        """Those of a VM's networks, which write to its log."""
        uid = self.get(name)["uid"]
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline") as cmdline:
                    is_network = cmdline.read().startswith("emu-net\0serve")
                log = os.readlink(f"/proc/{pid}/fd/2")
            except OSError:
                continue
            if is_network and uid in log:
                found.append(int(pid))
        return found

    def vm_processes(self):
        """All processes, zombies aside, that run the VM program for this test's emud."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline") as cmdline:
                    is_vm = cmdline.read().startswith("emu-vm\0serve")
                files = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
            except OSError:
                continue
            if is_vm and any(file.startswith(self.dir.name) for file in files):
                found.append(int(pid))
        return found

    def assert_nothing_left(self):
        self.assertEqual(self.vms(), [])
        self.assertEqual(os.listdir(os.path.join(self.state_dir, "vms")), [])
        self.assertTrue(wait_for(lambda: not self.vm_processes()), self.vm_processes())


class OtherDaemon(EmudTest):
    """A daemon of another host, as far as daemons know. A test that has one sets it up, and cleans up."""

    def runTest(self):
        pass


def main():
    unittest.main(argv=sys.argv[:1])
