#!/usr/bin/env python3
"""Whatever is wrong: an error that names the field and the remedy, and nothing is left behind."""
import gzip
import os
import struct
import subprocess

from harness import EMU_VM, FIRMWARE, EmudTest, main

GOOD = ["--firmware", FIRMWARE]


def linux_image(size, image_size):
    """The header of a riscv64 Image and zeroes up to `size`."""
    header = struct.pack("<IIQQQIIQQII", 0, 0, 0x200000, image_size, 0, 2, 0, 0,
                         0x5643534952, 0x05435352, 0)
    return header + bytes(size - len(header))


class BadInputTest(EmudTest):
    def refused(self, code, words, *args):
        with self.subTest(args=args):
            self.fails(code, words, "vm", "create", "a", *args)
            self.assert_nothing_left()

    def manifest(self, spec, name="vm.yaml", head="apiVersion: emud.dev/v1\nkind: Vm\nmetadata: {name: a}\n"):
        return self.write(name, head + spec)

    def test_names(self):
        for name in ["Bad_Name", "1a", "a-", "..", "a/b", "x" * 64, ""]:
            self.fails(2, ["name", "a-z"], "vm", "create", name, *GOOD)
        self.assert_nothing_left()
        self.ok("vm", "create", "a", *GOOD)
        self.fails(1, ["name", "a is in use", "choose another"], "vm", "create", "a", *GOOD)
        self.assertEqual(len(self.vms()), 1)
        self.assertEqual(len(os.listdir(os.path.join(self.state_dir, "vms"))), 1)

    def test_impossible_machines(self):
        for count in ["9", "4000000000"]:
            self.refused(2, ["spec.machine.cpus", "1 to 8"], "--cpus", count, *GOOD)
        self.refused(2, ["--cpus"], "--cpus", "two", *GOOD)
        for count in ["0", "-1"]:
            self.refused(2, ["--cpus"], "--cpus", count, *GOOD)
        for size in ["2M", "63M", "9999999G"]:
            self.refused(2, ["spec.machine.memory_mib", "64"], "--memory", size, *GOOD)
        for size in ["much", "512", "0M", "-1M", "99999999999999999999G"]:
            self.refused(2, ["--memory", "512M"], "--memory", size, *GOOD)
        self.refused(2, ["spec.machine.arch", "riscv64"], "--arch", "vax", *GOOD)

    def test_missing_files(self):
        self.refused(2, ["spec.boot.kernel", "give a kernel"])
        for flag, field in [("--kernel", "spec.boot.kernel"), ("--flash", "spec.boot.flash"),
                            ("--firmware", "spec.boot.firmware")]:
            self.refused(2, [field, "/nowhere/file", "check the path"], flag, "/nowhere/file")
        self.refused(2, ["spec.boot.initrd", "/nowhere/file", "check the path"], *GOOD, "--kernel",
                     FIRMWARE, "--initrd", "/nowhere/file")
        self.refused(2, ["spec.boot.initrd", "give a kernel"], *GOOD, "--initrd", FIRMWARE)
        self.refused(2, ["spec.boot.flash", "either"], "--kernel", FIRMWARE, "--flash", FIRMWARE)
        self.refused(2, ["spec.disks[0].path", "check the path"], *GOOD, "--disk", "/nowhere/file")
        self.refused(2, ["spec.disks[1].path", "check the path"], *GOOD, "--disk", FIRMWARE,
                     "--disk", "/nowhere/file,readonly")
        self.refused(2, ["spec.boot.kernel", "regular file"], "--kernel", self.dir.name)
        self.refused(2, ["spec.boot.kernel", "empty"], "--kernel", self.write("empty", ""))
        self.refused(2, ["spec.boot.kernel", "Not a directory"], "--kernel", FIRMWARE + "/kernel")
        os.mkfifo(self.path("fifo"))
        self.refused(2, ["spec.boot.kernel", "regular file"], "--kernel", self.path("fifo"))

    def test_an_unreadable_file(self):
        if os.geteuid() == 0:
            self.skipTest("root may read everything")
        kernel = self.write("kernel", linux_image(4096, 4096))
        os.chmod(kernel, 0)
        self.refused(2, ["spec.boot.kernel", "let the daemon's user read it"], "--kernel", kernel)

    def test_kernels_that_can_not_be_booted(self):
        start = ["--start", "--memory", "64M"]
        whole = linux_image(1 << 20, 1 << 20)
        elf_header = b"\x7fELF\2\1\1" + bytes(9)
        for name, content, words in [
                ("truncated", whole[:5000], ["truncated"]),
                ("truncated gzip", gzip.compress(os.urandom(1 << 20))[:5000], []),
                ("foreign", elf_header + struct.pack("<HH", 2, 62) + bytes(44), []),
                ("text", b"hello " * 1000, []),
                ("too large", linux_image(4096, 1 << 40), [])]:
            with self.subTest(kernel=name):
                kernel = self.write("kernel", content)
                result = self.ctl("vm", "create", "a", "--kernel", kernel, *GOOD, *start)
                self.assertEqual(result.returncode, 2, result.stderr)
                for word in ["spec.boot.kernel: ", "; ", *words]:
                    self.assertIn(word, result.stderr)
                self.assert_nothing_left()

    def test_a_firmware_of_another_architecture(self):
        with open(EMU_VM, "rb") as file:
            firmware = self.write("firmware", file.read(1 << 16))
        self.refused(2, ["spec.boot.firmware", "riscv64"], "--firmware", firmware, "--start")
        with open(FIRMWARE, "rb") as file:
            firmware = self.write("firmware", file.read(100))
        self.refused(2, ["spec.boot.firmware", "truncated", "again"], "--firmware", firmware,
                     "--start")

    def test_an_initrd_larger_than_memory(self):
        with open(self.path("initrd"), "wb") as file:
            file.truncate(100 << 20)
        kernel = self.write("kernel", linux_image(1 << 20, 1 << 20))
        self.refused(2, ["spec.boot.initrd", "more memory"], *GOOD, "--kernel", kernel, "--initrd",
                     self.path("initrd"), "--memory", "64M", "--start")

    def test_a_failed_start_leaves_the_vm_that_was_there(self):
        kernel = self.write("kernel", b"hello " * 1000)
        self.ok("vm", "create", "a", *GOOD, "--kernel", kernel)
        self.fails(2, ["spec.boot.kernel"], "vm", "start", "a")
        vm = self.get("a")
        self.assertEqual((vm["state"], vm["stateReason"]), ("STOPPED", "START_FAILED"))
        self.assertNotIn("pid", vm)
        self.assertFalse(self.vm_processes())
        self.assertNotIn("ctl", os.listdir(os.path.join(self.state_dir, "vms", vm["uid"])))

    def test_a_disk_that_another_vm_writes(self):
        disk = self.write("disk", bytes(1 << 20))
        self.ok("vm", "create", "b", *GOOD, "--disk", disk, "--memory", "64M", "--start")
        self.fails(4, ["spec.disks[0].path", "in use", "stop that VM"], "vm", "create", "a", *GOOD,
                   "--disk", disk)
        self.assertEqual([vm["name"] for vm in self.vms()], ["b"])

    def test_every_bad_field_of_a_file_is_named_with_its_line(self):
        path = self.manifest("spec:\n  machine: {arch: riscv64, cpus: many, ram: 5}\n"
                             "  boot:\n    kernle: x\n    kernel: [a]\n"
                             "  disks:\n  - {path: d, readonly: perhaps}\n"
                             "  consoles: [{id: s, type: TELEX}]\n  boots: {}\n")
        self.fails(2, ["vm.yaml:5: spec.machine.cpus: a number is wanted, not many",
                       "vm.yaml:5: spec.machine.ram: is no field here; there are arch",
                       "vm.yaml:7: spec.boot.kernle: is no field here; there are kernel",
                       "vm.yaml:8: spec.boot.kernel: a single value is wanted",
                       "vm.yaml:10: spec.disks[0].readonly: true or false is wanted, not perhaps",
                       "vm.yaml:11: spec.consoles[0].type: TELEX is not one of its values; "
                       "there are UART",
                       "vm.yaml:12: spec.boots: is no field here; there are machine"],
                   "vm", "create", "-f", path)
        self.assert_nothing_left()

    def test_files_that_are_no_manifests(self):
        spec = f"spec: {{machine: {{arch: riscv64}}, boot: {{firmware: {FIRMWARE}}}}}\n"
        for path, words in [
                (self.path("absent.yaml"), ["absent.yaml", "No such file", "check the path"]),
                (self.write("1.yaml", "a: [\n"), ["1.yaml"]),
                (self.write("2.yaml", ""), ["2.yaml", "map of fields"]),
                (self.write("3.yaml", "kind: Vm\nmetadata: {name: a}\n" + spec),
                 ["apiVersion", "emud.dev/v1"]),
                (self.write("4.yaml", "apiVersion: emud.dev/v1\nkind: Pod\n" + spec),
                 ["kind", "Pod", "Vm"]),
                (self.write("5.yaml", "apiVersion: emud.dev/v1\nkind: Vm\n" + spec), ["name"]),
                (self.manifest("spec: {machine: {cpus: 1, cpus: 2}}\n", "6.yaml"), ["cpus", "twice"]),
                (self.manifest("spec: {machine: {memoryMib: -64}}\n", "7.yaml"), ["memoryMib", "number"]),
                (self.manifest("spec: {}\n---\napiVersion: emud.dev/v1\nkind: Vm\n", "9.yaml"),
                 ["2 documents", "emuctl apply"]),
                (self.manifest("spec: {machine: {arch: vax}, boot: {kernel: x}}\n", "8.yaml"),
                 ["spec.machine.arch", "riscv64"])]:
            with self.subTest(path=path):
                self.fails(2, words, "vm", "create", "-f", path)
                self.assert_nothing_left()

    def test_a_vm_without_a_daemon_names_the_flag(self):
        image = self.write("image", linux_image(1 << 20, 1 << 20))
        disk = self.write("disk", bytes(1 << 20))
        with open(self.path("big"), "wb") as file:
            file.truncate(100 << 20)
        os.mkfifo(self.path("fifo"))
        firmware = ["--firmware", FIRMWARE]
        for code, words, args in [
                (2, ["--arch", "riscv64"], firmware),
                (2, ["--variables /", "may be written"], [*firmware, "--variables", "/"]),
                (2, ["--kernel", "--firmware"], ["--arch", "riscv64"]),
                (2, ["--kernel /nowhere: No such file or directory; check the path"],
                 ["--kernel", "/nowhere"]),
                (2, ["--cpus 9: want 1 to 8"], [*firmware, "--cpus", "9"]),
                (2, ["--memory much: want a size like"], [*firmware, "--memory", "much"]),
                (2, ["unknown flag --ram", "--help"], [*firmware, "--ram", "1G"]),
                (125, ["--arch: ", "vax", "riscv64"], [*firmware, "--arch", "vax"]),
                (125, ["--memory: ", "64 MiB"], [*firmware, "--memory", "1M"]),
                (125, ["--memory: ", "64 MiB"], [*firmware, "--memory", "9999999G"]),
                (125, ["--kernel: is for x86_64", "built for riscv64"], ["--kernel", EMU_VM]),
                (125, ["--kernel: ", "regular file"], ["--kernel", self.dir.name]),
                (125, ["--kernel: ", "regular file"], ["--kernel", self.path("fifo")]),
                (125, ["--kernel: is truncated"],
                 ["--kernel", self.write("cut", linux_image(1 << 20, 1 << 20)[:5000])]),
                (125, ["--initrd: ", "more memory"],
                 [*firmware, "--kernel", image, "--initrd", self.path("big"), "--memory", "64M"])]:
            with self.subTest(args=args):
                arch = [] if args == firmware else ["--arch", "riscv64"]
                result = subprocess.run([EMU_VM, "run", *arch, *args], capture_output=True, text=True,
                                        stdin=subprocess.DEVNULL, timeout=30)
                self.assertEqual(result.returncode, code, result.stderr)
                self.assertTrue(result.stderr.startswith("emu-vm: "), result.stderr)
                for word in words:
                    self.assertIn(word, result.stderr)
        self.ok("vm", "create", "b", *GOOD, "--disk", disk, "--memory", "64M", "--start")
        result = subprocess.run([EMU_VM, "run", "--arch", "riscv64", *firmware, "--disk", disk],
                                capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=30)
        self.assertEqual(result.returncode, 2)
        self.assertIn("in use", result.stderr)

    def test_verbs_that_make_no_sense(self):
        for verb in ["get", "start", "stop", "suspend", "pause", "resume", "reset", "rm"]:
            self.fails(3, ["no VM a"], "vm", verb, "a")
        self.fails(3, ["no VM a"], "console", "a")
        self.fails(3, ["no VM a"], "console", "a", "--log")
        self.ok("vm", "create", "a", *GOOD)
        for verb in ["suspend", "pause", "resume", "reset"]:
            self.fails(4, ["STOPPED"], "vm", verb, "a")
        self.fails(8, ["still STOPPED"], "vm", "wait", "a", "--state", "RUNNING", "--timeout",
                   "1s")
        self.fails(2, ["--state"], "vm", "wait", "a", "--state", "HAPPY")
        self.fails(2, ["--timeout"], "vm", "wait", "a", "--state", "RUNNING", "--timeout", "soon")
        self.fails(2, ["--state"], "vm", "wait", "a", "--state", "STATE_UNSPECIFIED")
        self.fails(2, ["dance is no command", "there are create", "emuctl vm --help"], "vm", "dance")
        self.fails(2, ["sing is no command", "console"], "sing")
        self.fails(2, ["a command is missing", "console", "emuctl --help"])
        self.fails(2, ["NAME", "emuctl vm get --help"], "vm", "get")


if __name__ == "__main__":
    main()
