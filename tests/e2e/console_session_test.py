#!/usr/bin/env python3
"""Consoles for scripts and for several people: waiting, typing, the keyboard, the log, floods."""
import json
import os
import re
import subprocess
import time

from harness import EMUCTL, FIRMWARE, EmudTest, main, wait_for

FLOOD = os.path.join(os.path.dirname(FIRMWARE), "flood.elf")
MIB = 1 << 20
# What daemon/console/console_log.h allows.
MAX_LOG_BYTES = 8 * MIB


class ConsoleSessionTest(EmudTest):
    def info(self, name):
        return {key: int(value) if value.isdigit() else value for key, value in
                json.loads(self.ok("console", "info", name, "-o", "json"),
                           parse_int=str).items()}

    def start_flood(self, name):
        self.ok("vm", "create", name, "--firmware", FLOOD, "--memory", "64M", "--start")

    def log_of(self, name):
        return os.path.join(self.state_dir, "vms", self.get(name)["uid"], "console.log")

    def logged_bytes(self, name):
        folder = self.log_of(name)
        return sum(os.path.getsize(os.path.join(folder, file)) for file in os.listdir(folder))

    def kill_emud(self):
        self.emud.kill()
        self.emud.wait()

    # Waiting.

    def test_waiting_answers_with_the_match_and_its_place(self):
        self.start("a")
        self.assertEqual(self.ok("console", "wait", "a", "^ti.k$"), "tick\n")
        match = json.loads(self.ok("console", "wait", "a", "k\\nt(.)c", "--from", "7", "-o", "json"))
        self.assertEqual((match["offset"], match["endOffset"], len(match["groups"])), ("8", "13", 1))

    def test_waiting_from_now_waits_for_what_comes(self):
        self.start("a")
        head = self.info("a")["head"]
        match = json.loads(self.ok("console", "wait", "a", "tick", "--from", "now", "--timeout", "20s",
                                   "-o", "json"))
        self.assertGreaterEqual(int(match["offset"]), head)

    def test_waiting_in_vain_exits_with_8_when_the_time_is_over(self):
        self.start("a")
        began = time.monotonic()
        self.fails(8, ["has not said tock"], "console", "wait", "a", "tock", "--timeout", "1s")
        self.assertLess(abs(time.monotonic() - began - 1.0), 0.7)
        self.start_flood("f")  # whose console never rests
        self.fails(8, ["has not said"], "console", "wait", "f", "tock", "--timeout", "1s")

    def test_mistakes_are_named(self):
        self.start("a")
        self.fails(2, ["regex", "missing"], "console", "wait", "a", "(x")
        self.fails(2, ["--from", "start, now or"], "console", "wait", "a", "x", "--from", "then")
        self.fails(2, ["--timeout"], "console", "wait", "a", "x", "--timeout", "soon")
        self.fails(3, ["no VM b"], "console", "wait", "b", "x")
        self.fails(2, ["--key", "ctrl-a", "enter"], "console", "send", "a", "--key", "any")
        self.fails(2, ["TEXT, --file or --key"], "console", "send", "a")
        self.fails(2, ["NAME is required"], "console")

    # Typing.

    def test_text_files_and_keys_are_typed(self):
        self.start("a")
        self.ok("console", "send", "a", "x", "--key", "enter,ctrl-c", "--file", self.write("in", "y"))
        self.assertEqual(self.get("a")["state"], "RUNNING")
        self.ok("console", "send", "a", "--file", self.write("off", "xo"))
        self.ok("vm", "wait", "a", "--state", "STOPPED", "--timeout", "10s")
        self.fails(4, ["start it first"], "console", "send", "a", "x")

    def test_one_has_the_keyboard_and_who_loses_it_is_told(self):
        self.start("a")
        first = self.terminal("console", "a")
        self.assertTrue(first.shows("tick"))
        self.ok("console", "send", "a", "x")  # nobody has typed yet
        first.type("x")
        self.assertTrue(wait_for(lambda: self.info("a").get("keyboardHolder", "")))
        self.fails(4, ["types into a", "--take"], "console", "send", "a", "x")
        second = self.terminal("console", "a", "--take")
        self.assertTrue(first.shows("has taken the keyboard"), first.text)
        first.type("ooo")  # reaches nobody, and ends nothing
        self.assertTrue(second.shows("tick"))
        first.text = ""
        self.assertTrue(first.shows("tick"))
        self.assertEqual(self.get("a")["state"], "RUNNING")
        first.type("\r~t")
        self.assertTrue(second.shows("has taken the keyboard"), second.text)
        first.type("~.")
        self.assertEqual(first.code(), 0)
        self.assertTrue(wait_for(lambda: self.info("a").get("keyboardHolder", "") == ""))
        second.type("~.")
        self.assertEqual(second.code(), 0)

    def test_who_only_reads_types_nothing(self):
        self.start("a")
        reader = self.terminal("console", "a", "--read-only")
        self.assertTrue(reader.shows("tick"))
        self.assertEqual(self.info("a")["clients"], 1)
        reader.type("o")
        reader.text = ""
        self.assertTrue(reader.shows("tick"))
        self.assertEqual(self.get("a")["state"], "RUNNING")
        reader.type("\r~.")
        self.assertEqual(reader.code(), 0)

    # The log.

    def test_the_log_goes_on_after_a_kill_of_emud(self):
        self.start("a")
        self.assertTrue(wait_for(lambda: self.info("a").get("logBytes", 0) > 0))
        self.kill_emud()
        self.start_emud()
        self.ok("console", "wait", "a", "tick", "--from", "now", "--timeout", "20s")
        self.assertTrue(wait_for(lambda: self.info("a").get("logBytes", 0) > 10))
        self.ok("vm", "stop", "a")
        head = self.info("a")["head"]
        self.assertTrue(wait_for(lambda: self.info("a").get("logBytes", 0) == head))
        self.assertEqual(self.info("a").get("droppedBytes", 0), 0)
        text = b""
        for file in sorted(os.listdir(self.log_of("a"))):
            with open(os.path.join(self.log_of("a"), file), "rb") as segment:
                text += segment.read()
        self.assertEqual(text.decode(), self.console("a"))

    def test_what_was_overwritten_while_emud_was_away_is_counted_and_marked(self):
        self.start_flood("f")
        self.assertTrue(wait_for(lambda: self.info("f").get("logBytes", 0) > 0))
        self.kill_emud()
        time.sleep(2)  # in which the guest says more than a mebibyte
        self.start_emud()
        self.assertTrue(wait_for(lambda: self.info("f").get("droppedBytes", 0) > 0), self.info("f"))
        self.ok("vm", "stop", "f", "--force")
        if self.info("f")["logBytes"] < MAX_LOG_BYTES - 2 * MIB:  # the gap has not been rotated away
            self.assertRegex(self.ctl("console", "f", "--log").stderr, r"\[\d+ bytes were lost here\]")

    def test_a_log_is_read_beyond_the_ring(self):
        self.start_flood("f")
        self.assertTrue(wait_for(lambda: self.info("f")["head"] > 3 * MIB, 30))
        self.ok("vm", "stop", "f", "--force")
        time.sleep(0.5)
        info = self.info("f")
        self.assertGreater(info["head"] - info.get("oldestOffset", 0), 2 * MIB)
        self.assertGreater(len(self.console("f")), 2 * MIB)

    # Floods.

    def test_a_flood_that_nobody_reads_costs_bounded_memory_and_slows_nobody(self):
        self.start("a")
        self.start_flood("f")

        def private_bytes():
            with open(f"/proc/{self.emud.pid}/status", encoding="ascii") as status:
                return int(re.search(r"RssAnon:\s+(\d+) kB", status.read())[1]) * 1024
        readers = [subprocess.Popen([EMUCTL, "--endpoint", self.endpoint, "console", "f", "--log",
                                     "--follow"], stdout=subprocess.PIPE) for _ in range(4)]
        try:
            time.sleep(1)
            before, head = private_bytes(), self.info("f")["head"]
            slowest = 0.0
            deadline = time.monotonic() + 60
            while self.info("f")["head"] - head < 16 * MIB and time.monotonic() < deadline:
                began = time.monotonic()
                self.ok("console", "wait", "a", "tick", "--from", "now", "--timeout", "20s")
                slowest = max(slowest, time.monotonic() - began)
                self.assertLessEqual(self.logged_bytes("f"), MAX_LOG_BYTES)
            flooded, grown = self.info("f")["head"] - head, private_bytes() - before
            print(f"flood of {flooded / MIB:.1f} MiB: emud grew by {grown / MIB:.1f} MiB to "
                  f"{private_bytes() / MIB:.1f} MiB; another console waited {slowest:.3f} s at most")
            self.assertGreater(flooded, 4 * MIB)
            self.assertLess(grown, 8 * MIB)
            self.assertLess(slowest, 5)
        finally:
            for reader in readers:
                reader.kill()
                reader.wait()
                reader.stdout.close()


if __name__ == "__main__":
    main()
