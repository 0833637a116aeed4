"""The installer's kernel and initrd of Debian 13, at a shell."""
from harness import ARCH, BootTest, fetch

MEMORY_MIB = 512


class DebianTest(BootTest):
    @classmethod
    def setUpClass(cls):
        cls.folder = fetch("fetch-guest", ARCH.name)

    def start_debian(self, *flags):
        guest = self.start("--memory", f"{MEMORY_MIB}M", "--kernel", f"{self.folder}/linux",
                           "--initrd", f"{self.folder}/initrd.gz",
                           "--append", f"console={ARCH.console} rdinit=/bin/sh", *flags)
        guest.wait_for_prompt()
        return guest

    def use(self, guest, cpus):
        """Runs what shows that the guest works, then powers it off."""
        guest.run("mount -t proc proc /proc")
        self.assertRegex(guest.run("uname -a"), f"^Linux .* {ARCH.name}")
        cpuinfo = guest.run("cat /proc/cpuinfo")
        self.assertEqual(cpuinfo.count("processor\t:"), cpus, cpuinfo)
        self.assertGreaterEqual(cpuinfo.count(ARCH.cpuinfo), cpus, cpuinfo)
        self.assertIn("written-by-the-guest",
                      guest.run("echo written-by-the-guest > /file; sync; cat /file"))
        self.assert_powers_off(guest)
