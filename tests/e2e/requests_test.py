#!/usr/bin/env python3
"""The API's manners: requests done once, etags, updates, lists in pages, watches that miss nothing,
restarts."""
import json
import os
import signal
import subprocess
import time

from harness import EMUCTL, FIRMWARE, EmudTest, main, wait_for

SMALL = ["--firmware", FIRMWARE, "--memory", "64M"]


class ApiTest(EmudTest):
    def kill_emud(self):
        self.emud.kill()
        self.emud.wait()

    def popen(self, *args):
        return subprocess.Popen([EMUCTL, "--endpoint", self.endpoint, *args], text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def lines(self, *args):
        return [json.loads(line) for line in self.ok(*args, "-o", "json").splitlines()]

    def test_ten_equal_requests_at_once_make_one_vm(self):
        create = ["vm", "create", "a", *SMALL, "--request-id", "one", "-o", "json"]
        callers = [self.popen(*create) for _ in range(10)]
        answers = {json.loads(caller.communicate(timeout=30)[0])["uid"] for caller in callers}
        self.assertEqual(len(answers), 1)
        self.assertEqual(len(self.vms()), 1)
        self.fails(2, ["request_id", "another body"], "vm", "create", "b", *SMALL,
                   "--request-id", "one")
        # The next daemon knows it, and what was answered then, whatever has become of it.
        self.ok("vm", "rm", "a", "--request-id", "two")
        self.kill_emud()
        self.start_emud()
        self.assertEqual(json.loads(self.ok(*create))["uid"], answers.pop())
        self.ok("vm", "rm", "a", "--request-id", "two")
        self.fails(3, ["no VM a"], "vm", "rm", "a", "--request-id", "three")
        self.assert_nothing_left()

    def test_an_etag_is_good_for_one_version(self):
        self.ok("vm", "create", "a", *SMALL)
        etag = self.get("a")["etag"]
        self.ok("vm", "update", "a", "--label", "x=1", "--etag", etag)
        self.fails(4, ["etag", "get it again"], "vm", "update", "a", "--label", "x=2", "--etag", etag)
        self.fails(4, ["etag"], "vm", "rm", "a", "--etag", etag)
        self.assertEqual(self.get("a")["labels"], {"x": "1"})
        self.ok("vm", "rm", "a", "--etag", self.get("a")["etag"])

    def test_labels_change_at_any_time_and_the_machine_while_it_is_stopped(self):
        self.start("a")
        before = self.get("a")
        self.ok("vm", "update", "a", "--label", "team=core", "--annotation", "note=x",
                "--set", "spec.lifecycle.restart_policy=ALWAYS")
        self.ok("vm", "update", "a", "--label", "team-", "--label", "tier=web")
        vm = self.get("a")
        self.assertEqual((vm["labels"], vm["annotations"]), ({"tier": "web"}, {"note": "x"}))
        self.assertEqual(vm["pid"], before["pid"])
        self.fails(4, ["update the spec", "RUNNING", "stop it"], "vm", "update", "a",
                   "--set", "spec.machine.cpus=2")
        self.ok("vm", "stop", "a")
        self.fails(2, ["spec.machine.cpus", "1 to 8"], "vm", "update", "a",
                   "--set", "spec.machine.cpus=9")
        self.fails(2, ["update_mask", "state"], "vm", "update", "a", "--set", "state=RUNNING")
        shown = self.ok("vm", "update", "a", "--set", "spec.machine.cpus=2", "--dry-run", "-o", "json")
        self.assertEqual(json.loads(shown)["spec"]["machine"]["cpus"], 2)
        self.assertEqual(self.get("a")["spec"]["machine"]["cpus"], 1)
        self.ok("vm", "update", "a", "--set", "spec.machine.cpus=2")
        self.ok("vm", "start", "a")
        self.assertEqual(len(json.loads(self.ok("debug", "regs", "a", "-o", "json"))["vcpus"]), 2)

    def test_what_is_only_checked_is_not_made(self):
        self.ok("vm", "create", "a", *SMALL, "--dry-run")
        self.fails(2, ["spec.machine.cpus"], "vm", "create", "a", *SMALL, "--cpus", "9", "--dry-run")
        self.assert_nothing_left()

    def test_a_protected_vm_is_not_deleted(self):
        self.start("a")
        self.ok("vm", "update", "a", "--set", "spec.lifecycle.protected=true")
        self.fails(4, ["protected"], "vm", "rm", "a", "--force")
        self.assertEqual(self.get("a")["state"], "RUNNING")
        self.ok("vm", "update", "a", "--set", "spec.lifecycle.protected=false")
        self.ok("vm", "rm", "a", "--force")

    def test_lists_are_filtered_ordered_and_come_in_pages(self):
        for number in range(7):
            self.ok("vm", "create", f"vm-{number}", *SMALL, "--cpus", str(1 + number % 2),
                    "--label", f"course={'os' if number < 5 else 'net'}")
        names = lambda *args: [vm["name"] for vm in json.loads(
            self.ok("vm", "list", *args, "-o", "json")).get("vms", [])]
        self.assertEqual(names("--filter", 'labels.course="net"'), ["vm-5", "vm-6"])
        self.assertEqual(names("--filter", 'state=STOPPED AND labels.course=os AND name:"4"'), ["vm-4"])
        self.assertEqual(names("--order-by", "spec.machine.cpus desc, name"),
                         ["vm-1", "vm-3", "vm-5", "vm-0", "vm-2", "vm-4", "vm-6"])
        self.fails(2, ["filter", "character 7", "STOPED"], "vm", "list", "--filter", "state=STOPED")
        self.fails(2, ["order_by", "nam"], "vm", "list", "--order-by", "nam")
        order = ["--order-by", "create_time desc", "--page-size", "3"]
        seen, token = [], ""
        while True:
            page = json.loads(self.ok("vm", "list", *order, "--page-token", token, "-o", "json"))
            seen += [vm["name"] for vm in page["vms"]]
            token = page.get("nextPageToken", "")
            if not token:
                break
            # What comes and goes meanwhile moves no page.
            if len(seen) == 3:
                last = token
                self.ok("vm", "rm", "vm-6")
                self.ok("vm", "create", "vm-new", *SMALL)
        self.assertEqual(seen, [f"vm-{number}" for number in (6, 5, 4, 3, 2, 1, 0)])
        self.kill_emud()
        self.start_emud()
        self.ok("vm", "list", *order, "--page-token", last)
        for changed in [last[:-2] + "AA", "x", last[4:]]:
            self.fails(2, ["page_token"], "vm", "list", *order, "--page-token", changed)
        self.fails(2, ["page_token"], "vm", "list", "--order-by", "name", "--page-token", last)

    def watch(self, *args):
        watch = self.popen("vm", "watch", *args, "-o", "json")
        self.addCleanup(watch.stderr.close)
        self.addCleanup(watch.stdout.close)
        self.addCleanup(watch.kill)
        return watch

    def test_a_watch_goes_on_after_a_restart_and_misses_nothing(self):
        self.ok("vm", "create", "a", *SMALL)
        self.ok("vm", "create", "gone", *SMALL)
        watch = self.watch()
        first = [json.loads(watch.stdout.readline()) for _ in range(3)]
        self.assertEqual([change["type"] for change in first], ["CHANGED", "CHANGED", "SYNCED"])
        self.ok("vm", "update", "a", "--label", "x=1")
        change = json.loads(watch.stdout.readline())
        self.assertEqual(change["vm"]["labels"], {"x": "1"})
        self.ok("vm", "rm", "gone")
        self.ok("vm", "create", "new", *SMALL)
        self.ok("vm", "update", "a", "--label", "x=2")
        newest = int(self.get("a")["revision"])
        self.kill_emud()
        self.assertEqual(watch.wait(10), 7)
        self.start_emud()
        resumed = self.watch("--after", change["revision"])
        later = []
        while not later or later[-1]["type"] != "SYNCED":
            later.append(json.loads(resumed.stdout.readline()))
        self.assertEqual([(change["type"], change.get("vm", {}).get("name")) for change in later],
                         [("DELETED", "gone"), ("CHANGED", "new"), ("CHANGED", "a"), ("SYNCED", None)])
        self.assertEqual(later[2]["vm"]["labels"], {"x": "2"})
        self.assertEqual(int(later[-1]["revision"]), newest)
        self.fails(2, ["resume_revision", "begin anew"], "vm", "watch", "--after", str(newest + 100))

    def test_events_are_kept_and_say_who_did_what(self):
        self.ok("vm", "create", "a", *SMALL, "--request-id", "mine")
        self.ok("vm", "rm", "a")
        self.kill_emud()
        self.start_emud()
        events = self.lines("events")
        self.assertEqual([(event["type"], event.get("state")) for event in events],
                         [("VM_CREATED", "CREATING"), ("VM_STATE_CHANGED", "STOPPED"),
                          ("VM_STATE_CHANGED", "DELETING"), ("VM_DELETED", "DELETING")])
        self.assertEqual((events[0]["principal"], events[0]["requestId"]),
                         (f"unix:{os.geteuid()}", "mine"))
        self.assertEqual(self.lines("events", "--after", events[1]["revision"]), events[2:])
        follow = self.popen("events", "--follow")
        self.addCleanup(follow.stderr.close)
        self.addCleanup(follow.stdout.close)
        self.addCleanup(follow.kill)
        for _ in events:
            follow.stdout.readline()
        self.ok("vm", "create", "b", *SMALL)
        self.assertIn("VM_CREATED  b", follow.stdout.readline())

    def wait_for_restart(self, name, count):
        self.assertTrue(wait_for(lambda: (self.get(name)["state"],
                                          self.get(name).get("restartCount", 0)) == ("RUNNING", count)),
                        self.get(name))

    def test_a_crashed_vm_is_restarted_with_growing_pauses_until_somebody_stops_it(self):
        self.ok("vm", "create", "a", *SMALL, "--restart", "on-crash", "--start")
        for count, pause in [(1, 1.0), (2, 2.0)]:
            began = time.monotonic()
            os.kill(self.get("a")["pid"], signal.SIGKILL)
            self.assertTrue(wait_for(lambda: self.get("a")["state"] != "RUNNING"))
            self.wait_for_restart("a", count)
            self.assertGreater(time.monotonic() - began, 0.9 * pause)
        os.kill(self.get("a")["pid"], signal.SIGKILL)
        self.ok("vm", "wait", "a", "--state", "CRASHED", "--timeout", "5s")
        self.assertIn("nextRestartTime", self.get("a"))
        self.ok("vm", "stop", "a")
        self.assertNotIn("nextRestartTime", self.get("a"))
        time.sleep(4.5)
        self.assertEqual(self.get("a")["state"], "CRASHED")
        # What the guest wants is no crash.
        self.ok("vm", "start", "a")
        self.assertEqual(self.get("a").get("restartCount", 0), 0)
        self.assertTrue(wait_for(lambda: "tick" in self.console("a")))
        self.ok("console", "a", input="off\n")
        self.ok("vm", "wait", "a", "--state", "STOPPED", "--timeout", "10s")
        self.assertNotIn("nextRestartTime", self.get("a"))

    def test_always_restarts_a_guest_that_powers_off_also_by_the_next_daemon(self):
        self.ok("vm", "create", "a", *SMALL, "--restart", "always", "--start")
        self.assertTrue(wait_for(lambda: "tick" in self.console("a")))
        self.ok("console", "a", input="off\n")
        self.wait_for_restart("a", 1)
        pid = self.get("a")["pid"]
        self.kill_emud()
        os.kill(pid, signal.SIGKILL)
        self.start_emud()
        self.assertEqual(self.get("a")["lastExit"]["signal"], 9)
        self.wait_for_restart("a", 2)
        self.ok("vm", "stop", "a")
        time.sleep(1.2)
        self.assertEqual(self.get("a")["state"], "STOPPED")

    def test_a_full_disk_is_said_and_loses_nothing(self):
        folder = self.path("full")
        os.mkdir(folder)
        if os.geteuid() != 0 or subprocess.run(
                ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder],
                stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("a file system of its own is not to be had here")
        self.addCleanup(subprocess.run, ["umount", "-l", folder])
        self.stop_everything()
        self.start_emud(state_dir=os.path.join(folder, "state"))
        self.ok("vm", "create", "a", *SMALL)
        filler = os.path.join(folder, "filler")
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        for _ in range(3):
            self.assertEqual(self.ctl("vm", "create", "b", *SMALL).returncode, 6)
            self.fails(6, ["full"], "vm", "update", "a", "--annotation", "x=" + "y" * 30000)
        self.assertEqual([vm["name"] for vm in self.vms()], ["a"])
        os.unlink(filler)
        self.ok("vm", "create", "b", *SMALL)
        self.kill_emud()
        self.start_emud(state_dir=os.path.join(folder, "state"))
        self.assertEqual([vm["name"] for vm in self.vms()], ["a", "b"])

    def test_a_state_file_that_is_damaged_is_refused_and_kept(self):
        self.stop_everything()
        path = os.path.join(self.state_dir, "state.db")
        for leftover in ("-wal", "-shm"):
            if os.path.exists(path + leftover):
                os.unlink(path + leftover)
        with open(path, "wb") as file:
            file.write(b"x" * 8192)
        result = subprocess.run([*self.emud.args], capture_output=True, text=True, timeout=10)
        self.assertEqual(result.returncode, 1)
        self.assertIn("state.db", result.stderr)
        self.assertIn("restore it", result.stderr)
        with open(path, "rb") as file:
            self.assertEqual(file.read(), b"x" * 8192)


if __name__ == "__main__":
    main()
