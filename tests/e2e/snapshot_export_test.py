#!/usr/bin/env python3
"""Snapshots that leave one emud and enter another. The guests are counter.s, whose lines number themselves, and
scribbler.c, which writes to a disk.

EMU_KILLS says how often emud is killed; EMU_TEST_LONG=1: 50. EMU_SEED repeats a run's choices.
"""
import hashlib
import io
import json
import os
import random
import subprocess
import tarfile
import time

import harness
from harness import EMUCTL, FIRMWARE, EmudTest, main, wait_for

LONG = os.environ.get("EMU_TEST_LONG", "0") not in ("", "0")
KILLS = int(os.environ.get("EMU_KILLS") or (50 if LONG else 5))
SEED = int(os.environ.get("EMU_SEED") or random.SystemRandom().randrange(1 << 32))
COUNTER, SCRIBBLER, HOG = (os.path.join(os.path.dirname(FIRMWARE), name + ".elf")
                           for name in ("counter", "scribbler", "hog"))
SMALL = ["--memory", "64M", "--code-cache-mib", "1"]
CHUNK = 2 << 20


def unpacked(path):
    """Its members by their names, with all their holes filled."""
    with tarfile.open(path) as archive:
        return {member.name: archive.extractfile(member).read() for member in archive.getmembers()}


def repack(members):
    """As an export, with the sums that the members have."""
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in members.items())
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in {**members, "SHA256SUMS": sums.encode()}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return target.getvalue()


class SnapshotExportTest(EmudTest):
    def setUp(self):
        super().setUp()
        print(f"EMU_SEED={SEED}", flush=True)
        self.random = random.Random(SEED)
        self.other = harness.OtherDaemon()
        self.addCleanup(self.other.doCleanups)
        self.other.setUp()

    def numbers(self, daemon, name):
        return [int(line, 16) for line in daemon.console(name).split("\n")[:-1] if len(line) == 8]

    def counter(self, snapshot="warm"):
        """A snapshot of a VM that counts, and the last numbers before and after it."""
        self.ok("vm", "create", "a", *SMALL, "--firmware", COUNTER, "--start")
        self.assertTrue(wait_for(lambda: len(self.numbers(self, "a")) >= 2))
        before = self.numbers(self, "a")[-1]
        self.ok("snapshot", "create", snapshot, "--vm", "a", "--label", "stage=warm")
        return before, self.numbers(self, "a")[-1]

    def export(self, name="warm", *flags):
        path = self.path(name + ".tar")
        self.ok("snapshot", "export", name, path, *flags)
        return path

    def scribbler(self):
        """A snapshot of a VM that has written a letter into its disk, which began as the image."""
        self.ok("image", "import", self.write("disk", b"i" * (1 << 20)), "--name", "base", "--format", "raw")
        self.ok("vm", "create", "a", *SMALL, "--firmware", SCRIBBLER, "--disk", "image=base", "--start")
        self.says(self, "a", "has i")
        self.ok("console", "send", "a", "k")
        self.says(self, "a", "wrote k")
        self.ok("snapshot", "create", "warm", "--vm", "a")

    def says(self, daemon, name, text):
        self.assertTrue(wait_for(lambda: text in daemon.console(name)), daemon.console(name))

    def nothing_is_left(self, daemon):
        def is_clean():
            folders = {name: os.listdir(os.path.join(daemon.state_dir, name)) for name in ("snapshots", "uploads")}
            blobs = [file for _, _, files in os.walk(os.path.join(daemon.state_dir, "blobs")) for file in files]
            return not any(folders.values()) and not blobs
        self.assertTrue(wait_for(is_clean))
        self.assertEqual(json.loads(daemon.ok("snapshot", "list", "-o", "json")), {})
        self.assertEqual(json.loads(daemon.ok("image", "list", "-o", "json")), {})

    def test_a_vm_goes_on_in_another_daemon_where_it_was(self):
        before, after = self.counter()
        path = self.export()
        with tarfile.open(path) as archive:
            names = archive.getnames()
        self.assertEqual(names, ["snapshot.json", "state", "variables", "SHA256SUMS"])
        # Holes stay holes: the guest has touched some pages of its 64 MiB.
        self.assertLess(os.path.getsize(path), 8 << 20)
        self.ok("vm", "rm", "a", "--force")
        made = json.loads(self.other.ok("snapshot", "import", path, "-o", "json"))
        self.assertEqual((made["name"], made["state"], made["vm"], made["labels"], made["project"]),
                         ("warm", "READY", "a", {"stage": "warm"}, "default"))
        self.other.ok("vm", "create", "b", "--from", "warm", "--start")
        self.assertTrue(wait_for(lambda: len(self.numbers(self.other, "b")) > 3))
        numbers = self.numbers(self.other, "b")
        # The first line may be the rest of one.
        self.assertTrue(before <= numbers[0] <= after + 1, (numbers[0], before, after))
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))
        # By a pipe, under another name, and back again.
        with subprocess.Popen([EMUCTL, "--endpoint", self.other.endpoint, "snapshot", "export", "warm", "-"],
                              stdout=subprocess.PIPE) as pipe:
            self.ok("snapshot", "import", "-", "--name", "again", stdin=pipe.stdout)
        self.assertEqual(pipe.returncode, 0)
        self.ok("vm", "create", "c", "--from", "again", "--start")
        self.assertTrue(wait_for(lambda: len(self.numbers(self, "c")) > 3))
        self.fails(1, ["snapshot warm"], "snapshot", "import", path)
        self.fails(3, ["no snapshot none"], "snapshot", "export", "none", self.path("none"))
        self.assertFalse(os.path.exists(self.path("none")))

    def test_disks_travel_with_what_they_lie_over(self):
        self.scribbler()
        self.ok("console", "send", "a", "n")  # which is not the snapshot's
        self.says(self, "a", "wrote n")
        self.ok("vm", "create", "b", "--from", "warm", "--start")
        self.ok("console", "send", "b", "m")
        self.says(self, "b", "wrote m")
        self.ok("snapshot", "create", "second", "--vm", "b")
        path = self.export("second")
        self.assertEqual(sorted(name.split("/")[0] for name in unpacked(path)),
                         ["SHA256SUMS", "disks", "disks", "images", "snapshot.json", "state", "variables"])
        # An image of that name is there, and another one.
        self.other.ok("image", "import", self.write("else", b"e" * (1 << 20)), "--name", "base", "--format", "raw")
        made = json.loads(self.other.ok("snapshot", "import", path, "-o", "json"))
        image = made["spec"]["disks"][0]["image"]
        self.assertTrue(image.startswith("base-"), image)
        self.other.fails(4, ["snapshot second"], "image", "rm", image)
        self.other.ok("vm", "create", "c", "--from", "second", "--start")
        self.other.ok("console", "send", "c", "o")
        self.says(self.other, "c", "wrote o")
        self.other.ok("vm", "stop", "c", "--force")
        # After a reset it reads what its disk has: what was written since, over the snapshot's.
        self.other.ok("vm", "start", "c")
        self.says(self.other, "c", "has o")
        # Again: what was sent is there already.
        again = json.loads(self.other.ok("snapshot", "import", path, "--name", "again", "-o", "json"))
        self.assertEqual(again["spec"]["disks"][0]["image"], image)

    def test_images_that_are_left_out_must_be_there(self):
        self.scribbler()
        path = self.export("warm", "--without-images")
        self.assertLess(os.path.getsize(path), 1 << 20)
        digest = hashlib.sha256(b"i" * (1 << 20)).hexdigest()
        self.other.fails(3, ["image base", digest], "snapshot", "import", path)
        self.nothing_is_left(self.other)
        self.other.ok("image", "import", self.path("disk"), "--name", "called-otherwise", "--format", "raw")
        made = json.loads(self.other.ok("snapshot", "import", path, "-o", "json"))
        self.assertEqual(made["spec"]["disks"][0]["image"], "called-otherwise")
        self.other.ok("vm", "create", "b", "--from", "warm")
        self.other.ok("vm", "stop", "b", "--force")  # what was saved is discarded
        self.other.ok("vm", "start", "b")
        self.says(self.other, "b", "has k")

    def test_memory_travels_with_what_it_was_compared_with(self):
        self.ok("vm", "create", "a", *SMALL, "--firmware", HOG, "--start")
        self.assertTrue(wait_for(lambda: "X" in self.console("a")))
        self.ok("snapshot", "create", "first", "--vm", "a")
        self.ok("snapshot", "create", "second", "--vm", "a", "--parent", "first")
        path = self.export("second")
        members = unpacked(path)
        self.assertIn("state~1", members)
        self.other.ok("snapshot", "import", path)
        self.other.ok("vm", "create", "b", "--from", "second", "--start")
        self.ok("vm", "pause", "a")
        for address in range(0x80100000, 0x84000000, 9 << 20):
            here, there = (subprocess.run([EMUCTL, "--endpoint", daemon.endpoint, "debug", "mem", name, hex(address),
                                           "4096", "--raw"], capture_output=True, check=True, timeout=60).stdout
                           for daemon, name in ((self, "a"), (self.other, "b")))
            self.assertTrue(here == there and any(here), hex(address))
        self.other.ok("vm", "rm", "b", "--force")
        self.other.ok("snapshot", "rm", "second")
        members.pop("SHA256SUMS")
        first = members.pop("state~1")
        self.refused(repack(members), "state", "needs 1")
        place = len(first) // 2
        self.refused(repack({**members, "state~1": first[:place] + bytes([first[place] ^ 1]) + first[place + 1:]}),
                     "state", "not what was written")

    def refused(self, content, *words, code=None):
        """With that exit code, or as SNAPSHOT_FILE_REFUSED, which has several."""
        result = self.other.ctl("snapshot", "import", self.write("bad.tar", content))
        self.assertIn(result.returncode, (1, 2, 4) if code is None else (code,), result.stderr)
        for word in ("the file is refused" if code is None else "", *words):
            self.assertIn(word, result.stderr)
        self.nothing_is_left(self.other)

    def test_nothing_in_a_file_is_believed(self):
        self.scribbler()
        good = unpacked(self.export())
        sums = good.pop("SHA256SUMS")
        self.assertEqual(sums.decode(), "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n"
                                                for name, content in good.items()))
        manifest = json.loads(good["snapshot.json"])
        image = next(name for name in good if name.startswith("images/"))

        def with_manifest(change):
            changed = json.loads(json.dumps(manifest))
            change(changed)
            return repack({**good, "snapshot.json": json.dumps(changed).encode()})

        def with_member(name, content):
            return repack({**good, name: content})

        def without(name):
            return repack({other: content for other, content in good.items() if other != name})

        state, overlay = good["state"], good["disks/disk0.qcow2"]
        self.assertGreater(len(state), 2 * CHUNK)
        in_memory = state[:CHUNK + 5] + bytes([state[CHUNK + 5] ^ 1]) + state[CHUNK + 6:]
        at_end = state[:-1] + bytes([state[-1] ^ 1])
        with self.subTest("the state"):
            self.refused(with_member("state", in_memory), "state", "not what was written")
            self.refused(with_member("state", at_end), "state", "manifest")
            self.refused(with_member("state", state[:-1]), "state", "cut short")
            self.refused(with_member("state", b"x" * 5000), "state")
            self.refused(without("state"), "state", "missing")
        with self.subTest("a disk"):
            name = b"../../../blobs/sha256/"
            self.assertIn(name, overlay)
            self.refused(with_member("disks/disk0.qcow2", overlay.replace(name, b"/../../../etc/shadow/x")), "disks/")
            self.refused(with_member("disks/disk0.qcow2", overlay[:24] + (2 << 20).to_bytes(8, "big") + overlay[32:]),
                         "disk0.qcow2", "large")
            self.refused(with_member("disks/disk0.qcow2", b"QFI\xfb" + bytes(4096)), "disks/")
            self.refused(without("disks/disk0.qcow2"), "disks/disk0.qcow2", "missing")
            self.refused(with_member("disks/../../x", b"x"), "no such file")
            self.refused(with_member("code", b"x"), "no such file")
        with self.subTest("an image"):
            self.refused(with_member(image, good[image][:-1] + b"x"), "not the sum", code=4)
            self.refused(without(image), "image base", code=3)
        with self.subTest("what it says"):
            def mutate(change):
                self.refused(with_manifest(change), code=2)
            mutate(lambda m: m["snapshot"]["spec"]["disks"][0].update(id="../../x"))
            mutate(lambda m: m["snapshot"]["spec"]["disks"][0].update(sizeMib="1000000000000000"))
            mutate(lambda m: m["snapshot"]["spec"]["machine"].update(memoryMib="100000000"))
            mutate(lambda m: m["snapshot"]["spec"]["machine"].update(arch="vax"))
            mutate(lambda m: m["snapshot"].update(name="../x"))
            mutate(lambda m: m["snapshot"].update(labels={"": "x"}))
            self.refused(with_manifest(lambda m: m["snapshot"].update(hasMemory=False)), "state", "no such file")
            self.refused(with_manifest(lambda m: m["images"].clear()), "image base")
            self.refused(with_manifest(lambda m: m.update(format=2)), "later")
            self.refused(b"")
            self.refused(bytes(1 << 20), "snapshot")
        self.other.ok("snapshot", "import", self.write("good.tar", repack(good)))

    def test_one_that_was_changed_on_its_way_is_refused(self):
        self.counter()
        with open(self.export(), "rb") as file:
            whole = file.read()
        for _ in range(10):
            length = self.random.randrange(len(whole) - 1024)
            self.refused(whole[:length], "refused")
        # In the state's data, which is most of it.
        place = len(whole) // 2
        self.refused(whole[:place] + bytes([whole[place] ^ 0x40]) + whole[place + 1:], "state", "not what was written")

    def test_a_quota_and_the_hosts_disk_are_asked_before_room_is_taken(self):
        self.scribbler()
        path = self.export()
        # Room for what is sent, but not for what comes out of it.
        self.other.ok("project", "create", "small", "--disk", f"{(os.path.getsize(path) >> 20) + 2}M")
        self.other.fails(6, ["disk_mib"], "snapshot", "import", path, "--project", "small")
        self.nothing_is_left(self.other)
        self.other.ok("project", "update", "small", "--disk", "100M")
        self.other.ok("snapshot", "import", path, "--project", "small")

    def test_an_emud_that_is_killed_has_all_of_it_or_nothing(self):
        self.scribbler()
        path = self.export()
        for i in range(KILLS):
            with subprocess.Popen([EMUCTL, "--endpoint", self.other.endpoint, "snapshot", "import", path,
                                   "--name", f"s{i}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as import_:
                time.sleep(self.random.random() * 0.4)
                self.other.emud.kill()
                self.other.emud.wait()
                self.other.start_emud()
                import_.wait()
            listed = json.loads(self.other.ok("snapshot", "list", "-o", "json")).get("snapshots", [])
            self.assertEqual(sorted(s["uid"] for s in listed),
                             sorted(os.listdir(os.path.join(self.other.state_dir, "snapshots"))))
            images = json.loads(self.other.ok("image", "list", "-o", "json")).get("images", [])
            self.assertEqual(len(images), 1 if listed else 0)
        self.other.ok("snapshot", "import", path, "--name", "last")
        self.other.ok("vm", "create", "b", "--from", "last", "--start")
        self.other.ok("console", "send", "b", "x")
        self.says(self.other, "b", "wrote x")

    def test_an_export_goes_on_after_a_break(self):
        # More than connections hold for who does not read.
        disk = self.write("disk", self.random.randbytes(48 << 20))
        self.ok("image", "import", disk, "--name", "large", "--format", "raw")
        self.ok("vm", "create", "a", *SMALL, "--firmware", COUNTER, "--disk", "image=large")
        self.ok("snapshot", "create", "warm", "--vm", "a")
        with open(self.export(), "rb") as file:
            whole = file.read()
        with subprocess.Popen([EMUCTL, "--endpoint", self.endpoint, "snapshot", "export", "warm", "-"],
                              stdout=subprocess.PIPE) as export:
            got = export.stdout.read(100_000)
            self.emud.kill()
            self.emud.wait()
            self.start_emud()
            got += export.stdout.read()
        self.assertEqual(export.returncode, 0)
        self.assertTrue(got == whole)

    def test_labels_and_annotations_change_and_with_them_the_etag(self):
        self.counter()
        before = json.loads(self.ok("snapshot", "get", "warm", "-o", "json"))
        after = json.loads(self.ok("snapshot", "update", "warm", "--label", "stage-", "--label", "x=1",
                                   "--annotation", "why=a.b", "--etag", before["etag"], "-o", "json"))
        self.assertEqual((after["labels"], after["annotations"]), ({"x": "1"}, {"why": "a.b"}))
        self.assertNotEqual(after["etag"], before["etag"])
        self.fails(4, ["warm"], "snapshot", "update", "warm", "--label", "x=2", "--etag", before["etag"])
        self.fails(2, ["--label"], "snapshot", "update", "warm", "--label", "=2")
        self.fails(2, ["nothing"], "snapshot", "update", "warm")
        self.emud.kill()
        self.emud.wait()
        self.start_emud()
        self.assertEqual(json.loads(self.ok("snapshot", "get", "warm", "-o", "json")), after)


if __name__ == "__main__":
    main()
