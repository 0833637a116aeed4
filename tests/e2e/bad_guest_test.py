#!/usr/bin/env python3
"""Guests that do harm as well as they can: the VM process lives and obeys."""
import os
import struct
import time

from harness import FIRMWARE, EmudTest, main

GARBAGE = os.path.join(os.path.dirname(FIRMWARE), "garbage.elf")


class BadGuestTest(EmudTest):
    def obeys(self, *flags):
        disk = self.write("disk", bytes(1 << 20))
        self.ok("vm", "create", "a", "--memory", "64M", "--disk", disk, "--start", *flags)
        for _ in range(5):
            time.sleep(0.3)
            self.assertEqual(self.get("a")["state"], "RUNNING", self.get("a"))
            self.ok("vm", "pause", "a")
            self.ok("vm", "resume", "a")
            self.ok("vm", "reset", "a")
        self.ok("console", "a", input="anyone?\n")
        self.ok("vm", "stop", "a")
        self.assertEqual(self.get("a")["stateReason"], "STOPPED")

    def test_garbage_in_every_device(self):
        self.obeys("--firmware", GARBAGE, "--cpus", "2")

    def test_a_jump_to_where_nothing_is_and_traps_for_ever(self):
        # jalr zero, 0(zero): no memory is at 0, where traps lead to as well.
        self.obeys("--firmware", self.write("firmware", struct.pack("<I", 0x67)))

    def test_code_that_is_none(self):
        self.obeys("--firmware", self.write("firmware", bytes(4096)))


if __name__ == "__main__":
    main()
