#!/usr/bin/env python3
"""Consoles as their users meet them, and what emuctl prints."""
import contextlib
import json
import subprocess
import time

from harness import EMUCTL, FIRMWARE, EmudTest, main, wait_for


class ConsoleTest(EmudTest):
    def test_a_console_has_several_readers(self):
        self.start("a")
        with contextlib.ExitStack() as stack:
            readers = [stack.enter_context(subprocess.Popen(
                [EMUCTL, "--endpoint", self.endpoint, "console", "a"], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE)) for _ in range(3)]
            heads = [reader.stdout.read(40) for reader in readers]
            for reader in readers:
                reader.stdin.close()
                reader.stdout.read()
            self.assertEqual(heads[0], heads[1])
            self.assertEqual(heads[0], heads[2])

    def test_a_terminal_replays_helps_and_leaves(self):
        self.start("a")
        before = self.console("a")
        terminal = self.terminal("console", "a")
        self.assertTrue(terminal.shows("Attached to a"))
        self.assertTrue(terminal.shows(before[:10]))  # from the first byte that is kept
        terminal.type("~?")
        self.assertTrue(terminal.shows("~.  leave"))
        terminal.type("~.")
        self.assertTrue(terminal.shows("Left the console"))
        self.assertEqual(terminal.code(), 0)
        self.assertEqual(self.get("a")["state"], "RUNNING")

    def test_deleting_a_vm_ends_its_consoles_and_says_why(self):
        self.start("a")
        terminal = self.terminal("console", "a")
        self.assertTrue(terminal.shows("tick"))
        follower = subprocess.Popen([EMUCTL, "--endpoint", self.endpoint, "console", "a", "--log",
                                     "--follow"], stdout=subprocess.DEVNULL)
        time.sleep(0.3)
        self.ok("vm", "rm", "a", "--force")
        self.assertTrue(terminal.shows("a has been deleted"), terminal.text)
        self.assertEqual(terminal.code(), 0)
        self.assertEqual(follower.wait(5), 0)

    def test_a_terminal_hears_of_the_end_of_its_vm(self):
        self.start("a")
        terminal = self.terminal("console", "a")
        self.assertTrue(terminal.shows("tick"))
        self.ok("console", "a", input="off\n")
        self.assertTrue(terminal.shows("a is STOPPED (GUEST_POWER_OFF). ~. leaves"), terminal.text)
        terminal.type("~.")
        self.assertTrue(terminal.shows("Left the console."), terminal.text)
        self.assertEqual(terminal.code(), 0)
        self.assertNotIn("runs on", terminal.text)
        # What is typed to nobody says so.
        terminal = self.terminal("console", "a")
        self.assertTrue(terminal.shows("a is STOPPED"))
        terminal.type("x")
        self.assertTrue(terminal.shows("start it first"), terminal.text)
        self.assertEqual(terminal.code(), 4)

    def test_a_pipe_is_typed_and_left_at_once(self):
        self.start("a")
        began = time.monotonic()
        self.ok("console", "a", input="x")
        self.assertLess(time.monotonic() - began, 0.9)
        self.ok("console", "a", input="off\n")
        self.ok("vm", "wait", "a", "--state", "STOPPED", "--timeout", "10s")

    def test_input_that_no_vm_takes_is_refused(self):
        self.ok("vm", "create", "a", "--firmware", FIRMWARE)
        result = self.ctl("console", "a", input="off\n")
        self.assertEqual(result.returncode, 4, result.stderr)
        self.assertIn("STOPPED", result.stderr)
        self.assertIn("start it first", result.stderr)
        self.ok("console", "a", input="")  # to look is allowed

    def test_a_log_follows(self):
        self.start("a")
        with subprocess.Popen([EMUCTL, "--endpoint", self.endpoint, "console", "a", "--log",
                               "--follow"], stdout=subprocess.PIPE) as log:
            known = len(self.console("a"))
            self.assertTrue(log.stdout.read(known + 20).decode().startswith("tick"))
            log.terminate()
        self.ok("vm", "stop", "a")
        self.assertIn("tick", self.console("a"))  # of a VM that does not run

    def test_everything_is_printed_as_table_json_and_yaml(self):
        self.start("a")
        self.ok("project", "create", "lab")
        self.ok("token", "create", "t")
        self.ok("image", "import", self.write("i", bytes(4096)))
        self.ok("image", "import", self.write("j", b"left" * 1024))
        self.ok("image", "rm", "j")  # for gc to find
        self.ok("volume", "create", "v", "--size", "1M")
        self.ok("snapshot", "create", "s", "--vm", "a")
        self.ok("pool", "create", "p", "--snapshot", "s", "--size", "0")
        for command in [["vm", "list"], ["vm", "get", "a"], ["vm", "pause", "a"],
                        ["vm", "resume", "a"], ["vm", "reset", "a"], ["vm", "suspend", "a"],
                        ["vm", "start", "a"], ["vm", "stop", "a"], ["vm", "start", "a"],
                        ["vm", "update", "a", "--label", "x=1"],
                        ["host", "info"], ["version"],
                        ["project", "update", "lab", "--vms", "3"],
                        ["project", "get", "lab"], ["project", "list"], ["token", "list"],
                        ["role", "bind", "unix:1", "viewer"], ["role", "list"], ["whoami"],
                        ["audit", "verify"], ["image", "list"], ["image", "get", "i"],
                        ["image", "update", "i", "--label", "x=1"], ["image", "gc", "--dry-run"],
                        ["image", "pull", "--list"], ["volume", "list"], ["volume", "get", "v"],
                        ["volume", "create", "w", "--size", "1M", "--dry-run"],
                        ["snapshot", "list"], ["snapshot", "get", "s"], ["snapshot", "tree"],
                        ["snapshot", "update", "s", "--label", "x=y"],
                        ["pool", "list"], ["pool", "get", "p"], ["pool", "update", "p", "--label", "x=1"],
                        ["pool", "create", "q", "--snapshot", "s", "--size", "1", "--dry-run"],
                        ["pool", "acquire", "p"],
                        ["vm", "wait", "a", "--state", "RUNNING"], ["console", "info", "a"],
                        ["console", "wait", "a", "tick"], ["vm", "stats", "a"]]:
            with self.subTest(command=command):
                self.ok(*command)
                self.assertIsInstance(json.loads(self.ok(*command, "-o", "json")), dict)
                self.assertRegex(self.ok(*command, "-o", "yaml"), r":\s")
        self.assertEqual(self.ctl("vm", "list", "-o", "xml").returncode, 2)
        self.assertEqual(json.loads(self.ok("vm", "rm", "a", "--force", "-o", "json")), {})

    def test_version_without_a_daemon_says_so(self):
        result = subprocess.run([EMUCTL, "--endpoint", "unix:/nowhere/emud.sock", "version"],
                                capture_output=True, text=True, timeout=30)
        self.assertEqual(result.returncode, 7)
        self.assertRegex(result.stdout, r"^emuctl \d")
        self.assertIn("no emud answers at unix:/nowhere/emud.sock", result.stderr)

    def test_the_endpoint_comes_from_the_environment(self):
        result = subprocess.run([EMUCTL, "vm", "list"], capture_output=True,
                                env={"EMUD_ENDPOINT": self.endpoint}, timeout=30)
        self.assertEqual(result.returncode, 0)

    def test_an_endpoint_that_is_none_is_refused_at_once(self):
        for endpoint in ["", self.endpoint[5:], "unix:", "127.0.0.1:1"]:
            began = time.monotonic()
            for args, env in [(["--endpoint", endpoint], {}), ([], {"EMUD_ENDPOINT": endpoint})]:
                if endpoint == "" and env:
                    continue  # the same as none
                result = subprocess.run([EMUCTL, *args, "vm", "list"], capture_output=True, text=True,
                                        env=env, timeout=30)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertIn("unix:PATH", result.stderr)
            self.assertLess(time.monotonic() - began, 5)

    def test_yaml_keeps_text_apart_from_numbers_and_switches(self):
        labels = ["'yes'", "'true'", "'null'", "'12'", "'1e3'", "'0x1f'", "'~'", "''", "'a: b'"]
        path = self.write("vm.yaml", "apiVersion: emud.dev/v1\nkind: Vm\nmetadata:\n  name: a\n"
                          "  labels:\n" + "".join(f"    l{i}: {value}\n" for i, value in enumerate(labels))
                          + f"spec: {{machine: {{arch: riscv64}}, boot: {{firmware: {FIRMWARE}}}}}\n")
        self.ok("vm", "create", "-f", path)
        printed = self.ok("vm", "get", "a", "-o", "yaml")
        for i, value in enumerate(labels):
            self.assertIn(f"l{i}: " + value.replace("'", '"'), printed)
        self.assertIn("memoryMib: 512\n", printed)
        self.assertIn("name: a\n", printed)

    def test_what_a_vm_is_made_of_is_shown(self):
        disk = self.write("disk", bytes(1 << 20))
        self.ok("vm", "create", "a", "--firmware", FIRMWARE, "--disk", disk + ",readonly", "--append", "x=y")
        text = self.ok("vm", "get", "a")
        for words in ["firmware " + FIRMWARE, f"disk     {disk} (readonly), id disk0", "cmdline  x=y"]:
            self.assertIn(words, text)


if __name__ == "__main__":
    main()
