#!/usr/bin/env python3
"""VMs that move from one emud to another. The guests are counter.s, whose lines number themselves, so that it
shows where one goes on."""
import json
import os
import re
import shutil

import harness
from harness import FIRMWARE, EmudTest, main, wait_for

COUNTER = os.path.join(os.path.dirname(FIRMWARE), "counter.elf")


class MoveTest(EmudTest):
    def setUp(self):
        super().setUp()
        os.environ["XDG_CONFIG_HOME"] = self.path("config")
        self.other = harness.OtherDaemon()
        self.addCleanup(self.other.doCleanups)
        self.other.setUp()
        self.other.ok("context", "add", "there")
        self.firmware = shutil.copy(COUNTER, self.path("counter.elf"))
        self.ok("image", "import", self.write("disk", os.urandom(1 << 20)), "--name", "d")

    def make(self, name, *flags):
        self.ok("vm", "create", name, "--memory", "64M", "--code-cache-mib", "1", "--firmware", self.firmware,
                "--disk", "image=d", *flags, "--start")
        self.goes_on(self, name)

    def numbers(self, daemon, name):
        return [int(line, 16) for line in daemon.console(name).split("\n")[:-1] if len(line) == 8]

    def goes_on(self, daemon, name):
        count = len(self.numbers(daemon, name))
        self.assertTrue(wait_for(lambda: len(self.numbers(daemon, name)) > count + 2), name)
        return self.numbers(daemon, name)

    def nothing_is_left_of(self, daemon):
        self.assertEqual(daemon.vms(), [])
        self.assertEqual(json.loads(daemon.ok("snapshot", "list", "-o", "json")).get("snapshots", []), [])
        self.assertEqual(os.listdir(os.path.join(daemon.state_dir, "uploads")), [])

    def test_it_goes_on_there_and_is_here_no_more(self):
        self.make("a", "--label", "x=y", "--ttl", "8h", "--net", "user")
        mac = self.get("a")["nics"][0]["mac"]
        before = self.numbers(self, "a")[-1]
        moved = self.ctl("vm", "move", "a", "--to", "there", "-o", "json")
        self.assertEqual(moved.returncode, 0, moved.stderr)
        print("stood still for", re.search(r"stood still for (\d+) ms", moved.stderr).group(1), "ms")
        self.nothing_is_left_of(self)
        vm = self.other.get("a")
        self.assertEqual(json.loads(moved.stdout)["uid"], vm["uid"])
        self.assertEqual((vm["state"], vm["labels"]), ("RUNNING", {"x": "y"}))
        self.assertEqual((vm["spec"]["lifecycle"]["ttl"], vm["nics"][0]["mac"]), ("28800s", mac))
        numbers = self.goes_on(self.other, "a")
        self.assertLess(before, numbers[0] + 2)
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))
        self.assertEqual(self.other.ok("image", "list", "-o", "name"), "d\n")
        # Its disk lies over the image there: here nobody needs it any more.
        self.ok("image", "rm", "d")
        self.ok("image", "gc")
        self.other.ok("vm", "stop", "a")
        self.other.ok("vm", "start", "a")
        self.goes_on(self.other, "a")

    def test_one_that_stands_still_or_is_off(self):
        self.make("paused")
        self.ok("vm", "pause", "paused")
        last = self.numbers(self, "paused")[-1]
        self.ok("vm", "move", "paused", "--to", "there")
        self.assertEqual(self.other.get("paused")["state"], "SUSPENDED")
        self.other.ok("vm", "start", "paused")
        self.assertLessEqual(self.goes_on(self.other, "paused")[0], last + 2)
        self.make("off")
        self.ok("vm", "stop", "off")
        self.ok("vm", "move", "off", "--to", "there", "--name", "off2")
        self.assertEqual(self.other.get("off2")["state"], "STOPPED")
        self.other.ok("vm", "start", "off2")
        self.goes_on(self.other, "off2")
        self.nothing_is_left_of(self)

    def test_one_that_can_not_go_there_goes_on_here(self):
        self.make("a")
        self.fails(3, ["nowhere", "context list"], "vm", "move", "a", "--to", "nowhere")
        self.fails(3, ["no VM b"], "vm", "move", "b", "--to", "there")
        self.other.ok("vm", "create", "a", "--memory", "64M", "--firmware", self.firmware)
        self.fails(1, ["there has a VM a"], "vm", "move", "a", "--to", "there")
        self.other.ok("vm", "rm", "a")
        with self.subTest("what it boots with is not there"):
            os.rename(self.firmware, self.path("away"))
            self.fails(2, ["firmware"], "vm", "move", "a", "--to", "there")
            os.rename(self.path("away"), self.firmware)
        with self.subTest("there is no room"):
            self.other.ok("project", "update", "default", "--disk", "1M")
            self.assertNotEqual(self.ctl("vm", "move", "a", "--to", "there").returncode, 0)
        self.nothing_is_left_of(self.other)
        with self.subTest("nobody is there"):
            self.other.emud.kill()
            self.other.emud.wait()
            self.fails(7, ["no emud answers"], "vm", "move", "a", "--to", "there")
            self.other.start_emud()
        numbers = self.goes_on(self, "a")
        self.assertEqual(numbers, list(range(len(numbers))))
        self.assertEqual(json.loads(self.ok("snapshot", "list", "-o", "json")).get("snapshots", []), [])


if __name__ == "__main__":
    main()
