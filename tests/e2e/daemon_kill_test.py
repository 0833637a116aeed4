#!/usr/bin/env python3
"""kill -9 of emud at random moments, again and again, while VMs are made, started, stopped and deleted
and consoles are open: nothing is lost, nothing is done twice, consoles go on where they were.
The guests are counter.s.

EMU_KILLS and EMU_KILL_VMS say how often and with how many VMs; EMU_TEST_LONG=1: 100 and 50. EMU_SEED
repeats a run's choices.
"""
import os
import random
import signal
import statistics
import subprocess
import threading
import time

from harness import EMUCTL, EMUD, EMU_VM, FIRMWARE, EmudTest, main, wait_for

LONG = os.environ.get("EMU_TEST_LONG", "0") not in ("", "0")
KILLS = int(os.environ.get("EMU_KILLS") or (100 if LONG else 5))
VMS = int(os.environ.get("EMU_KILL_VMS") or (50 if LONG else 20))
SEED = int(os.environ.get("EMU_SEED") or random.SystemRandom().randrange(1 << 32))
CONSOLES = 10
WORKERS = 2
SMALL = ["--firmware", FIRMWARE, "--memory", "64M", "--code-cache-mib", "1"]


class Console:
    """An open console that attaches again, at the offset it had, whenever its daemon dies."""

    def __init__(self, test, name):
        self.test, self.name = test, name
        self.data = b""
        self.stopping = False
        self.process = None
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.stopping:
            self.process = subprocess.Popen(
                [EMUCTL, "--endpoint", self.test.endpoint, "console", self.name, "--log", "--follow",
                 "--offset", str(len(self.data))],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            while chunk := self.process.stdout.read1(65536):
                self.data += chunk
            self.process.stdout.close()
            self.process.wait()
            time.sleep(0.02)

    def close(self):
        self.stopping = True
        while self.thread.is_alive():
            self.process.terminate()
            self.thread.join(0.1)


class Worker(threading.Thread):
    """Makes, starts, stops and deletes a VM of its own, over and over, with a request id for each step,
    which is asked for until it is answered."""

    def __init__(self, test, number):
        super().__init__()
        self.test, self.name = test, f"busy{number}"
        self.random = random.Random(SEED + number)
        self.stopping = False
        self.done = 0
        self.failures = []

    def step(self, *args):
        request_id = f"{self.name}-{self.done}-{args[1]}"
        deadline = time.monotonic() + 60
        while True:
            result = self.test.ctl(*args, "--request-id", request_id)
            if result.returncode == 0:
                return
            # 7: no daemon answers, or died over it. What it left of the request must not harm.
            if result.returncode != 7 or time.monotonic() > deadline:
                self.failures.append((args, result.returncode, result.stderr))
                return

    def run(self):
        while not self.stopping and not self.failures:
            self.done += 1
            self.step("vm", "create", self.name, *SMALL)
            self.step("vm", "start", self.name)
            if self.random.random() < 0.5:
                self.step("vm", "stop", self.name)
                self.step("vm", "rm", self.name)
            else:
                self.step("vm", "rm", self.name, "--force")


class DaemonKillTest(EmudTest):
    def spawn_emud(self):
        """Returns how long it took until the API answered."""
        self.emud, took = self.time_emud(self.state_dir, self.endpoint)
        return took

    def time_empty_emud(self):
        """How long one without VMs takes, now."""
        emud, took = self.time_emud(self.path("empty"), "unix:" + self.path("empty.sock"))
        emud.kill()
        emud.wait()
        return took

    def time_emud(self, state_dir, endpoint):
        with open(self.path("emud.log"), "a") as log:
            began = time.monotonic()
            emud = subprocess.Popen([EMUD, "--state-dir", state_dir, "--listen", endpoint, "--emu-vm", EMU_VM],
                                    stderr=log)
        while subprocess.run([EMUCTL, "--endpoint", endpoint, "host", "info"],
                             capture_output=True).returncode != 0:
            self.assertIsNone(emud.poll(), "emud does not run")
            self.assertLess(time.monotonic() - began, 30)
        return emud, time.monotonic() - began

    def test_nothing_is_lost_however_often_emud_is_killed(self):
        print(f"seed {SEED} (EMU_SEED repeats it), {KILLS} kills, {VMS} VMs", flush=True)
        choice = random.Random(SEED)
        names = [f"vm{number:02}" for number in range(VMS)]
        for name in names:
            self.ok("vm", "create", name, *SMALL, "--label", "steady=yes", "--start")
        steady = lambda: {vm["name"]: vm for vm in self.vms() if "steady" in vm.get("labels", {})}
        before = steady()
        consoles = [Console(self, name) for name in names[:CONSOLES]]
        self.addCleanup(lambda: [console.close() for console in consoles])
        workers = [Worker(self, number) for number in range(WORKERS)]
        for worker in workers:
            worker.start()
        answered, empty = [], []
        paused = set()
        try:
            for kill in range(KILLS):
                time.sleep(choice.uniform(0.05, 1.5))
                # One of the steady ones changes, so that not only what rests is kept.
                name = choice.choice(names)
                self.ok("vm", "resume" if name in paused else "pause", name)
                paused ^= {name}
                os.kill(self.emud.pid, signal.SIGKILL)
                self.emud.wait()
                time.sleep(choice.uniform(0, 0.2))
                answered.append(self.spawn_emud())
                empty.append(self.time_empty_emud())
                after = steady()
                self.assertEqual(
                    {vm["name"]: (vm["uid"], vm["pid"], vm["state"]) for vm in after.values()},
                    {vm["name"]: (vm["uid"], vm["pid"],
                                  "PAUSED" if vm["name"] in paused else "RUNNING")
                     for vm in before.values()}, f"kill {kill}")
                self.assertEqual([worker.failures for worker in workers], [[]] * WORKERS)
        finally:
            for worker in workers:
                worker.stopping = True
            for worker in workers:
                worker.join(60)
        self.assertEqual([worker.failures for worker in workers], [[]] * WORKERS)
        for name in paused:
            self.ok("vm", "resume", name)
        # Every console has gone on: its guest counts, and no number is missing or there twice.
        for console in consoles:
            grown = len(console.data)
            self.assertTrue(wait_for(lambda: len(console.data) > grown), console.name)
            console.close()
            lines = console.data.split(b"\n")[:-1]
            self.assertEqual(lines, [b"%08x" % number for number in range(len(lines))], console.name)
        print(f"API answered after {min(empty):.2f} to {max(empty):.2f} s without VMs, "
              f"{min(answered):.2f} to {max(answered):.2f} s with them; "
              f"{sum(worker.done for worker in workers)} VMs came and went", flush=True)
        # A host that is busy with other things starts programs slowly: the median, and in proportion.
        self.assertLess(statistics.median(answered), max(1.0, 4 * statistics.median(empty)))
        for name in names:
            self.ok("vm", "rm", name, "--force")
        self.assert_nothing_left()


if __name__ == "__main__":
    main()
