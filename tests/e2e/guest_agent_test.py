"""Programs in guests, by their agent: what they read, say and end with, and who may go away meanwhile."""
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time

import harness
from agent_guest import START, guest_flags
from harness import EMUCTL, Terminal, wait_for


class GuestAgentTest(harness.EmudTest):
    arch = "riscv64"

    def boot(self, name="a", start=START):
        self.ok("vm", "create", name, *guest_flags(self.arch, self.dir.name, start), "--start")
        self.assertTrue(wait_for(lambda: self.ctl("guest", "info", name, "--wait", "10s").returncode == 0, 300))

    def run_in(self, *words, data=None, flags=()):
        """Code, output, errors."""
        done = subprocess.run([EMUCTL, "--endpoint", self.endpoint, "exec", "a", *flags, "--", *words],
                              input=data, capture_output=True)
        return done.returncode, done.stdout, done.stderr

    def said(self, script, flags=()):
        code, output, errors = self.run_in("sh", "-c", script, flags=flags)
        self.assertEqual((code, errors), (0, b""))
        return output.decode()

    def running(self):
        return json.loads(self.ok("guest", "execs", "a", "-o", "json")).get("execs", [])

    def test_programs_in_a_guest(self):
        self.boot()
        with self.subTest("streams are kept apart, codes passed on"):
            self.assertEqual(self.run_in("sh", "-c", "echo out; echo err >&2; exit 42"),
                             (42, b"out\n", b"err\n"))
            self.assertEqual(self.run_in("sh", "-c", "kill -KILL $$")[0], 128 + signal.SIGKILL)
        with self.subTest("what can't be started says why"):
            code, _, errors = self.run_in("no-such-program")
            self.assertEqual(code, 127)
            self.assertIn(b"No such file or directory", errors)
            self.assertEqual(self.run_in("/etc/passwd")[0], 126)
            self.assertEqual(self.run_in("true", flags=("-u", "nobody-here"))[0], 126)
            self.assertEqual(self.run_in("true", flags=("-w", "/no/such/folder"))[0], 127)
        with self.subTest("user, groups, folder and environment"):
            self.assertEqual(self.said("id -u; id -G; pwd; echo $HOME $USER $COLOR", flags=(
                "-u", "ann", "-e", "COLOR=a=b c")).split("\n")[:4],
                ["1234", "100 77", "/home/ann", "/home/ann ann a=b c"])
            self.assertEqual(self.said("id -u; pwd", flags=("-u", "4321", "-w", "/tmp")), "4321\n/tmp\n")
        with self.subTest("input and output of any length and any bytes"):
            data = random.randbytes(3_000_000) + bytes(100_000) + b"\xff" * 100_000
            code, output, _ = self.run_in("cat", data=data, flags=("-i",))
            self.assertEqual((code, hashlib.sha256(output).digest()),
                             (0, hashlib.sha256(data).digest()))
            self.assertEqual(self.run_in("wc", "-c", data=b"", flags=("-i",))[1].strip(), b"0")
            # One that reads nothing of it.
            self.assertEqual(self.run_in("true", data=data, flags=("-i",))[0], 0)
        with self.subTest("what it leaves behind does not hold it up"):
            self.assertEqual(self.said("sleep 1000 & echo done"), "done\n")
        with self.subTest("many at once"):
            many = [subprocess.Popen([EMUCTL, "--endpoint", self.endpoint, "exec", "a", "--", "sh", "-c",
                                      f"sleep 0.2; echo {number}; exit {number}"],
                                     stdout=subprocess.PIPE) for number in range(20)]
            for number, one in enumerate(many):
                self.assertEqual((one.communicate()[0], one.returncode),
                                 (b"%d\n" % number, number))
        with self.subTest("nothing is kept of what has been told"):
            self.assertTrue(wait_for(lambda: self.running() == []))

    def test_files_both_ways(self):
        self.boot()
        data = random.randbytes(1_000_000)
        os.makedirs(self.path("src/deep"))
        with open(self.path("src/deep/data"), "wb") as file:
            file.write(data)
        self.write("src/run", "#!/bin/sh\necho ran\n")
        os.chmod(self.path("src/run"), 0o755)
        os.symlink("run", self.path("src/link"))
        with self.subTest("a folder into one, and as another"):
            self.ok("cp", self.path("src"), "a:/root")
            self.ok("cp", self.path("src") + "/", "a:other")
            self.assertEqual(self.said("/root/src/link; cmp src/deep/data other/deep/data; ls -l src/run"
                                       " | cut -c 1-10; stat -c %u:%g src"), "ran\n-rwxr-xr-x\n0:0\n")
        with self.subTest("out again"):
            self.ok("cp", "a:other", self.path("back"))
            with open(self.path("back/deep/data"), "rb") as file:
                self.assertEqual(file.read(), data)
            self.assertEqual(os.readlink(self.path("back/link")), "run")
            self.ok("cp", "a:/root/src/run", self.path("back"))
            self.assertEqual(os.stat(self.path("back/run")).st_mode & 0o777, 0o755)
        with self.subTest("as tar streams"):
            stream = subprocess.run([EMUCTL, "--endpoint", self.endpoint, "cp", "a:src", "-"], check=True,
                                    stdout=subprocess.PIPE).stdout
            subprocess.run([EMUCTL, "--endpoint", self.endpoint, "cp", "-", "a:/tmp"], check=True,
                           input=stream)
            self.assertEqual(self.said("/tmp/src/run"), "ran\n")
        with self.subTest("what can't be"):
            for words in (("cp", self.path("nothing"), "a:/root"), ("cp", "a:nothing", self.path("x")),
                          ("cp", self.path("src"), "a:/none/"), ("cp", "a:src", self.path("no/such/folder"))):
                failed = self.ctl(*words)
                self.assertNotEqual(failed.returncode, 0, words)
                self.assertIn("such", failed.stderr)

    def test_by_the_console(self):
        self.boot()
        done = self.ctl("exec", "a", "--via", "console", "-w", "/etc", "-e", "COLOR=a'b", "--", "sh", "-c",
                        "pwd; echo $COLOR; cat no-such-file; exit 9")
        self.assertEqual((done.returncode, done.stdout), (
            9, "/etc\na'b\ncat: can't open 'no-such-file': No such file or directory\n"))
        self.ctl("console", "send", "a", "cat\n")
        failed = self.ctl("exec", "a", "--via", "console", "--wait", "2s", "--", "true")
        self.assertEqual(failed.returncode, 125)
        self.assertIn("no shell answers", failed.stderr)

    def test_a_terminal(self):
        self.boot()
        terminal = Terminal(EMUCTL, "--endpoint", self.endpoint, "exec", "a", "-it", "--", "sh")
        self.assertTrue(terminal.shows("# "), terminal.text)
        terminal.type("stty size; tty; exit 7\n")
        self.assertTrue(terminal.shows("/dev/pts/"))
        self.assertEqual(terminal.code(), 7)
        terminal = Terminal(EMUCTL, "--endpoint", self.endpoint, "exec", "a", "-it", "--", "sleep", "1000")
        self.assertTrue(wait_for(lambda: len(self.running()) == 1))
        terminal.type("\x03")
        self.assertEqual(terminal.code(), 128 + signal.SIGINT)

    def test_a_program_outlives_the_daemon_and_is_gone_on_with(self):
        self.boot()
        count = 40
        client = subprocess.Popen(
            [EMUCTL, "--endpoint", self.endpoint, "exec", "a", "-i", "--", "sh", "-c",
             f"for i in $(seq {count}); do echo $i; sleep 0.1; done; cat; exit 3"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3):
            time.sleep(random.random())
            self.emud.kill()
            self.emud.wait()
            self.start_emud()
        output, _ = client.communicate(b"the end\n")
        expected = "".join(f"{number}\n" for number in range(1, count + 1)) + "the end\n"
        self.assertEqual((client.returncode, output.decode()), (3, expected))

    def test_one_that_is_left_alone(self):
        self.boot()
        ident = self.ok("exec", "a", "-d", "--", "sleep", "1000").strip()
        self.assertEqual(self.running(), [{"id": ident, "running": True}])
        self.ok("guest", "kill", "a", ident, "--signal", "TERM")
        self.assertTrue(wait_for(lambda: self.running() == [{"id": ident}]))
        self.ok("guest", "forget", "a", ident)
        self.assertTrue(wait_for(lambda: self.running() == []))
        self.fails(3, ["nonsense: there is none"], "guest", "kill", "a", "nonsense")

    def test_what_the_guest_is_and_its_clock(self):
        self.boot()
        info = json.loads(self.ok("guest", "info", "a", "-o", "json"))
        self.assertEqual((info["osName"], info["machine"]), ("Test guest", self.arch))
        self.said("date -s '2001-01-01 00:00:00' >/dev/null")
        self.ok("guest", "sync-time", "a")
        self.assertLess(abs(int(self.said("date +%s")) - time.time()), 60)
        # It has no file system on a disk.
        self.ok("guest", "freeze", "a")
        self.ok("guest", "thaw", "a")

    def test_where_there_is_no_agent(self):
        self.ok("vm", "create", "b", "--firmware", harness.FIRMWARE)
        self.fails(4, ["start it first"], "guest", "info", "b")
        self.ok("vm", "start", "b")
        self.fails(4, ["no agent runs"], "guest", "info", "b")
        begin = time.monotonic()
        self.assertEqual(self.ctl("exec", "b", "--wait", "1s", "--", "true").returncode, 125)
        self.assertGreaterEqual(time.monotonic() - begin, 1)
        self.assertEqual(self.ctl("exec", "no-such-vm", "--", "true").returncode, 125)

    def test_an_agent_that_dies_and_comes_again(self):
        self.boot(start=START.replace("/emu-agent &", "(while true; do /emu-agent; done) &"))
        client = subprocess.Popen([EMUCTL, "--endpoint", self.endpoint, "exec", "a", "--", "sleep", "1000"],
                                  stderr=subprocess.PIPE, text=True)
        self.assertTrue(wait_for(lambda: len(self.running()) == 1))
        self.run_in("killall", "-9", "emu-agent")
        self.assertIn("there is none", client.communicate()[1])
        self.assertEqual(client.returncode, 125)
        self.assertEqual(self.run_in("echo", "here", flags=("--wait", "60s"))[1], b"here\n")


class Aarch64GuestAgentTest(GuestAgentTest):
    arch = "aarch64"
    # The rest is the same program in C++.
    test_a_program_outlives_the_daemon_and_is_gone_on_with = None
    test_where_there_is_no_agent = None
    test_an_agent_that_dies_and_comes_again = None


if __name__ == "__main__":
    harness.unittest.main(argv=sys.argv[:1] + sys.argv[6:], verbosity=2)
