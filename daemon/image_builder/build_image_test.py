"""build-image without a network: what it refuses, how it ends, and its parts.

build_image_test.py [TEST...]
"""
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import archives
import children
import gpt
import guest
import output_folder
import progress
import recipe

HERE = os.path.dirname(os.path.realpath(__file__))
RECIPES = os.path.join(HERE, "recipes")
NAMES = recipe.known_names(RECIPES)
PATIENCE_SECONDS = 120
MIB = 1 << 20

# Answers where the mirrors are, and then takes its time.
SLOW_APT = """#!/bin/sh
case $* in
  *indextargets*) echo http://mirror.invalid/debian/ ;;
  *) echo $$ > "$PIDS"; exec sleep 1000 ;;
esac
"""
SLOW_VM = """#!/bin/sh
echo $$ > "$PIDS"
echo it has begun
exec sleep 1000
"""


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("in vain")
        time.sleep(0.01)


def is_gone(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


class FolderTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.out = self.path("out")

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write_program(self, name, text):
        os.makedirs(self.path("bin"), exist_ok=True)
        with open(self.path("bin", name), "w") as file:
            file.write(text)
        os.chmod(file.name, 0o755)
        return file.name

    def start(self, *arguments):
        environment = {**os.environ, "PIDS": self.path("pid"),
                       "PATH": self.path("bin") + ":" + os.environ["PATH"]}
        process = subprocess.Popen(
            [os.path.join(HERE, "build-image"), "--recipes", RECIPES, "--emu-vm", "/bin/true",
             "--cache", self.path("cache"), *arguments],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def child(self):
        """The process that has written down its number."""
        def number():
            with open(self.path("pid")) as file:
                return file.read().strip()
        wait_for(lambda: os.path.exists(self.path("pid")) and number())
        return int(number())


class RecipesTest(unittest.TestCase):
    def test_each_architecture_of_each_file_is_complete(self):
        self.assertIn("debian:13/riscv64", NAMES)
        self.assertIn("debian:13/aarch64", NAMES)
        for name in NAMES:
            with self.subTest(name):
                wanted = recipe.read(RECIPES, name)
                self.assertIn("FLASH", [firmware.role for firmware in wanted.firmware])
                self.assertIn(f"console={wanted.console}", "".join(wanted.files(sources="").values()))
                self.assertIn("grub-install", wanted.finish())
                for path in wanted.files(sources=""):
                    self.assertEqual(path, os.path.normpath(path).lstrip("/"))

    def test_the_root_alone_is_needed_to_start(self):
        """Else the shell of systemd's emergency waits for a password that nobody has."""
        for name in NAMES:
            table = recipe.read(RECIPES, name).files(sources="")["etc/fstab"]
            for _, mount_point, _, options, *_ in map(str.split, table.splitlines()):
                if mount_point != "/":
                    self.assertIn("nofail", options.split(","))

    def test_a_word_that_nobody_knows_is_refused(self):
        with self.assertRaisesRegex(recipe.RecipeError, "@sources@"):
            recipe.read(RECIPES, NAMES[0]).files()

    def test_a_file_with_a_mistake_is_named(self):
        for text in ("[architectures]\nriscv64 = {}\n", "["):
            with tempfile.TemporaryDirectory() as folder:
                with open(os.path.join(folder, "other-1.toml"), "w") as file:
                    file.write(text)
                with self.assertRaisesRegex(recipe.RecipeError, "other-1.toml"):
                    recipe.read(folder, "other:1/riscv64")


class BadUsageTest(FolderTest):
    def assert_refused(self, words, *arguments):
        process = self.start(*arguments)
        _, errors = process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(process.returncode, 2, errors)
        for word in words:
            self.assertIn(word, errors)

    def test_a_name_that_no_recipe_has(self):
        for name in ("debian", "debian:13", "debian:13/x", "debian:4/riscv64", "../debian:13/riscv64", ""):
            with self.subTest(name):
                self.assert_refused([repr(name), *NAMES], name, "--out", self.out)
        self.assertFalse(os.path.exists(self.out))

    def test_a_folder_that_has_something(self):
        os.mkdir(self.out)
        with open(self.path("out", "precious"), "w"):
            pass
        self.assert_refused(["precious", "empty"], NAMES[0], "--out", self.out)
        self.assertEqual(os.listdir(self.out), ["precious"])

    def test_a_folder_that_cannot_be(self):
        with open(self.out, "w"):
            pass
        self.assert_refused([self.out], NAMES[0], "--out", self.out)

    def test_a_folder_where_another_run_works(self):
        with output_folder.work_in(self.out):
            self.assert_refused(["another run"], NAMES[0], "--out", self.out)
            self.assertEqual(os.listdir(self.out), ["tmp"])

    def test_a_program_that_is_none(self):
        self.assert_refused(["--emu-vm"], NAMES[0], "--out", self.out, "--emu-vm", "/nowhere")


class EndTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.write_program("apt-get", SLOW_APT)

    def test_killed_it_leaves_its_work_folder_alone(self):
        process = self.start(NAMES[0], "--out", self.out)
        child = self.child()
        process.kill()
        wait_for(lambda: is_gone(child))
        self.assertEqual(os.listdir(self.out), ["tmp"])
        with output_folder.work_in(self.out) as work:
            self.assertEqual(os.listdir(work), [])

    def test_asked_to_end_it_leaves_nothing(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number):
                process = self.start(NAMES[0], "--out", self.out, "--progress", "json")
                child = self.child()
                process.send_signal(number)
                output, _ = process.communicate(timeout=PATIENCE_SECONDS)
                self.assertEqual(process.returncode, 128 + number)
                self.assertEqual(json.loads(output), {"stage": "index"})
                wait_for(lambda: is_gone(child))
                self.assertEqual(os.listdir(self.out), [])
                os.unlink(self.path("pid"))

    def test_a_failure_says_its_stage(self):
        self.write_program("apt-get", "#!/bin/sh\necho no luck >&2\nexit 100\n")
        process = self.start(NAMES[0], "--out", self.out)
        _, errors = process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(process.returncode, 1)
        self.assertIn("index: apt-get failed: no luck", errors)
        self.assertEqual(os.listdir(self.out), [])


class GuestTest(FolderTest):
    def test_a_failure_shows_the_tail_of_the_console(self):
        vm = self.write_program("vm", "#!/bin/sh\necho one; echo two; echo trouble >&2; exit 3\n")
        lines = []
        with self.assertRaisesRegex(guest.GuestError, "(?s)3: trouble.*one\ntwo"):
            guest.run(vm, take_line=lines.append)
        self.assertEqual(lines, ["one", "two", ""])

    def test_it_ends_with_whoever_has_started_it(self):
        vm = self.write_program("vm", SLOW_VM)
        builder = subprocess.Popen(
            [sys.executable, "-c", f"import guest; guest.run({vm!r}, take_line=print)"], cwd=HERE,
            env={**os.environ, "PIDS": self.path("pid")}, stdout=subprocess.DEVNULL)
        child = self.child()
        builder.kill()
        builder.wait()
        wait_for(lambda: is_gone(child))


class DiskTest(FolderTest):
    def partitions(self, disk):
        listed = children.run("partx", "--raw", "--noheadings", "--output",
                              "START,END,TYPE,NAME", disk)
        return [line.split() for line in listed.splitlines()]

    def test_its_partitions_are_found_from_either_end(self):
        disk, size = self.path("disk"), 64 * MIB
        laid_out = gpt.lay_out(size, [(gpt.ESP, "EFI", 5 * MIB - 1), (gpt.LINUX, "root", 0)])
        with open(disk, "wb") as file:
            file.truncate(size)
        gpt.write(disk, laid_out)
        expected = [["2048", str(6 * 2048 - 1), str(gpt.ESP), "EFI"],
                    [str(6 * 2048), str(63 * 2048 - 1), str(gpt.LINUX), "root"]]
        self.assertEqual(self.partitions(disk), expected)
        with open(disk, "r+b") as file:
            file.seek(gpt.SECTOR_BYTES)
            file.write(bytes(gpt.SECTOR_BYTES))
        self.assertEqual(self.partitions(disk), expected)


class ArchivesTest(FolderTest):
    def test_a_stored_package_is_the_same_package(self):
        os.makedirs(self.path("tree", "DEBIAN"))
        with open(self.path("tree", "DEBIAN", "control"), "w") as control:
            control.write("Package: p\nVersion: 1\nArchitecture: all\nMaintainer: m\nDescription: d\n")
        with open(self.path("tree", "file"), "wb") as file:
            file.write(os.urandom(1001) + bytes(MIB))
        children.run("dpkg-deb", "--root-owner-group", "-b", self.path("tree"), self.path("deb"))
        archives.write_stored(self.path("deb"), self.path("stored"))
        self.assertGreater(os.path.getsize(self.path("stored")), MIB)
        for verb in ("--info", "--contents"):
            told = [children.run("dpkg-deb", verb, self.path(name)).splitlines()[2 * (verb == "--info"):]
                    for name in ("deb", "stored")]
            self.assertEqual(*told)
        archives.unpack(self.path("stored"), self.path("unpacked"))
        children.run("cmp", self.path("tree", "file"), self.path("unpacked", "file"))

    def test_what_is_no_package_is_refused(self):
        with self.assertRaisesRegex(children.ChildError, "no package"):
            archives.write_stored("/bin/sh", self.path("stored"))


class ProgressTest(unittest.TestCase):
    def test_percent_goes_up_and_is_told_once(self):
        said, sys.stdout = sys.stdout, io.StringIO()
        try:
            told = progress.JsonProgress()
            told.begin("one")
            for percent in (0.5, 0.9, 7.2, 3, 7.9, 100):
                told.report(percent)
            told.begin("two")
            lines = sys.stdout.getvalue().splitlines()
        finally:
            sys.stdout = said
        self.assertEqual([json.loads(line) for line in lines],
                         [{"stage": "one"}, {"stage": "one", "percent": 0},
                          {"stage": "one", "percent": 7}, {"stage": "one", "percent": 100},
                          {"stage": "two"}])


if __name__ == "__main__":
    unittest.main(verbosity=2)
