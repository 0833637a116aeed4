#!/usr/bin/env python3
"""What a VM says to cloud-init in its guest: a seed as its last disk, of what emuctl was given. A Debian takes
it to heart in debian_test.py."""
import os
import subprocess

from harness import FIRMWARE, EmudTest, main, wait_for

COUNTER = os.path.join(os.path.dirname(FIRMWARE), "counter.elf")
USER_DATA = "#cloud-config\nruncmd: [touch /made-by-user-data]\n"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMadeUpForATest somebody@somewhere"


class SeedTest(EmudTest):
    def create(self, name, *flags):
        return ("vm", "create", name, "--firmware", COUNTER, "--memory", "64M", *flags)

    def seed(self, name):
        """Its files, contents by name, as another program than ours reads them."""
        image = os.path.join(self.state_dir, "vms", self.get(name)["uid"], "seed")
        folder = self.path(f"{name}.files")
        subprocess.run(["rm", "-rf", folder], check=True)
        subprocess.run(["xorriso", "-osirrox", "on", "-indev", image, "-extract", "/", folder],
                       check=True, capture_output=True)
        label = subprocess.run(["blkid", "-p", "-o", "value", "-s", "LABEL", image], check=True,
                               capture_output=True, text=True).stdout
        self.assertEqual(label, "CIDATA\n")
        files = {}
        for file in os.listdir(folder):
            with open(os.path.join(folder, file)) as content:
                files[file] = content.read()
        return files

    def assert_counts(self, name):
        before = len(self.console(name))
        self.assertTrue(wait_for(lambda: len(self.console(name)) > before + 32))

    def test_the_seed_has_what_was_given(self):
        user_data = self.write("user-data", USER_DATA)
        keys = self.write("keys.pub", f"# mine\n{KEY}\n\nssh-rsa AAAA other\n")
        disk = self.write("disk", bytes(1 << 20))
        self.ok(*self.create("a", "--user-data", user_data, "--ssh-key", keys, "--ssh-key",
                             "ssh-rsa BBBB third", "--hostname", "lab1", "--disk", disk, "--start"))
        self.assert_counts("a")
        vm = self.get("a")
        seed = self.seed("a")
        self.assertEqual(seed["user-data"], USER_DATA)
        for line in (f"instance-id: \"{vm['uid']}\"", 'local-hostname: "lab1"',
                     f'public-keys: ["{KEY}", "ssh-rsa AAAA other", "ssh-rsa BBBB third"]'):
            self.assertIn(line + "\n", seed["meta-data"])
        self.assertEqual(len(vm["spec"]["disks"]), 1)

    def test_each_vm_is_another_instance(self):
        for name in ("a", "b"):
            self.ok(*self.create(name, "--ssh-key", KEY, "--start"))
        one, other = (self.seed(name) for name in ("a", "b"))
        self.assertEqual(one["user-data"], other["user-data"])
        self.assertIn('local-hostname: "b"', other["meta-data"])
        self.assertNotEqual(one["meta-data"].splitlines()[0], other["meta-data"].splitlines()[0])

    def test_it_is_written_anew_at_each_start_and_kept_over_a_suspension(self):
        self.ok(*self.create("a", "--hostname", "one", "--start"))
        self.assert_counts("a")
        self.ok("vm", "suspend", "a")
        self.ok("vm", "start", "a")
        self.assert_counts("a")
        self.ok("vm", "stop", "a", "--force")
        self.ok("vm", "update", "a", "--set", "spec.cloud_init.hostname=two")
        self.ok("vm", "start", "a")
        self.assertIn('local-hostname: "two"', self.seed("a")["meta-data"])
        self.assert_counts("a")

    def test_a_vm_that_says_nothing_has_none(self):
        self.ok(*self.create("a", "--start"))
        self.assertNotIn("seed", os.listdir(os.path.join(self.state_dir, "vms", self.get("a")["uid"])))

    def test_many_vms_that_say_much_are_listed(self):
        """A page of a list has what a client takes, and there is another."""
        user_data = self.write("user-data", "#!" + "x" * (500 << 10))
        names = [f"vm{index:02}" for index in range(12)]
        for name in names:
            self.ok(*self.create(name, "--user-data", user_data))
        self.assertEqual([vm["name"] for vm in self.vms()], names)

    def test_a_manifest_has_all_of_it(self):
        self.write("vm.yaml", f"""apiVersion: emud.dev/v1
kind: Vm
metadata: {{name: a}}
spec:
  machine: {{arch: riscv64, memoryMib: 64}}
  boot: {{firmware: {COUNTER}}}
  cloudInit:
    hostname: lab1.example.org
    sshKeys: ["{KEY}"]
    userData: |
      #!/bin/sh
      echo "höhö" > /tmp/x
    networkConfig: |
      version: 2
""")
        self.ok("vm", "create", "-f", self.path("vm.yaml"), "--ssh-key", "ssh-rsa AAAA", "--start")
        seed = self.seed("a")
        self.assertEqual(seed["user-data"], '#!/bin/sh\necho "höhö" > /tmp/x\n')
        self.assertEqual(seed["network-config"], "version: 2\n")
        self.assertIn(f'["{KEY}", "ssh-rsa AAAA"]', seed["meta-data"])
        self.assertIn("lab1.example.org", seed["meta-data"])

    def test_what_cannot_be_is_refused(self):
        for content, words in ((b"users: []\n", ["spec.cloud_init.user_data", "#cloud-config"]),
                               (b"#!" + b"x" * (512 << 10), ["user_data", "524290 bytes"]),
                               (b"#!" + b"x" * (2 << 20), ["2097154 bytes", "1 MiB"]),
                               (b"#cloud-config\n\xff\n", ["not UTF-8"])):
            with self.subTest(words):
                self.fails(2, words, *self.create("a", "--user-data", self.write("bad", content)))
        self.fails(2, ["nowhere", "check the path"],
                   *self.create("a", "--user-data", self.path("nowhere")))
        self.fails(2, ["nowhere", "check the path"],
                   *self.create("a", "--ssh-key", self.path("nowhere")))
        private = self.write("key", "-----BEGIN OPENSSH PRIVATE KEY-----\n")
        self.fails(2, ["spec.cloud_init.ssh_keys[0]", "private"],
                   *self.create("a", "--ssh-key", private))
        self.fails(2, ["there is no key"], *self.create("a", "--ssh-key", self.write("empty", "\n")))
        self.fails(2, ["spec.cloud_init.hostname"], *self.create("a", "--hostname", "a b"))
        self.assertEqual(self.vms(), [])


if __name__ == "__main__":
    main()
