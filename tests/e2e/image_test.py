#!/usr/bin/env python3
"""Images: imported whole or not at all, also by a daemon that is killed; VMs write over them and not into
them; what nobody has any more is freed. EMU_SEED repeats a run."""
import hashlib
import json
import os
import random
import shutil
import subprocess
import time

from harness import EMUCTL, FIRMWARE, EmudTest, UnixConnection, main, wait_for

SCRIBBLER = os.path.join(os.path.dirname(FIRMWARE), "scribbler.elf")
MIB = 1 << 20
SEED = int(os.environ.get("EMU_SEED", random.randrange(1 << 32)))
SECTOR = 8 * 512  # that the guest writes to


def sum_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() if hasattr(hashlib, "file_digest") \
            else hashlib.sha256(file.read()).hexdigest()


class ImageTest(EmudTest):
    def setUp(self):
        super().setUp()
        print(f"EMU_SEED={SEED}", flush=True)
        self.random = random.Random(SEED)

    def content(self, size=3 * MIB):
        """Bytes, and zeros in between."""
        pieces = []
        while sum(map(len, pieces)) < size:
            length = self.random.randrange(1, 300_000)
            pieces.append(self.random.randbytes(length) if self.random.random() < 0.5
                          else bytes(length))
        return b"".join(pieces)[:size]

    def images(self):
        return json.loads(self.ok("image", "list", "-o", "json")).get("images", [])

    def image(self, name):
        return json.loads(self.ok("image", "get", name, "-o", "json"))

    def qcow2(self, name, size="4M", *options):
        path = self.path(name)
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", *options, path, size], check=True)
        return path

    def luks(self, name):
        """Where a busy machine's clock stands still while qemu-img measures it, that gives up."""
        for _ in range(20):
            try:
                return self.qcow2(name, "4M", "--object", "secret,id=s,data=x", "-o",
                                  "encrypt.format=luks,encrypt.key-secret=s")
            except subprocess.CalledProcessError:
                pass
        return self.fail("qemu-img makes no encrypted image")

    def blobs(self):
        return [os.path.join(folder, file)
                for folder, _, files in os.walk(os.path.join(self.state_dir, "blobs"))
                for file in files]

    def uploads(self):
        return os.listdir(os.path.join(self.state_dir, "uploads"))

    def kill_emud(self):
        self.emud.kill()
        self.emud.wait()

    def create(self, name, *flags):
        return ("vm", "create", name, "--firmware", SCRIBBLER, "--memory", "64M", *flags)

    def says(self, name, text):
        self.assertTrue(wait_for(lambda: text in self.console(name)), self.console(name))

    def test_recipes_are_told_and_others_refused(self):
        self.assertIn("debian:13/riscv64", self.ok("image", "pull", "--list").split())
        self.fails(3, ["debian:99/riscv64", "debian:13/riscv64"], "image", "pull",
                   "debian:99/riscv64")
        self.fails(2, ["--list"], "image", "pull")

    def test_what_is_exported_is_what_was_imported(self):
        raw = self.write("disk.img", self.content())
        qcow2 = self.qcow2("disk.qcow2")
        subprocess.run(["qemu-io", "-c", "write -P 7 1M 64k", qcow2], check=True,
                       stdout=subprocess.DEVNULL)
        iso = self.write("cd.iso", bytes(32769) + b"CD001" + bytes(MIB))
        for path, form, size in ((raw, "RAW", 3 * MIB), (qcow2, "QCOW2", 4 * MIB),
                                 (iso, "ISO", os.path.getsize(iso))):
            for how in ([], ["--on-host"]):
                name = form.lower() + str(len(how))
                with self.subTest(name=name):
                    self.ok("image", "import", path, "--name", name, *how)
                    image = self.image(name)
                    self.assertEqual((image["format"], int(image["virtualSizeBytes"])), (form, size))
                    self.assertEqual(image["digest"], "sha256:" + sum_of(path))
                    self.ok("image", "export", name, self.path("back"))
                    self.assertEqual(sum_of(self.path("back")), sum_of(path))
        piped = subprocess.run([EMUCTL, "--endpoint", self.endpoint, "image", "export", "raw0", "-"],
                               capture_output=True, timeout=60, check=True).stdout
        self.assertEqual(hashlib.sha256(piped).hexdigest(), sum_of(raw))
        # Equal bytes are there once, and zeros take nothing.
        self.assertEqual(len(self.blobs()), 3)
        for blob in self.blobs():
            self.assertEqual(os.stat(blob).st_mode & 0o777, 0o444)
        self.assertLess(int(self.image("iso0")["diskBytes"]), MIB // 2)

    def test_parts_come_with_the_disk_and_standard_input_is_a_file(self):
        disk = self.content(MIB)
        kernel = self.write("kernel", b"a kernel")
        with open(self.write("disk", disk), "rb") as file:
            self.ok("image", "import", "-", "--name", "debian:13/riscv64", "--kernel", kernel,
                    "--append", "quiet", "--arch", "riscv64", "--label", "os=debian", stdin=file)
        image = self.image("debian:13/riscv64")
        self.assertEqual([part["role"] for part in image["parts"]], ["DISK", "KERNEL"])
        self.assertEqual((image["cmdline"], image["labels"]), ("quiet", {"os": "debian"}))
        self.ok("image", "export", "debian:13/riscv64", self.path("back"), "--part", "kernel")
        self.assertEqual(sum_of(self.path("back")), sum_of(kernel))
        self.assertEqual(self.ok("image", "list", "-o", "name"), "debian:13/riscv64\n")
        self.assertEqual(self.ok("image", "list", "--filter", 'labels.os="arch"', "-o", "name"), "")

    def test_what_is_no_image_is_refused_and_leaves_nothing(self):
        good = self.qcow2("good.qcow2")
        with open(good, "rb") as file:
            header = bytearray(file.read())
        lies = []
        for offset, value in ((20, b"\0\0\0\x40"),           # clusters of 2^64 bytes
                              (24, b"\x7f" + b"\xff" * 7),   # a disk of 8 EiB
                              (36, b"\xff" * 4),             # an L1 table that is longer than the file
                              (40, b"\0\0\0\0\7" + bytes(3)),  # and one that is behind it
                              (72, b"\xff" * 8),             # features that nobody knows
                              (60, b"\xff" * 4)):            # four billion snapshots
            lie = bytearray(header)
            lie[offset:offset + len(value)] = value
            lies.append(self.write(f"lie{offset}.qcow2", bytes(lie)))
        secret = self.write("secret", bytes(4096))
        for backing in ("good.qcow2", "../secret", secret, "self.qcow2"):
            lies.append(self.qcow2("self.qcow2" if backing == "self.qcow2" else
                                   f"backed{len(lies)}.qcow2", "4M", "-u", "-b", backing, "-F", "raw"))
        lies.append(self.luks("luks.qcow2"))
        lies.append(self.qcow2("external.qcow2", "4M", "-o", f"data_file={self.path('data')}"))
        lies.append(self.write("cut.qcow2", bytes(header[:100])))
        lies.append(self.write("disk.img.xz", b"\xfd7zXZ\0" + bytes(600)))
        lies.append(self.write("tiny", b"x"))
        for path in lies:
            for how in ([], ["--on-host"]):
                with self.subTest(path=path):
                    self.fails(2, ["sources[0]", "; "], "image", "import", path, "--name", "a", *how)
        self.fails(2, ["no ISO 9660"], "image", "import", secret, "--name", "a", "--format", "iso")
        self.fails(2, ["no QCOW2"], "image", "import", secret, "--name", "a", "--format", "qcow2")
        self.fails(4, ["sha256:" + sum_of(secret)], "image", "import", secret, "--name", "a",
                   "--sha256", "0" * 64)
        self.fails(2, ["no name"], "image", "import", secret, "--name", "A..b")
        self.fails(2, ["No such file"], "image", "import", "/no/where", "--name", "a", "--on-host")
        self.fails(3, ["there is no image a"], "image", "get", "a")
        self.assertEqual((self.images(), self.blobs(), self.uploads()), ([], [], []))
        # Stated, it is believed, and nobody looks again.
        self.ok("image", "import", good, "--name", "raw", "--format", "raw")
        self.assertEqual(self.image("raw")["format"], "RAW")
        self.fails(1, ["already"], "image", "import", good, "--name", "raw")

    def test_an_upload_goes_on_when_emud_is_killed(self):
        path = self.write("disk", self.content(64 * MIB))
        for number in range(3):
            upload = subprocess.Popen([EMUCTL, "--endpoint", self.endpoint, "image", "import", path,
                                       "--name", f"disk{number}"], stderr=subprocess.PIPE, text=True)
            wanted = self.random.randrange(0, 48 * MIB)

            def has_come():
                folder = os.path.join(self.state_dir, "uploads")
                return any(os.path.getsize(os.path.join(folder, name)) > wanted
                           for name in os.listdir(folder)) or upload.poll() is not None
            self.assertTrue(wait_for(has_come, 60))
            self.kill_emud()
            self.assertEqual(self.ctl("image", "list").returncode, 7)
            self.start_emud()
            _, errors = upload.communicate(timeout=120)
            self.assertEqual(upload.returncode, 0, errors)
            self.assertEqual(self.image(f"disk{number}")["digest"], "sha256:" + sum_of(path))
            self.assertEqual(self.uploads(), [])

    def test_a_kill_in_the_middle_of_an_import_leaves_it_whole_or_not_there(self):
        path = self.write("disk", self.content(32 * MIB))
        for number in range(6):
            name = f"disk{number}"
            command = [EMUCTL, "--endpoint", self.endpoint, "image", "import", path, "--name", name,
                       "--on-host"]
            with subprocess.Popen(command, stderr=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL) as importing:
                time.sleep(self.random.random() * 0.3)
                self.kill_emud()
            self.start_emud()
            if name not in [image["name"] for image in self.images()]:
                self.assertNotEqual(importing.returncode, 0)
                self.ok(*command[3:])
            self.ok("image", "export", name, self.path("back"))
            self.assertEqual(sum_of(self.path("back")), sum_of(path))
            self.ok("image", "rm", name)
            self.ok("image", "gc")
            self.assertEqual(self.blobs(), [])

    def test_two_vms_write_over_one_image_and_it_stays_as_it_was(self):
        base = bytearray(self.content(2 * MIB))
        base[SECTOR:SECTOR + 512] = b"z" * 512
        raw = self.write("base.img", bytes(base))
        qcow2 = self.path("base.qcow2")
        subprocess.run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", "-c", raw, qcow2],
                       check=True)
        for form, path in (("raw", raw), ("qcow2", qcow2)):
            self.ok("image", "import", path, "--name", form)
            for letter in "ab":
                name = form + letter
                self.ok(*self.create(name, "--image", form + ",size=8M", "--start"))
                self.says(name, "has z")
                self.ok("console", "send", name, letter)
                self.says(name, f"wrote {letter}")
            # Both: qemu-img does not look at what somebody else reads.
            for letter in "ab":
                self.ok("vm", "stop", form + letter)
            for letter in "ab":
                name = form + letter
                uid = self.get(name)["uid"]
                overlay = os.path.join(self.state_dir, "vms", uid, "disks", "disk0.qcow2")
                subprocess.run(["qemu-img", "check", "-q", overlay], check=True)
                subprocess.run(["qemu-io", "-r", "-c", f"read -P {ord(letter)} {SECTOR} 512", overlay],
                               check=True, stdout=subprocess.DEVNULL)
                info = json.loads(subprocess.run(["qemu-img", "info", "--output=json", overlay],
                                                 check=True, capture_output=True).stdout)
                self.assertEqual((info["virtual-size"], info["backing-filename-format"]),
                                 (8 * MIB, form))
            for letter in "ab":
                name = form + letter
                self.ok("vm", "start", name)
                self.assertTrue(wait_for(lambda: f"has {letter}" in self.console(name)))
                self.ok("vm", "suspend", name)
                self.ok("vm", "start", name)
            self.ok("image", "export", form, self.path("back"))
            self.assertEqual(sum_of(self.path("back")), sum_of(path))
        self.assertEqual(self.get("rawa")["diskMib"], "8")

    def test_an_image_that_a_vm_has_stays_and_its_bytes_go_with_it(self):
        path = self.write("base.img", self.content(MIB))
        self.ok("image", "import", path, "--name", "base")
        self.ok("image", "import", self.write("other", self.content(MIB)), "--name", "other")
        self.ok(*self.create("a", "--disk", "image=base,readonly,id=ro", "--disk", "image=base"))
        self.ok(*self.create("b", "--image", "other"))
        self.fails(4, ["can't delete image base", "a has it"], "image", "rm", "base")
        self.fails(4, ["b has it"], "image", "rm", "other")
        self.assertEqual(json.loads(self.ok("image", "gc", "-o", "json")), {})
        self.kill_emud()
        self.start_emud()
        self.fails(4, ["a has it"], "image", "rm", "base")
        self.ok("vm", "start", "a")
        self.says("a", "has")
        self.ok("vm", "rm", "a", "--force")
        self.ok("image", "rm", "base")
        self.assertEqual(len(self.blobs()), 2)
        would = json.loads(self.ok("image", "gc", "--dry-run", "-o", "json"))
        freed = json.loads(self.ok("image", "gc", "-o", "json"))
        self.assertEqual(would, freed)
        self.assertEqual(freed["blobs"], 1)
        self.assertEqual(len(self.blobs()), 1)
        self.ok("vm", "rm", "b", "--force")
        self.assert_nothing_left()

    def test_a_disk_of_an_image_stays_what_it_is(self):
        self.ok("image", "import", self.write("base.img", self.content(3 * MIB)), "--name", "base")
        self.ok("image", "import", self.write("cd.iso", bytes(32769) + b"CD001" + bytes(MIB)),
                "--name", "cd")
        self.fails(2, ["spec.disks[0].size_mib", "has 3"], *self.create("a", "--image", "base,size=2M"))
        self.fails(3, ["there is no image none"], *self.create("a", "--image", "none"))
        self.fails(2, ["no option of a disk"], *self.create("a", "--image", "base,format=raw"))
        self.assertEqual(self.vms(), [])
        self.ok(*self.create("a", "--image", "base", "--disk", "image=cd"))
        disks = self.get("a")["spec"]["disks"]
        self.assertTrue(disks[1]["readonly"])
        self.assertIn("over image base, id disk0", self.ok("vm", "get", "a"))
        folder = os.path.join(self.state_dir, "vms", self.get("a")["uid"], "disks")
        self.assertEqual(os.listdir(folder), ["disk0.qcow2"])
        self.fails(2, ["stays what it is"], "vm", "update", "a", "--set", "spec.disks=[{id: disk0, "
                   "image: base, sizeMib: 9}]")
        self.ok("vm", "update", "a", "--set", "spec.disks=[{id: other, image: base, sizeMib: 9}]")
        self.assertEqual(os.listdir(folder), ["other.qcow2"])
        # Whatever the VM's process has written there: what lies below is not the disk's to say.
        shutil.copy(self.qcow2("evil.qcow2", "9M", "-u", "-b", "/etc/passwd", "-F", "raw"),
                    os.path.join(folder, "other.qcow2"))
        self.fails(2, ["spec.disks[0].image", "damaged"], "vm", "start", "a")

    def test_a_volume_has_for_the_next_vm_what_the_last_one_wrote(self):
        base = bytearray(self.content(2 * MIB))
        base[SECTOR:SECTOR + 512] = b"z" * 512
        self.ok("image", "import", self.write("base.img", bytes(base)), "--name", "base")
        for name, flags, first in (("plain", ["--size", "8M"], "has"), ("over", ["--image", "base"], "has z")):
            self.ok("volume", "create", name, *flags)
            for vm, sees, writes in ((name + "a", first, "q"), (name + "b", "has q", "r")):
                self.ok(*self.create(vm, "--disk", "volume=" + name, "--start"))
                self.says(vm, sees)
                self.ok("console", "send", vm, writes)
                self.says(vm, "wrote " + writes)
                self.ok("vm", "rm", vm, "--force")
            subprocess.run(["qemu-img", "check", "-q", os.path.join(self.state_dir, "volumes",
                                                                    name + ".qcow2")], check=True)
        self.fails(4, ["volume over has it"], "image", "rm", "base")

    def test_an_image_boots_its_vms_and_says_for_which_processor(self):
        self.ok("image", "import", self.write("base.img", self.content(MIB)), "--name", "boots",
                "--firmware", SCRIBBLER, "--arch", "riscv64")
        self.ok("vm", "create", "a", "--image", "boots", "--memory", "64M", "--start")
        self.says("a", "has")
        spec = self.get("a")["spec"]
        self.assertEqual((spec["machine"]["arch"], spec["boot"]["image"]), ("riscv64", "boots"))
        self.fails(2, ["spec.machine.arch", "is for riscv64"], "vm", "create", "b", "--image", "boots",
                   "--arch", "aarch64")
        self.ok("image", "import", self.write("plain.img", self.content(MIB)), "--name", "plain")
        self.fails(2, ["spec.boot.kernel", "nothing to boot"], "vm", "create", "b", "--image", "plain",
                   "--arch", "riscv64")
        # What the daemon makes of the names is no difference.
        manifest = self.write("vm.yaml", "apiVersion: emud.dev/v1\nkind: Vm\nmetadata: {name: c}\n"
                              "spec:\n  machine: {memoryMib: 64}\n  disks: [{image: boots}]\n")
        self.ok("apply", "-f", manifest)
        self.ok("diff", "-f", manifest)

    def test_what_images_take_is_measured(self):
        self.stop_everything()
        socket = self.path("metrics")
        self.start_emud(arguments=("--emu-vm", self.programs[1], "--metrics-listen", "unix:" + socket))
        self.ok("image", "import", self.write("a", self.random.randbytes(MIB)))
        connection = UnixConnection(socket)
        self.addCleanup(connection.close)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        self.assertIn("\nemud_images 1\n", text)
        self.assertRegex(text, r"\nemud_image_disk_bytes 10\d{5}\n")

    def test_a_full_disk_is_said_and_leaves_nothing(self):
        folder = self.path("full")
        os.mkdir(folder)
        if os.geteuid() != 0 or subprocess.run(
                ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder],
                stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("a file system of its own is not to be had here")
        self.addCleanup(subprocess.run, ["umount", "-l", folder])
        self.stop_everything()
        self.start_emud(state_dir=os.path.join(folder, "state"))
        large = self.write("large", self.random.randbytes(32 * MIB))
        self.fails(6, ["full"], "image", "import", large, "--name", "a", "--on-host")
        self.fails(6, ["no room"], "image", "import", large, "--name", "a")
        with open(large, "rb") as file:
            result = self.ctl("image", "import", "-", "--name", "a", stdin=file)
        self.assertEqual(result.returncode, 6, result.stderr)
        self.assertEqual((self.images(), self.blobs()), ([], []))
        self.assertEqual(self.ctl("vm", "list").returncode, 0)
        self.assertEqual(self.uploads(), [])
        self.ok("image", "import", self.write("small", self.content(MIB)), "--name", "a")


if __name__ == "__main__":
    main()
