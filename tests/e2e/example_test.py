#!/usr/bin/env python3
"""Another program calls emud: the example in Python does what it says."""
import os
import subprocess
import unittest

from harness import FIRMWARE, EmudTest, main

EXAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../client/examples/run_command.py")
SHELL = os.path.join(os.path.dirname(FIRMWARE), "shell.elf")
PYTHON = "/usr/bin/python3"  # whose modules Debian installs


@unittest.skipUnless(
    subprocess.run([PYTHON, "-c", "import grpc, google.protobuf"], capture_output=True,
                   check=False).returncode == 0, "python3-grpcio is not installed")
class ExampleTest(EmudTest):
    def run_example(self, *args):
        return subprocess.run([PYTHON, EXAMPLE, "--endpoint", self.endpoint, *args],
                              capture_output=True, text=True, timeout=60)

    def test_a_command_is_run_and_the_vm_is_gone(self):
        result = self.run_example("--firmware", SHELL, "--timeout", "20", "--", "uname", "-a")
        self.assertEqual((result.stdout, result.returncode), ("sh: not found\n", 127), result.stderr)
        self.assert_nothing_left()

    def test_what_goes_wrong_is_said_and_leaves_nothing(self):
        result = self.run_example("--firmware", "/nowhere", "--", "true")
        self.assertEqual(result.returncode, 1)
        self.assertIn("INVALID_ARGUMENT: spec.boot.firmware", result.stderr)
        result = self.run_example("--firmware", FIRMWARE, "--timeout", "1", "--", "true")
        self.assertEqual(result.returncode, 1)
        self.assertIn("DEADLINE_EXCEEDED", result.stderr)
        self.assert_nothing_left()


if __name__ == "__main__":
    main()
