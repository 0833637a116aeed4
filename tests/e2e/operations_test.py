#!/usr/bin/env python3
"""Work that goes on after its request was answered: one verb for many VMs."""
import json
import os
import signal

from harness import FIRMWARE, EmudTest, main, wait_for

SMALL = ["--firmware", FIRMWARE, "--memory", "64M"]


class OperationsTest(EmudTest):
    def create(self, *names, label="x=1"):
        for name in names:
            self.ok("vm", "create", name, *SMALL, "--label", label)

    def states(self):
        return {vm["name"]: vm["state"] for vm in self.vms()}

    def begin(self, *args):
        return self.ok("vm", *args, "--no-wait", "-o", "name").strip()

    def operation(self, identifier):
        return json.loads(self.ctl("op", "get", identifier, "-o", "json").stdout)

    def restart_emud(self):
        self.emud.kill()
        self.emud.wait()
        self.start_emud()

    def test_many_are_started_stopped_and_deleted_by_one_wish(self):
        self.create("a", "b", "c")
        self.create("other", label="x=2")
        shown = self.ok("vm", "start", "a", "b", "c")
        self.assertEqual(shown.count("SUCCEEDED"), 3)
        self.assertEqual(self.states(), {"a": "RUNNING", "b": "RUNNING", "c": "RUNNING",
                                         "other": "STOPPED"})
        identifier = self.begin("stop", "--filter", 'labels.x="1" AND state=RUNNING')
        self.assertIn("SUCCEEDED", self.ok("op", "wait", identifier, "--timeout", "30s"))
        self.assertEqual(set(self.states().values()), {"STOPPED"})
        listed = json.loads(self.ok("op", "list", "-o", "json"))["operations"]
        self.assertEqual([operation["metadata"]["verb"] for operation in listed], ["STOP", "START"])
        self.assertEqual(listed[0]["metadata"]["progressPercent"], 100)
        self.ok("vm", "rm", "--filter", 'labels.x="1"')
        self.assertEqual(list(self.states()), ["other"])
        self.assertIn("no VM was meant", self.ok("vm", "rm", "--filter", 'labels.x="1"'))

    def test_what_fails_is_said_for_each_and_as_exit_code(self):
        self.create("a", "b")
        self.ok("vm", "start", "a")
        result = self.ctl("vm", "rm", "a", "b")
        self.assertEqual(result.returncode, 4)
        self.assertIn("a   FAILED", result.stdout)
        self.assertIn("b   SUCCEEDED", result.stdout)
        self.assertIn("stop it first", result.stderr)
        failed = json.loads(self.ok("op", "list", "-o", "json"))["operations"][0]
        self.assertEqual(failed["error"]["reason"], "WRONG_STATE")
        self.fails(3, ["no VM nobody"], "vm", "start", "a", "nobody")
        self.fails(2, ["give NAME"], "vm", "start")
        self.fails(2, ["give NAME"], "vm", "start", "a", "--filter", "state=RUNNING")
        self.fails(2, ["filter", "character"], "vm", "start", "--filter", "=")
        self.fails(3, ["no operation x", "list"], "op", "get", "x")

    def test_a_request_id_begins_it_once_also_after_a_restart(self):
        self.create("a")
        first = self.begin("start", "a", "--request-id", "one")
        self.assertEqual(self.begin("start", "a", "--request-id", "one"), first)
        self.ok("op", "wait", first)
        self.restart_emud()
        self.assertEqual(self.begin("start", "a", "--request-id", "one"), first)
        self.assertEqual(len(json.loads(self.ok("op", "list", "-o", "json"))["operations"]), 1)

    def test_one_that_waits_for_a_hung_vm_is_cancelled_and_goes_on_in_the_next_daemon(self):
        names = [f"vm{i}" for i in range(12)]
        self.create(*names)
        self.ok("vm", "start", *names)
        # More that hang than are worked on at once: the rest has to wait for them.
        hung = [self.get(name)["pid"] for name in names]
        for pid in hung:
            os.kill(pid, signal.SIGSTOP)
        identifier = self.begin("stop", *names)
        self.assertTrue(wait_for(lambda: "stop vm" in self.operation(identifier)["metadata"]["stage"]))
        self.fails(4, ["not done"], "op", "rm", identifier)
        self.assertEqual(self.ctl("op", "wait", identifier, "--timeout", "1s").returncode, 8)
        self.emud.kill()
        self.emud.wait()
        for pid in hung:
            os.kill(pid, signal.SIGCONT)
        self.start_emud()
        self.assertEqual(self.ctl("op", "wait", identifier, "--timeout", "30s").returncode, 0)
        self.assertEqual(set(self.states().values()), {"STOPPED"})

        self.ok("vm", "start", *names)
        for name in names:
            os.kill(self.get(name)["pid"], signal.SIGSTOP)
        identifier = self.begin("stop", *names)
        self.assertTrue(wait_for(lambda: "stop vm" in self.operation(identifier)["metadata"]["stage"]))
        self.ok("op", "cancel", identifier)
        # What was begun is finished: what hangs is given up after a while.
        self.assertTrue(wait_for(lambda: self.operation(identifier).get("done"), 40))
        results = [result["state"] for result in self.operation(identifier)["results"]]
        self.assertEqual(results.count("CANCELLED"), 4, results)
        self.assertIn("CANCELLED", self.ok("op", "list"))
        self.ok("op", "rm", identifier)
        self.fails(3, ["no operation"], "op", "wait", identifier)
        self.ok("vm", "rm", "--filter", 'labels.x="1"', "--force")

    def test_there_are_only_so_many_at_once_and_a_retry_is_advised(self):
        self.create("a")
        self.ok("vm", "start", "a")
        os.kill(self.get("a")["pid"], signal.SIGSTOP)
        for _ in range(16):
            self.begin("stop", "a")
        self.fails(6, ["16 operations go on"], "vm", "stop", "a", "--no-wait")
        self.ok("vm", "rm", "a", "--force")

    def test_progress_is_a_line_of_json_for_each_change(self):
        self.create("a", "b")
        result = self.ctl("vm", "start", "a", "b", "--progress", "json")
        lines = [json.loads(line) for line in result.stderr.splitlines()]
        self.assertEqual((lines[0]["stage"], lines[-1]["stage"]), ("begun", "ended"))
        self.assertEqual((lines[-1]["vmsDone"], lines[-1]["progressPercent"]), (2, 100))
        one = self.ctl("vm", "stop", "a", "--progress", "json")
        lines = [json.loads(line) for line in one.stderr.splitlines()]
        self.assertEqual([line["stage"] for line in lines], ["begun", "ended"])
        self.assertEqual(self.ctl("vm", "stop", "b").stderr, "")

    def test_a_terminal_shows_how_it_goes_on(self):
        self.create("a")
        self.ok("vm", "start", "a")
        pid = self.get("a")["pid"]
        os.kill(pid, signal.SIGSTOP)
        terminal = self.terminal("vm", "stop", "a")
        self.assertTrue(terminal.shows("stop a  1 s"), terminal.text)
        os.kill(pid, signal.SIGCONT)
        self.assertTrue(terminal.shows("STOPPED"), terminal.text)
        self.assertEqual(terminal.code(), 0)


if __name__ == "__main__":
    main()
