#!/usr/bin/env python3
"""A Debian of its own packages, as its users have it: pulled, logged in to by ssh, installed into, rebooted,
copied, and the ground of builds in sandboxes. EMU_TEST_ARCH says which; in the long form, which needs the mirror that the host's apt has."""
import os
import subprocess
import sys

from harness import EMUCTL, EmudTest, main

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../deploy"))
import acceptance  # noqa: E402

CI = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../client/examples/ci")
ARCH = os.environ.get("EMU_TEST_ARCH", "riscv64")
IMAGE = f"debian:13/{ARCH}"
SKIPPED = 77
USER_DATA = "#cloud-config\nruncmd: [touch /made-by-user-data]\n"


class DebianTest(EmudTest):
    def guest(self, name):
        os.environ["EMUD_ENDPOINT"] = self.endpoint
        guest = acceptance.Guest(EMUCTL, name, IMAGE, self.dir.name)
        self.addCleanup(guest.remove)
        return guest

    def restart_emud(self):
        self.emud.kill()
        self.emud.wait()
        self.start_emud()

    def test_it_is_good_for_work_and_its_copies_are_others(self):
        guest = self.guest("lab1")
        guest.control("image", "pull", IMAGE)
        acceptance.accept(guest, self.restart_emud, lambda text: print(text, flush=True))
        self.ok("vm", "rm", "lab1")
        # Each VM of the image is an instance of its own, with host keys of its own.
        seen = []
        for name in ("one", "other"):
            guest = self.guest(name)
            guest.start("--user-data", self.write("user-data", USER_DATA), "--hostname", f"host-of-{name}")
            guest.wait_until_ready()
            self.assertEqual(guest.ssh("hostname; ls /made-by-user-data; sudo id -u"),
                             f"host-of-{name}\n/made-by-user-data\n0\n")
            seen.append((guest.ssh("cat /etc/ssh/ssh_host_ed25519_key.pub").split()[1],
                         guest.ssh("cat /etc/machine-id")))
            guest.remove()
        self.assertNotEqual(seen[0][0], seen[1][0])
        self.assertNotEqual(seen[0][1], seen[1][1])
        self.builds_in_sandboxes()

    def builds_in_sandboxes(self):
        """client/examples/ci as it is: the compiler comes over the network, once."""
        def make():
            done = subprocess.run(["make", "-C", CI, "check", f"EMUCTL={EMUCTL}", f"ARCH={ARCH}",
                                   f"OUT={self.path('out')}"], text=True, capture_output=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn(f"all passed on {ARCH}", done.stdout)
            return done.stderr
        self.assertIn("layer: making", make())
        self.assertNotIn("layer: making", make())
        self.assertEqual(self.vms(), [])
        # Its network goes on as well.
        layer, = self.ok("snapshot", "list", "-o", "name").split()
        subprocess.run([EMUCTL, "run", "--snapshot", layer, "--", "apt-get", "-q", "update", "--error-on=any"],
                       check=True, stdout=subprocess.DEVNULL, timeout=acceptance.SECONDS)


if __name__ == "__main__":
    if os.environ.get("EMU_TEST_LONG") != "1":
        print("skipped: EMU_TEST_LONG is not 1")
        sys.exit(SKIPPED)
    main()
