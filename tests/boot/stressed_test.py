"""Boots with next to no room for what the translator remembers."""
import os
import random
import unittest

import harness
from debian import DebianTest


class StressedTest(DebianTest):
    def boot(self, *flags, cpus=1):
        self.use(self.start_debian("--cpus", str(cpus), *flags), cpus)

    # Walks of four levels instead of three make it minutes.
    @unittest.skipUnless(harness.LONG or harness.ARCH.name == "riscv64", "EMU_TEST_LONG")
    def test_tlb_of_two_entries(self):
        self.boot("--tlb-entries", "2")

    def test_code_cache_of_one_mib(self):
        self.boot("--code-cache-mib", "1")

    def test_random_eviction(self):
        seed = int(os.environ.get("EMU_SEED") or random.getrandbits(32)) % (1 << 32) or 1
        print(f"EMU_SEED={seed}", flush=True)
        self.boot("--evict-seed", str(seed))

    @unittest.skipUnless(harness.LONG, "EMU_TEST_LONG")
    def test_all_at_once_with_two_processors(self):
        self.boot("--tlb-entries", "2", "--code-cache-mib", "1", "--evict-seed", "1", cpus=2)


if __name__ == "__main__":
    harness.main()
