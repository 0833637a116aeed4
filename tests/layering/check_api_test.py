#!/usr/bin/env python3
"""That check_api.py finds what would break a client, and nothing else."""
import os
import re
import shutil
import sys
import tempfile
import unittest

import check_api

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PROTO = os.path.join(ROOT, "proto")


class CheckApiTest(unittest.TestCase):
    def missing_after(self, pattern, replacement):
        with tempfile.TemporaryDirectory() as copy:
            shutil.copytree(os.path.join(PROTO, "emud"), os.path.join(copy, "emud"))
            path = os.path.join(copy, "emud", "v1", "vm.proto")
            with open(path) as file:
                text = file.read()
            changed, count = re.subn(pattern, replacement, text, count=1)
            self.assertEqual(count, 1, pattern)
            with open(path, "w") as file:
                file.write(changed)
            return check_api.missing(copy, check_api.lines_of_api(PROTO))

    def test_removals_renumberings_and_other_types_are_found(self):
        for pattern, replacement in [
                (r"  string uid = 2;\n", ""), (r"string uid = 2", "string uid = 90"),
                (r"string uid = 2", "bytes uid = 2"), (r"repeated Disk disks", "Disk disks"),
                (r"CRASHED = 7", "CRASHED = 70"),
                (r"  rpc WaitVm\(.*\n", ""), (r"returns \(stream WatchVms", "returns (WatchVms"),
                (r"string etag = 13", "string tag = 13")]:
            with self.subTest(pattern=pattern):
                self.assertTrue(self.missing_after(pattern, replacement))

    def test_what_is_added_is_free(self):
        self.assertEqual(self.missing_after(r"string uid = 2;", "string uid = 2; string more = 99;"), [])


if __name__ == "__main__":
    unittest.main()
