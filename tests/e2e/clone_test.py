#!/usr/bin/env python3
"""What a guest learns when its VM goes on from a snapshot: that it is another one now, the time, and random
numbers that nobody else has."""
import json
import re
import time

import harness
from agent_guest import HOOK, START, guest_flags
from harness import wait_for

AWAY_SECONDS = 3


class CloneTest(harness.EmudTest):
    def said(self, vm, script):
        return self.ok("exec", vm, "--", "sh", "-c", script).strip()

    def generations_told(self, vm):
        """What its hook has said since it was made; a snapshot's own console is not in it."""
        return re.findall(rf"gone-on-as-{vm}-([0-9a-f-]+)", self.console(vm))

    def test_copies_know_that_they_are(self):
        self.ok("vm", "create", "a", *guest_flags("riscv64", self.dir.name, HOOK + START), "--start")
        self.assertTrue(wait_for(lambda: self.ctl("guest", "info", "a", "--wait", "10s").returncode == 0, 300))
        self.assertNotIn("generationId", self.get("a"))
        self.ok("snapshot", "create", "warm", "--vm", "a")
        time.sleep(AWAY_SECONDS)
        for name in ("b", "c"):
            self.ok("vm", "create", name, "--from", "warm", "--start")
        with self.subTest("it is told without being asked anything, and once"):
            for name in ("b", "c"):
                self.assertTrue(wait_for(lambda: self.generations_told(name), 60), self.console(name))
            self.assertEqual([self.said(name, "hostname") for name in "abc"], ["the-first", "b", "c"])
            for name in ("b", "c"):
                self.assertEqual(self.generations_told(name), [self.get(name)["generationId"]])
            self.assertNotEqual(self.get("b")["generationId"], self.get("c")["generationId"])
        with self.subTest("it has translated next to nothing itself"):
            code = json.loads(self.ok("debug", "stats", "b", "-o", "json"))["code"]
            print(f"a clone took {code['sealedBlocks']} of {code['blocks']} blocks from its snapshot")
            self.assertGreater(int(code["sealedBlocks"]), 0.5 * int(code["blocks"]))
        with self.subTest("random numbers"):
            numbers = [self.said(name, "head -c 16 /dev/urandom | od -An -tx1") for name in "abc"]
            self.assertEqual(len(set(numbers)), 3, numbers)
        with self.subTest("the time"):
            for name in "bc":
                late = time.time() - float(self.said(name, "date +%s"))
                self.assertLess(abs(late), AWAY_SECONDS - 1)
        with self.subTest("a command in one that is gone afterwards"):
            began = time.monotonic()
            done = self.ctl("run", "--snapshot", "warm", "--", "sh", "-c", "hostname; exit 3")
            print(f"emuctl run took {(time.monotonic() - began) * 1000:.0f} ms")
            self.assertEqual((done.returncode, done.stdout[:4], done.stderr), (3, "run-", ""))
            self.assertEqual(self.ctl("run", "--snapshot", "none", "--", "true").returncode, 125)
        with self.subTest("one that goes back is told, too"):
            self.ok("vm", "stop", "a", "--force")
            self.ok("snapshot", "restore", "a", "warm")
            self.ok("vm", "start", "a")
            self.assertTrue(wait_for(lambda: self.generations_told("a"), 60))
            self.assertEqual(self.said("a", "hostname"), "a")
        with self.subTest("a daemon that comes later tells it no second time"):
            self.emud.kill()
            self.emud.wait()
            self.start_emud()
            self.said("b", "true")
            self.assertEqual(len(self.generations_told("b")), 1)
        self.assertEqual(len(json.loads(self.ok("vm", "list", "-o", "json"))["vms"]), 3)


if __name__ == "__main__":
    harness.main()
