"""Debian to its shell, through the firmware that its kernel needs, with one processor and several."""
import unittest

import harness
from debian import DebianTest


class SmpTest(DebianTest):
    def boot(self, cpus, *flags):
        guest = self.start_debian("--cpus", str(cpus), *flags)
        self.assertIn(harness.ARCH.firmware_says, guest.output)
        if cpus > 1:
            self.assertIn(f"smp: Brought up 1 node, {cpus} CPUs", guest.output)
        guest.run("mount -t sysfs sysfs /sys")
        self.assertIn(f"0-{cpus - 1}" if cpus > 1 else "0",
                      guest.run("cat /sys/devices/system/cpu/online"))
        self.use(guest, cpus)

    def test_one_processor(self):
        self.boot(1)

    def test_two_processors(self):
        self.boot(2)

    def test_four_processors(self):
        self.boot(4)

    @unittest.skipUnless(harness.ARCH.name == "aarch64", "Arm's")
    def test_two_processors_behind_the_older_gic(self):
        self.boot(2, "--gic-version", "2")


if __name__ == "__main__":
    harness.main()
