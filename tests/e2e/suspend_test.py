#!/usr/bin/env python3
"""VMs on the disk of their host: suspended, gone on from there, discarded; hosts that refuse, files that
somebody has been at, and kill -9 of either side at random moments. The guests are counter.s, whose lines
number themselves: one that was lost, or said twice, shows.

EMU_KILLS says how often something is killed; EMU_TEST_LONG=1: 100. EMU_SEED repeats a run's choices.
"""
import json
import os
import random
import signal
import subprocess
import threading
import time

from harness import FIRMWARE, EmudTest, is_alive, main, wait_for

LONG = os.environ.get("EMU_TEST_LONG", "0") not in ("", "0")
KILLS = int(os.environ.get("EMU_KILLS") or (100 if LONG else 10))
SEED = int(os.environ.get("EMU_SEED") or random.SystemRandom().randrange(1 << 32))
COUNTER = os.path.join(os.path.dirname(FIRMWARE), "counter.elf")
SMALL = ["--memory", "64M", "--code-cache-mib", "1"]


class SuspendTest(EmudTest):
    def make(self, name, *flags):
        firmware = () if "--firmware" in flags else ("--firmware", COUNTER)
        self.ok("vm", "create", name, *SMALL, *firmware, *flags, "--start")
        self.assertTrue(wait_for(lambda: len(self.numbers(name)) >= 2))

    def state(self, name):
        return self.get(name)["state"]

    def numbers(self, name):
        return [int(line, 16) for line in self.console(name).split("\n")[:-1]]

    def file_of(self, name):
        return os.path.join(self.state_dir, "vms", self.get(name)["uid"], "state")

    def goes_on(self, name):
        """The guest counts, and has left out nothing since it began."""
        count = len(self.numbers(name))
        self.assertTrue(wait_for(lambda: len(self.numbers(name)) > count), name)
        numbers = self.numbers(name)
        self.assertEqual(numbers, list(range(len(numbers))))

    def kill_emud(self):
        self.emud.kill()
        self.emud.wait()

    def test_a_suspended_vm_goes_on_where_it_was(self):
        self.make("a")
        pid = self.get("a")["pid"]
        vm = json.loads(self.ok("vm", "suspend", "a", "-o", "json"))
        self.assertEqual((vm["state"], vm["stateReason"]), ("SUSPENDED", "SUSPENDED"))
        self.assertNotIn("pid", vm)
        self.assertFalse(is_alive(pid))
        count = len(self.numbers("a"))
        # Of 64 MiB the guest has used next to nothing, and so the file has.
        self.assertLess(os.stat(self.file_of("a")).st_blocks * 512, 1 << 20)
        self.assertIn("SUSPENDED", self.ok("vm", "list"))
        self.assertIn("SUSPENDED", self.ok("vm", "list", "-o", "wide"))
        self.ok("vm", "wait", "a", "--state", "SUSPENDED", "--timeout", "5s")
        self.ok("vm", "suspend", "a")  # nothing happens to one that is
        time.sleep(0.5)
        self.assertEqual(len(self.numbers("a")), count)
        self.assertEqual(json.loads(self.ok("vm", "start", "a", "-o", "json"))["state"], "RUNNING")
        self.goes_on("a")
        self.assertFalse(os.path.exists(self.file_of("a")))
        # Again, of a VM whose memory is another's file.
        self.ok("vm", "suspend", "a")
        self.ok("vm", "start", "a")
        self.goes_on("a")

    def test_emud_may_be_another_by_then(self):
        self.make("a")
        self.ok("vm", "suspend", "a")
        self.kill_emud()
        self.start_emud()
        self.assertEqual(self.state("a"), "SUSPENDED")
        self.ok("vm", "start", "a")
        self.goes_on("a")

    def test_one_that_was_paused_runs_afterwards(self):
        self.make("a")
        self.ok("vm", "pause", "a")
        self.ok("vm", "suspend", "a")
        self.ok("vm", "start", "a")
        self.goes_on("a")

    def test_what_makes_no_sense_is_refused_and_says_what_does(self):
        self.ok("vm", "create", "a", "--firmware", COUNTER, *SMALL)
        self.fails(4, ["STOPPED", "start it first"], "vm", "suspend", "a")
        self.ok("vm", "start", "a")
        self.ok("vm", "suspend", "a")
        self.fails(4, ["SUSPENDED", "start it first"], "vm", "pause", "a")
        self.fails(4, ["--force"], "vm", "stop", "a")
        self.fails(4, ["SUSPENDED"], "vm", "update", "a", "--set", "spec.machine.memory_mib=128")
        self.fails(4, ["start it first"], "console", "send", "a", "x")
        self.ok("vm", "update", "a", "--label", "x=y")
        self.ok("vm", "rm", "a")
        self.assert_nothing_left()

    def test_what_was_saved_can_be_discarded(self):
        self.make("a")
        self.ok("vm", "suspend", "a")
        vm = json.loads(self.ok("vm", "stop", "a", "--force", "-o", "json"))
        self.assertEqual((vm["state"], vm["stateReason"]), ("STOPPED", "DISCARDED"))
        self.assertFalse(os.path.exists(self.file_of("a")))
        self.ok("vm", "start", "a")
        self.assertTrue(wait_for(lambda: self.numbers("a").count(0) == 2))

    def test_what_an_earlier_daemon_did_not_come_to_removing_is_removed(self):
        self.ok("vm", "create", "a", "--firmware", COUNTER, *SMALL)
        path = self.file_of("a")
        self.kill_emud()
        with open(path, "wb"):
            pass
        self.start_emud()
        self.assertFalse(os.path.exists(path))
        self.assertEqual(self.state("a"), "STOPPED")

    def test_many_at_once(self):
        for name in "abc":
            self.make(name, "--label", "set=yes")
        self.ok("vm", "suspend", "a", "b")
        self.assertEqual([vm["state"] for vm in self.vms()], ["SUSPENDED", "SUSPENDED", "RUNNING"])
        self.ok("vm", "suspend", "--filter", 'labels.set="yes"')
        self.ok("vm", "start", "a", "b", "c")
        for name in "abc":
            self.goes_on(name)

    def test_a_file_that_somebody_has_been_at_is_refused_and_kept(self):
        self.make("a")
        self.ok("vm", "suspend", "a")
        path = self.file_of("a")
        with open(path, "rb") as file:
            good = file.read()
        self.make("other", "--cpus", "2")
        self.ok("vm", "suspend", "other")
        with open(self.file_of("other"), "rb") as file:
            foreign = file.read()
        used = good.index(next(byte for byte in good[1 << 21:] if byte), 1 << 21)
        flipped = bytearray(good)
        flipped[used] ^= 1
        for bad, code, word in ((bytes(flipped), 1, "damaged: the memory at"),
                                (good[:len(good) // 2], 1, "damaged: it is cut short"),
                                (b"", 1, "damaged"), (os.urandom(10000), 1, "damaged"),
                                (foreign, 4, "processors: 2, and this one has 1")):
            with open(path, "wb") as file:
                file.write(bad)
            self.fails(code, ["a stays suspended", word, "--force"], "vm", "start", "a")
            vm = self.get("a")
            self.assertEqual((vm["state"], vm["stateReason"]), ("SUSPENDED", "RESTORE_FAILED"))
        with open(path, "wb") as file:
            file.write(good)
        self.ok("vm", "start", "a")
        self.goes_on("a")

    def test_a_disk_that_was_written_to_is_noticed(self):
        disk = self.write("disk.img", bytes(1 << 20))
        self.make("a", "--disk", disk)
        self.ok("vm", "suspend", "a")
        self.ok("vm", "start", "a")  # nobody was there
        self.ok("vm", "suspend", "a")
        with open(disk, "r+b") as file:
            file.write(b"x")
        os.utime(disk, (1_600_000_000, 1_600_000_000))
        self.fails(4, ["disk0 has changed", "written to", "--force"], "vm", "start", "a")
        self.assertEqual(self.state("a"), "SUSPENDED")
        self.ok("vm", "start", "a", "--force")
        self.goes_on("a")
        self.ok("vm", "suspend", "a")
        os.rename(disk, disk + ".old")
        self.write("disk.img", bytes(1 << 20))
        self.fails(4, ["another file"], "vm", "start", "a")
        os.unlink(disk)
        self.fails(2, ["disks[0]"], "vm", "start", "a")
        os.rename(disk + ".old", disk)
        self.ok("vm", "start", "a")
        self.goes_on("a")

    def test_a_full_disk_is_said_and_the_vm_goes_on(self):
        folder = self.path("full")
        os.mkdir(folder)
        if os.geteuid() != 0 or subprocess.run(
                ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder],
                stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("a file system of its own is not to be had here")
        self.addCleanup(subprocess.run, ["umount", "-l", folder])
        self.stop_everything()
        self.addCleanup(self.stop_everything)  # while the folder is there
        self.start_emud(state_dir=os.path.join(folder, "state"))
        # Guests with 4 MiB that are not zero.
        raw = self.path("counter.raw")
        subprocess.run(["riscv64-linux-gnu-objcopy", "-O", "binary", COUNTER, raw], check=True)
        with open(raw, "ab") as file:
            file.write(os.urandom(4 << 20))
        for name in "ab":
            self.make(name, "--firmware", raw)
        self.ok("vm", "pause", "b")
        with open(os.path.join(folder, "filler"), "wb") as filler:
            # Room for the daemon's own records, and not for a state.
            room = os.statvfs(folder)
            filler.write(bytes(room.f_bavail * room.f_bsize - (1 << 20)))
        self.fails(6, ["a was not suspended", "make room"], "vm", "suspend", "a")
        self.assertEqual(self.state("a"), "RUNNING")
        self.assertFalse(os.path.exists(self.file_of("a")))
        self.fails(6, ["make room"], "vm", "suspend", "b")
        self.assertEqual(self.state("b"), "PAUSED")
        os.unlink(os.path.join(folder, "filler"))
        self.goes_on("a")
        self.ok("vm", "suspend", "a")
        self.ok("vm", "start", "a")
        self.goes_on("a")

    def test_one_that_hangs_is_not_suspended(self):
        self.make("a")
        pid = self.get("a")["pid"]
        os.kill(pid, signal.SIGSTOP)
        self.fails(7, ["does not answer to suspend"], "vm", "suspend", "a")
        self.assertEqual(self.state("a"), "RUNNING")
        os.kill(pid, signal.SIGCONT)
        self.goes_on("a")

    def test_a_suspended_vm_can_be_suspended_once_for_each_request(self):
        self.make("a")
        for _ in range(3):
            self.ok("vm", "suspend", "a", "--request-id", "once")
        self.ok("vm", "start", "a")
        self.ok("vm", "suspend", "a", "--request-id", "once")
        self.assertEqual(self.state("a"), "RUNNING")

    def test_virtual_time_goes_on_where_it_stood(self):
        # The guest waits for 100 ms of virtual time at a time: a second away costs it nothing.
        self.make("a")
        self.ok("vm", "suspend", "a")
        before = len(self.numbers("a"))
        time.sleep(1.5)
        began = time.monotonic()
        self.ok("vm", "start", "a")
        self.assertTrue(wait_for(lambda: len(self.numbers("a")) > before))
        # With virtual time that had jumped the guest would catch up fifteen lines at once.
        said = len(self.numbers("a")) - before
        self.assertLess(said, 10 * (time.monotonic() - began) + 3)
        self.goes_on("a")

    def test_progress_is_shown_where_it_is_asked_for(self):
        self.make("a")
        result = self.ctl("vm", "suspend", "a", "--progress", "json")
        stages = [json.loads(line)["stage"] for line in result.stderr.splitlines()]
        self.assertEqual((stages[0], stages[-1]), ("begun", "ended"))

    def test_whoever_is_killed_whenever_a_guest_goes_on_or_begins_anew(self):
        print(f"seed {SEED} (EMU_SEED repeats it), {KILLS} kills", flush=True)
        choice = random.Random(SEED)
        self.make("a")
        seen = {"SUSPENDED": 0, "RUNNING": 0, "CRASHED": 0}
        for kill in range(KILLS):
            verb = "suspend" if self.state("a") == "RUNNING" else "start"
            pid = self.get("a").get("pid")
            asked = threading.Thread(target=self.ctl, args=("vm", verb, "a"))
            asked.start()
            time.sleep(choice.uniform(0, 0.08))
            victims = choice.choice(("emud", "vm", "both"))
            if victims != "emud":
                for victim in {pid, *self.vm_processes()} - {None}:
                    try:
                        os.kill(victim, signal.SIGKILL)
                    except ProcessLookupError:
                        pass
            if victims != "vm":
                self.kill_emud()
            asked.join()
            if victims != "vm":
                self.start_emud()
            final = ("SUSPENDED", "RUNNING", "CRASHED")
            self.assertTrue(wait_for(lambda: self.state("a") in final, 20), self.get("a"))
            state = self.state("a")
            seen[state] += 1
            self.assertEqual(os.path.exists(self.file_of("a")) and state != "RUNNING",
                             state == "SUSPENDED", f"kill {kill}")
            if state == "CRASHED":
                self.ok("vm", "start", "a")
            self.check_numbers(kill)
        if self.state("a") == "SUSPENDED":
            self.ok("vm", "start", "a")
        count = len(self.numbers("a"))
        self.assertTrue(wait_for(lambda: len(self.numbers("a")) > count))
        self.check_numbers(KILLS)
        print(f"found afterwards: {seen}", flush=True)

    def check_numbers(self, kill):
        """Each number follows the one before, or a guest began anew: none went on from the same state
        twice. A line that a kill cut short is followed by a whole one."""
        numbers = [int(line[-8:], 16) for line in self.console("a").split("\n")[:-1]
                   if len(line) >= 8]
        for before, after in zip(numbers, numbers[1:]):
            self.assertIn(after, (before + 1, 0), f"kill {kill}: {numbers}")


if __name__ == "__main__":
    main()
