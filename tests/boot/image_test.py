"""The disks that build-image makes: built, booted through their firmware, used. Long form only."""
import glob
import json
import os
import subprocess
import tempfile
import unittest

import harness
from iso import write_seed

PASSWORD = "correct-horse"
USER_DATA = f"""#cloud-config
chpasswd:
  expire: false
  users: [{{name: root, password: {PASSWORD}, type: text}}]
"""
GROWN_MIB = 6 << 10
PROMPT = r"root@\S+:\S+# "


@unittest.skipUnless(harness.LONG, "EMU_TEST_LONG")
class ImageTest(harness.BootTest):
    @classmethod
    def setUpClass(cls):
        work = tempfile.TemporaryDirectory()
        cls.addClassCleanup(work.cleanup)
        cls.work = work.name
        cls.image = os.path.join(cls.work, "image")
        builder = os.path.join(harness.ROOT, "daemon", "image_builder")
        before = cls.packages()
        cls.progress = subprocess.run(
            [os.path.join(builder, "build-image"), f"debian:13/{harness.ARCH.name}", "--recipes",
             os.path.join(builder, "recipes"), "--emu-vm", harness.EMU_VM, "--out", cls.image,
             "--progress", "json"], check=True, stdout=subprocess.PIPE, text=True).stdout
        cls.fetched = cls.packages() - before
        with open(os.path.join(cls.image, "manifest.json")) as file:
            cls.manifest = json.load(file)
        cls.disk = os.path.join(cls.work, "disk")
        subprocess.run(["cp", "--sparse=always", os.path.join(cls.image, "disk.img"), cls.disk],
                       check=True)
        os.truncate(cls.disk, GROWN_MIB << 20)
        cls.seed = os.path.join(cls.work, "seed")
        write_seed({"meta-data": "instance-id: one\nlocal-hostname: lab1\n", "user-data": USER_DATA},
                   cls.seed)

    @staticmethod
    def packages():
        """What the builder has fetched and kept."""
        cache = os.environ.get("EMU_CACHE") or os.path.join(
            os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "emu")
        return set(glob.glob(os.path.join(cache, "apt", "*", "cache", "archives", "*.deb")))

    def boot(self):
        firmware = [flag for part in self.manifest["parts"] if part["role"] in ("FIRMWARE", "FLASH")
                    for flag in ("--" + part["role"].lower(), os.path.join(self.image, part["file"]))]
        guest = self.start("--memory", f"{self.manifest['memory_mib']}M", *firmware, "--disk", self.disk,
                           "--disk", f"{self.seed},readonly", "--net", "user", prompt=PROMPT)
        guest.wait_for("lab1 login: ", 2 * harness.BOOT_SECONDS)
        guest.type("root")
        guest.wait_for("Password: ")
        guest.type(PASSWORD)
        guest.wait_for_prompt()
        guest.run("bind 'set enable-bracketed-paste off'")
        guest.type("systemctl is-system-running --wait")
        if guest.wait_for(r"\n(\w+)\nroot@", harness.BOOT_SECONDS).group(1) != "running":
            guest.fail(guest.run("systemctl --failed --no-pager; journalctl -p err --no-pager"))
        return guest

    def said(self, guest, command):
        return guest.run(command).rpartition("\n")[0]

    def test_it_is_told_how_far_it_is(self):
        told = [json.loads(line) for line in self.progress.splitlines()]
        self.assertEqual([line["stage"] for line in told if "percent" not in line],
                         ["index", "download", "unpack", "install", "finish"])
        # What lies there from an earlier build takes no time.
        downloads = ["download"] if len(self.fetched) > 100 else []
        for stage in (*downloads, "unpack", "install"):
            self.assertGreater(len([line for line in told if line["stage"] == stage]), 10)

    def test_the_manifest_is_true(self):
        self.assertEqual(sorted(os.listdir(self.image)),
                         sorted(["manifest.json"] + [part["file"] for part in self.manifest["parts"]]))
        for part in self.manifest["parts"]:
            checksum = subprocess.run(["sha256sum", os.path.join(self.image, part["file"])], check=True,
                                      stdout=subprocess.PIPE, text=True).stdout.split()[0]
            self.assertEqual(checksum, part["sha256"])

    def test_what_is_each_machines_own_is_not_in_the_image(self):
        """The root partition's start is where the table says."""
        table = subprocess.run(["partx", "--raw", "--noheadings", "--output", "START", self.image
                                + "/disk.img"], check=True, stdout=subprocess.PIPE, text=True).stdout
        disk = f"{self.image}/disk.img?offset={int(table.split()[-1]) * 512}"

        def debugfs(command):
            return subprocess.run(["/usr/sbin/debugfs", "-R", command, disk], check=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
        self.assertIn("sshd_config", debugfs("ls /etc/ssh"))
        self.assertNotIn("host", debugfs("ls /etc/ssh"))
        self.assertNotIn("random-seed", debugfs("ls /var/lib/systemd"))
        self.assertEqual(debugfs("cat /etc/machine-id"), "")
        self.assertNotIn("second-stage", debugfs("ls /"))

    def test_it_boots_and_keeps_what_was_done(self):
        guest = self.boot()
        self.assertIn("root=UUID=", self.said(guest, "cat /proc/cmdline"))
        self.assertEqual(self.said(guest, "dpkg --audit"), "")
        self.assertEqual(self.said(guest, "dpkg --verify | grep -v /boot/System.map"), "")
        self.assertGreater(int(self.said(guest, "df --output=size -m / | tail -1")), GROWN_MIB * 8 // 10)
        self.assertEqual(self.said(guest, "apt-get update >/dev/null && echo fetched"), "fetched")
        keys = self.said(guest, "cat /etc/ssh/ssh_host_*.pub /etc/machine-id")
        self.assertIn("ssh-ed25519", keys)
        # As a package of a newer kernel would.
        guest.run("cd /boot; for file in vmlinu* initrd.img-*; do ln $file ${file%%-*}-99-newer; done")
        guest.run("/etc/kernel/postinst.d/zz-update-grub")
        self.assert_powers_off(guest, "poweroff")
        guest = self.boot()
        self.assertIn("99-newer", self.said(guest, "cat /proc/cmdline"))
        self.assertEqual(self.said(guest, "cat /etc/ssh/ssh_host_*.pub /etc/machine-id"), keys)
        self.assert_powers_off(guest, "poweroff")


if __name__ == "__main__":
    harness.main()
