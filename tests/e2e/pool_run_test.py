#!/usr/bin/env python3
"""Commands in VMs that have waited in a pool: their guests learn who they are and what time it is when they
are acquired, and not before."""
import json
import re
import time

import harness
from agent_guest import HOOK, START, guest_flags
from harness import wait_for

AWAY_SECONDS = 3


class PoolRunTest(harness.EmudTest):
    def said(self, vm, script):
        return self.ok("exec", vm, "--", "sh", "-c", script).strip()

    def pool(self):
        return json.loads(self.ok("pool", "get", "ci", "-o", "json"))

    def await_full(self):
        self.assertTrue(wait_for(lambda: self.pool().get("waiting", 0) == 2, 120), self.pool())

    def test_commands_run_in_vms_that_have_waited(self):
        self.ok("vm", "create", "a", *guest_flags("riscv64", self.dir.name, HOOK + START), "--start")
        self.assertTrue(wait_for(lambda: self.ctl("guest", "info", "a", "--wait", "10s").returncode == 0, 300))
        self.ok("snapshot", "create", "warm", "--vm", "a")
        self.ok("vm", "rm", "a", "--force")
        self.ok("pool", "create", "ci", "--snapshot", "warm", "--size", "2")
        self.await_full()
        waiting = [vm["name"] for vm in self.vms()]
        time.sleep(AWAY_SECONDS)
        self.assertEqual([self.console(name) for name in waiting], ["", ""])
        with self.subTest("three, one after the other"):
            for name in ("b", "c", "d"):
                began = time.monotonic()
                self.ok("pool", "acquire", "ci", name)
                print(f"emuctl pool acquire took {(time.monotonic() - began) * 1000:.0f} ms")
            for name in ("b", "c", "d"):
                late = time.time() - float(self.said(name, "date +%s"))
                self.assertLess(abs(late), AWAY_SECONDS - 1)
                told = rf"gone-on-as-([a-z0-9-]+)-{self.get(name)['generationId']}"
                self.assertTrue(wait_for(lambda: re.search(told, self.console(name)), 60))
                self.assertEqual(re.findall(told, self.console(name)), [name])
                self.assertEqual(self.said(name, "hostname"), name)
            numbers = {self.said(name, "head -c 16 /dev/urandom | od -An -tx1") for name in "bcd"}
            self.assertEqual(len(numbers), 3)
        self.await_full()
        with self.subTest("a command in one that is gone afterwards"):
            began = time.monotonic()
            done = self.ctl("run", "--pool", "ci", "--", "sh", "-c", "hostname; exit 42")
            print(f"emuctl run --pool took {(time.monotonic() - began) * 1000:.0f} ms")
            self.assertEqual((done.returncode, done.stdout[:4], done.stderr), (42, "run-", ""))
            self.assertEqual([vm["name"] for vm in self.vms() if vm["name"].startswith("run-")], [])
            self.assertEqual(self.ctl("run", "--pool", "none", "--", "true").returncode, 125)
            self.assertEqual(self.ctl("run", "--pool", "ci", "--cpus", "2", "--", "true").returncode, 2)
        with self.subTest("after a daemon that was killed"):
            self.await_full()
            self.emud.kill()
            self.emud.wait()
            self.start_emud()
            self.assertEqual(self.ok("run", "--pool", "ci", "--", "echo", "there"), "there\n")
            self.assertEqual(self.said("b", "hostname"), "b")
        self.await_full()
        self.ok("pool", "rm", "ci")
        self.assertEqual(sorted(vm["name"] for vm in self.vms()), ["b", "c", "d"])


if __name__ == "__main__":
    harness.main()
