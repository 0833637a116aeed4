"""emuctl run: a VM for one command, gone afterwards however it ends."""
import json
import os
import random
import signal
import subprocess
import sys

import harness
from agent_guest import guest_flags
from harness import EMUCTL, wait_for


class RunTest(harness.EmudTest):
    def begin(self, *words, **streams):
        """emuctl run, going on; flags and, behind --, the command."""
        flags = guest_flags("riscv64", self.dir.name)
        return subprocess.Popen([EMUCTL, "--endpoint", self.endpoint, "run", *flags, *words], text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, **streams)

    def run_it(self, *words, data=None):
        """Code, output, errors; and nothing is left."""
        client = self.begin(*words, stdin=subprocess.PIPE)
        output, errors = client.communicate(data)
        self.assertEqual(self.names(), [])
        return client.returncode, output, errors

    def names(self):
        return self.ok("vm", "list", "-o", "name").split()

    def started(self, client):
        """Waits for its command's first line."""
        self.assertEqual(client.stdout.readline(), "here\n")

    def test_a_command_is_as_if_it_ran_here(self):
        self.assertEqual(self.run_it("-i", "-e", "COLOR=red", "-w", "/tmp", "--", "sh", "-c",
                                     "pwd; cat; echo $COLOR >&2; exit 42", data="typed\n"),
                         (42, "/tmp\ntyped\n", "red\n"))

    def test_what_can_not_be_started(self):
        code, _, errors = self.run_it("--", "no-such-program")
        self.assertEqual(code, 127)
        self.assertIn("No such file", errors)
        self.assertEqual(self.run_it("--disk", "/no/such/disk", "--", "true")[0], 125)
        self.assertEqual(self.run_it("--timeout", "soon", "--", "true")[0], 2)

    def test_files_go_in_and_come_out(self):
        os.mkdir(self.path("src"))
        data = str(random.random())
        self.write("src/data", data)
        code, output, errors = self.run_it(
            "--upload", self.path("src") + ":/build", "--artifact", "/build/out=" + self.path("dist"),
            "--artifact", "/build/data=" + self.path("dist"), "-w", "/build", "--", "sh", "-c",
            "mkdir out; sed s/^/built:/ data > out/app; exit 3")
        self.assertEqual((code, output, errors), (3, "", ""))
        with open(self.path("dist/out/app")) as app:
            self.assertEqual(app.read(), "built:" + data)
        self.assertTrue(os.path.exists(self.path("dist/data")))
        code, _, errors = self.run_it("--artifact", "/none=" + self.path("dist"), "--", "true")
        self.assertEqual(code, 125)
        self.assertIn("No such file", errors)

    def test_its_time_is_over(self):
        # Longer than the guest takes to begin, however busy the machine is: it never ends by itself.
        code, _, errors = self.run_it("--timeout", "15s", "--", "sleep", "100000")
        self.assertEqual(code, 124)
        self.assertIn("--timeout", errors)

    def test_whoever_ends_emuctl_ends_the_vm(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            client = self.begin("--", "sh", "-c", "echo here; sleep 100000")
            self.started(client)
            client.send_signal(number)
            client.communicate()
            self.assertEqual(client.returncode, 128 + number)
            self.assertEqual(self.names(), [])

    def test_a_killed_emuctl_leaves_a_vm_whose_time_is_short(self):
        client = self.begin("--", "sh", "-c", "echo here; sleep 100000")
        self.started(client)
        client.kill()
        client.communicate()
        [name] = self.names()
        self.assertLessEqual(int(self.get(name)["spec"]["lifecycle"]["ttl"].rstrip("s")), 600)
        self.assertNotIn("onExpiry", self.get(name)["spec"]["lifecycle"])  # it is deleted then

    def test_the_daemon_is_killed_meanwhile(self):
        client = self.begin("--", "sh", "-c", "echo here; sleep 2; echo there; exit 6")
        self.started(client)
        self.emud.kill()
        self.emud.wait()
        self.start_emud()
        self.assertEqual(client.communicate()[0], "there\n")
        self.assertEqual(client.returncode, 6)
        self.assertEqual(self.names(), [])

    def test_one_that_fails_is_kept_if_that_is_wanted(self):
        self.assertEqual(self.run_it("--keep-on-failure", "--", "true")[0], 0)
        client = self.begin("--keep-on-failure", "--", "false")
        errors = client.communicate()[1]
        [name] = self.names()
        self.assertIn(name, errors)
        self.assertEqual(client.returncode, 1)
        self.assertNotIn("ttl", json.dumps(self.get(name)["spec"].get("lifecycle", {})))
        self.assertTrue(wait_for(lambda: self.ctl("exec", name, "--", "true").returncode == 0))


if __name__ == "__main__":
    harness.unittest.main(argv=sys.argv[:1] + sys.argv[6:], verbosity=2)
