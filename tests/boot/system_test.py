"""A whole Debian with systemd, from the packages that deploy/fetch-system installed on its disk."""
import os
import subprocess
import tempfile
import unittest

import harness
from disk_guest import SYSTEM, build_initramfs

# systemd's own deadlines are those of machines that have nothing else to do.
PATIENCE = "systemd.default_timeout_start_sec=900 systemd.default_device_timeout_sec=900"
# One login alone is typed at: what is typed goes to the terminal that was written to last.
ONE_LOGIN = "systemd.mask=serial-getty@hvc0.service"


class SystemTest(harness.BootTest):
    @classmethod
    def setUpClass(cls):
        cls.linux = harness.fetch("fetch-disk-guest", harness.ARCH.name)
        cls.system = harness.fetch("fetch-system", harness.ARCH.name, harness.EMU_VM)
        cls.work = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.work.cleanup)
        cls.initramfs = os.path.join(cls.work.name, "initramfs")
        build_initramfs(cls.linux, cls.initramfs, SYSTEM)
        cls.disk = os.path.join(cls.work.name, "disk")

    def log_in(self, cpus):
        guest = self.start("--memory", "256M", "--cpus", str(cpus), "--kernel",
                           f"{self.linux}/linux", "--initrd", self.initramfs, "--append",
                           f"console={harness.ARCH.console} quiet {PATIENCE} {ONE_LOGIN}",
                           "--disk", self.disk, prompt=r"root@debian:\S+# ")
        guest.wait_for("debian login: ", 2 * harness.BOOT_SECONDS)
        guest.type("root")
        guest.wait_for_prompt()
        guest.run("bind 'set enable-bracketed-paste off'")
        return guest

    def said(self, guest, command):
        return guest.run(command).rpartition("\n")[0]

    def use(self, cpus):
        subprocess.run(["cp", "--sparse=always", f"{self.system}/root.img", self.disk], check=True)
        guest = self.log_in(cpus)
        guest.type("systemctl is-system-running --wait")
        if guest.wait_for(r"\n(\w+)\nroot@", harness.BOOT_SECONDS).group(1) != "running":
            guest.fail(guest.run("systemctl --failed --no-pager; journalctl -p err --no-pager"))
        self.assertEqual(self.said(guest, "uname -m"), harness.ARCH.name)
        self.assertEqual(self.said(guest, "nproc"), str(cpus))
        self.assertEqual(self.said(guest, "dpkg --audit"), "")
        self.assertIn("/usr/bin/systemctl", self.said(guest, "dpkg -L systemd"))
        # But for what was left out.
        self.assertEqual(self.said(guest, "dpkg --verify libc6 systemd | grep -v /usr/share/"), "")
        self.assertEqual(self.said(guest, "systemctl is-active dbus systemd-udevd"),
                         "active\nactive")
        guest.run("date > /root/written")
        self.assert_powers_off(guest, "poweroff")
        # Whoever shuts down in good order leaves nothing to repair.
        subprocess.run(["/usr/sbin/e2fsck", "-fn", self.disk], check=True, capture_output=True)
        self.assertIn("written", subprocess.run(["/usr/sbin/debugfs", "-R", "ls /root", self.disk],
                                                check=True, capture_output=True, text=True).stdout)

    def test_one_processor(self):
        self.use(1)

    @unittest.skipUnless(harness.LONG, "EMU_TEST_LONG")
    def test_four_processors(self):
        self.use(4)


if __name__ == "__main__":
    harness.main()
