"""Boots in a row, without one hang."""
import harness
from debian import DebianTest


class RepeatedTest(DebianTest):
    def test_boots_in_a_row(self):
        for boot in range(20 if harness.LONG else 2):
            with self.subTest(boot=boot):
                cpus = 1 + boot % 2
                self.use(self.start_debian("--cpus", str(cpus)), cpus)


if __name__ == "__main__":
    harness.main()
