#!/usr/bin/env python3
"""Pools: VMs of a snapshot that wait, whoever acquires them, and whatever happens to them. The guests are
counter.s, which says nothing as long as it does not run.

EMU_KILLS says how often emud is killed; EMU_TEST_LONG=1: 50. EMU_SEED repeats a run's choices.
"""
import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import time

from harness import EMUCTL, FIRMWARE, EmudTest, UnixConnection, is_alive, main, wait_for

LONG = os.environ.get("EMU_TEST_LONG", "0") not in ("", "0")
KILLS = int(os.environ.get("EMU_KILLS") or (50 if LONG else 5))
SEED = int(os.environ.get("EMU_SEED") or random.SystemRandom().randrange(1 << 32))
COUNTER = os.path.join(os.path.dirname(FIRMWARE), "counter.elf")
SMALL = ["--memory", "64M", "--code-cache-mib", "1", "--firmware", COUNTER]


class PoolTest(EmudTest):
    def emud_arguments(self):
        return ["--metrics-listen", "unix:" + self.path("metrics.sock")]

    def warm(self, *flags):
        """A snapshot of a VM that is gone, and counted."""
        self.ok("vm", "create", "a", *SMALL, *flags, "--start")
        self.assertTrue(wait_for(lambda: self.console("a").count("\n") > 2))
        self.ok("snapshot", "create", "warm", "--vm", "a")
        self.ok("vm", "rm", "a", "--force")

    def pool(self, name="ci"):
        return json.loads(self.ok("pool", "get", name, "-o", "json"))

    def waiting(self):
        """The VMs that wait."""
        return [vm for vm in self.vms() if vm.get("pool") and "acquireTime" not in vm
                and (vm["state"], vm.get("stateReason")) == ("PAUSED", "POOL")]

    def in_pool(self):
        """With those that are about to, or can't any more."""
        return [vm for vm in self.vms() if vm.get("pool") and "acquireTime" not in vm]

    def await_full(self, size):
        self.assertTrue(wait_for(lambda: len(self.waiting()) == size == len(self.in_pool()), 60),
                        (self.vms(), self.pool()))
        self.assertTrue(wait_for(lambda: self.pool().get("waiting", 0) == size))
        self.assertTrue(wait_for(lambda: "error" not in self.pool()), self.pool())

    def acquire(self, *words):
        return json.loads(self.ok("pool", "acquire", "ci", *words, "-o", "json"))

    def assert_runs(self, name):
        said = self.console(name)
        self.assertTrue(wait_for(lambda: len(self.console(name)) > len(said) + 20), name)
        self.assertEqual(self.get(name)["state"], "RUNNING")

    def metric(self, line):
        connection = UnixConnection(self.path("metrics.sock"))
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        found = [float(sample.rpartition(" ")[2]) for sample in text.splitlines()
                 if sample.startswith(line + " ")]
        return found[0] if found else None

    def test_vms_wait_and_go_on_as_somebodys(self):
        self.warm()
        self.ok("pool", "create", "ci", "--snapshot", "warm", "--size", "2", "--max", "4", "--ttl", "1h",
                "--vm-label", "of=ci")
        self.await_full(2)
        waiting = self.waiting()
        for vm in waiting:
            self.assertTrue(vm["name"].startswith("ci-"))
            self.assertEqual(vm["labels"], {"of": "ci"})
            self.assertNotIn("expireTime", vm)
            self.assertTrue(is_alive(vm["pid"]))
        time.sleep(0.3)
        self.assertEqual([self.console(vm["name"]) for vm in waiting], ["", ""])
        with self.subTest("three at once"):
            first = self.acquire("one", "--label", "for=me")
            self.assertIn(first["uid"], [vm["uid"] for vm in waiting])
            self.assertEqual(first["labels"], {"of": "ci", "for": "me"})
            self.acquire("two", "--ttl", "30m")
            self.acquire("three")
            for name in ("one", "two", "three"):
                self.assert_runs(name)
                self.assertIn("expireTime", self.get(name))
            self.assertEqual(len({self.get(name)["generationId"] for name in ("one", "two", "three")}), 3)
        with self.subTest("as many wait again as may"):
            self.await_full(1)
            self.assertEqual((self.pool()["acquired"], self.pool()["max"]), (3, 4))
            kept = self.acquire()
            self.assertEqual(kept["name"], self.get(kept["name"])["name"])
            self.assert_runs(kept["name"])
            self.fails(6, ["ci", "4 VMs"], "pool", "acquire", "ci")
            self.ok("vm", "rm", "two", "--force")
            self.await_full(1)
            self.assertEqual(self.metric('emud_pool_waiting{pool="ci"}'), 1)
            self.assertEqual(self.metric('emud_pool_acquired{pool="ci"}'), 3)
            taken = [self.metric(f'emud_pool_acquires_total{{pool="ci",from="{way}"}}')
                     for way in ("waiting", "fork")]
            self.assertEqual(sum(taken), 4)
            self.assertGreaterEqual(taken[0], 3)
        with self.subTest("a name that another has"):
            self.fails(1, ["one"], "pool", "acquire", "ci", "one")
            self.await_full(1)
        with self.subTest("its VMs that wait go with it"):
            self.fails(4, ["ci"], "snapshot", "rm", "warm")
            self.ok("pool", "rm", "ci")
            self.assertEqual(sorted(vm["name"] for vm in self.vms()), sorted(["one", "three", kept["name"]]))
            self.ok("snapshot", "rm", "warm")
            self.assert_runs("one")
            self.fails(3, ["ci"], "pool", "acquire", "ci")

    def test_one_that_nobody_can_have_any_more_is_replaced(self):
        # Nothing that its spec says of its life keeps it, ends it or begins it anew while it waits.
        self.warm()
        life = {"restartPolicy": "ALWAYS", "idleTimeout": "1s", "ttl": "4s"}
        self.ok("api", "call", "PoolService/CreatePool", "-d", json.dumps(
            {"name": "ci", "snapshot": "warm", "size": 2, "spec": {"lifecycle": life}}))
        self.await_full(2)
        with self.subTest("it was killed"):
            victim = self.waiting()[0]
            os.kill(victim["pid"], signal.SIGKILL)
            self.assertTrue(wait_for(lambda: victim["uid"] not in [vm["uid"] for vm in self.vms()]))
            self.await_full(2)
        with self.subTest("it was stopped"):
            victim = self.waiting()[0]
            self.ok("vm", "stop", victim["name"])
            self.assertTrue(wait_for(lambda: victim["uid"] not in [vm["uid"] for vm in self.vms()]))
            self.await_full(2)
        with self.subTest("somebody has it run, whose it is"):
            used = self.waiting()[0]
            self.assertIn("acquireTime", self.ok("vm", "resume", used["name"], "-o", "json"))
            self.await_full(2)
            self.assertNotIn(used["uid"], [vm["uid"] for vm in self.waiting()])
        with self.subTest("those that wait grow neither old nor idle"):
            before = {vm["uid"] for vm in self.waiting()}
            time.sleep(5)
            self.assertEqual({vm["uid"] for vm in self.waiting()}, before)
            self.assertTrue(wait_for(lambda: used["uid"] not in [vm["uid"] for vm in self.vms()]))
        with self.subTest("fewer, and none"):
            for size in (1, 0, 2):
                self.ok("pool", "update", "ci", "--size", str(size))
                self.await_full(size)

    def test_a_quota_holds_for_those_that_wait(self):
        self.ok("project", "create", "lab", "--vms", "2")
        self.warm("--project", "lab")
        self.ok("pool", "create", "ci", "--snapshot", "warm", "--size", "3", "--project", "lab")
        self.assertTrue(wait_for(lambda: len(self.waiting()) == 2, 60))
        self.assertTrue(wait_for(lambda: "vms: 3 of 2" in self.pool().get("error", "")))
        self.acquire("one")
        self.acquire("two")
        self.fails(6, ["vms: 3 of 2"], "pool", "acquire", "ci")
        self.ok("project", "update", "lab", "--vms", "5")
        self.await_full(3)
        self.ok("pool", "rm", "ci")
        self.ok("vm", "rm", "one", "two", "--force")
        usage = json.loads(self.ok("project", "get", "lab", "-o", "json")).get("usage", {})
        self.assertEqual(usage.get("vms", 0), 0)

    def test_a_pool_of_a_snapshot_without_memory_has_vms_at_their_reset(self):
        self.ok("vm", "create", "a", *SMALL)
        self.ok("snapshot", "create", "warm", "--vm", "a")
        self.ok("pool", "create", "ci", "--snapshot", "warm", "--size", "1")
        self.await_full(1)
        self.assertEqual(self.console(self.waiting()[0]["name"]), "")
        self.acquire("one")
        self.assert_runs("one")

    def test_one_that_was_acquired_and_not_told_so_goes_on(self):
        self.warm()
        self.ok("pool", "create", "ci", "--snapshot", "warm", "--size", "1")
        self.await_full(1)
        vm = self.waiting()[0]
        self.emud.kill()
        self.emud.wait()
        # What an emud has stored that was killed then. Of a field that is there twice, the last counts.
        acquired = b"\x2a\x08ACQUIRED" + b"\xb2\x02\x02\x08\x01"  # state_reason, acquire_time
        with contextlib.closing(sqlite3.connect(os.path.join(self.state_dir, "state.db"))) as database:
            database.execute("UPDATE vms SET record=CAST(record || ? AS BLOB) WHERE uid=?",
                             (acquired, vm["uid"]))
            database.commit()
        self.start_emud()
        self.assertTrue(wait_for(lambda: self.get(vm["name"])["state"] == "RUNNING"), self.get(vm["name"]))
        self.assert_runs(vm["name"])
        self.await_full(1)

    def test_an_emud_that_is_killed_loses_none_and_leaves_none(self):
        choices = random.Random(SEED)
        print(f"EMU_SEED={SEED}, {KILLS} kills")
        self.warm()
        self.ok("pool", "create", "ci", "--snapshot", "warm", "--size", "2")
        self.await_full(2)
        for i in range(KILLS):
            words = [EMUCTL, "--endpoint", self.endpoint, "pool", "acquire", "ci", f"vm{i}", "--request-id",
                     f"id{i}", "-o", "json"]
            client = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            time.sleep(choices.random() * 0.3)
            self.emud.kill()
            self.emud.wait()
            told = client.communicate()[0]
            self.start_emud()
            # Asked for again, it is the same one.
            vm = self.acquire(f"vm{i}", "--request-id", f"id{i}")
            if client.returncode == 0:
                self.assertEqual(json.loads(told)["uid"], vm["uid"])
            self.assert_runs(f"vm{i}")
            self.ok("vm", "rm", f"vm{i}", "--force")
        self.await_full(2)
        self.assertEqual(len(self.vms()), 2)
        self.acquire("kept")
        with self.subTest("as it deletes a pool"):
            client = subprocess.Popen([EMUCTL, "--endpoint", self.endpoint, "pool", "rm", "ci"],
                                      stderr=subprocess.DEVNULL)
            time.sleep(choices.random() * 0.1)
            self.emud.kill()
            self.emud.wait()
            client.wait()
            self.start_emud()
            self.ctl("pool", "rm", "ci")
            self.assertTrue(wait_for(lambda: [vm["name"] for vm in self.vms()] == ["kept"]))
        self.ok("vm", "rm", "kept", "--force")
        self.assert_nothing_left()


if __name__ == "__main__":
    main()
