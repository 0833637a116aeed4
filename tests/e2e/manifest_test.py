#!/usr/bin/env python3
"""Images, volumes and VMs as files say them; what client/manifests.md says is tried: its examples, and that
it says every field."""
import json
import os
import re
import shutil

from harness import FIRMWARE, EmudTest, main

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGE = os.path.join(ROOT, "client", "manifests.md")
MIB = 1 << 20
# Builds at once what it is asked for.
BUILDER = """#!/usr/bin/python3
import hashlib, json, sys
if "--list" in sys.argv:
    print("debian:13/riscv64")
    sys.exit()
out = sys.argv[sys.argv.index("--out") + 1]
content = bytes(1 << 20)
with open(out + "/disk.img", "wb") as file:
    file.write(content)
with open(out + "/manifest.json", "w") as file:
    json.dump({"name": sys.argv[1], "arch": "riscv64", "memory_mib": 1024, "cmdline": "", "parts": [
        {"role": "DISK", "file": "disk.img", "sha256": hashlib.sha256(content).hexdigest()}]}, file)
"""


def document(kind, name, spec, labels=""):
    return (f"apiVersion: emud.dev/v1\nkind: {kind}\nmetadata: {{name: '{name}'{labels}}}\n"
            f"spec: {spec}\n")


class ManifestTest(EmudTest):
    def emud_arguments(self):
        builder = self.write("builder", BUILDER)
        os.chmod(builder, 0o755)
        return ["--config", self.write("emud.yaml", f"imageBuilder: {builder}\n")]

    def setUp(self):
        super().setUp()
        self.write("tools.img", os.urandom(MIB))
        shutil.copy(FIRMWARE, self.path("firmware.elf"))

    def file(self, *documents):
        return self.write("file.yaml", "---\n".join(documents))

    def examples(self):
        with open(PAGE) as page:
            return re.findall(r"```yaml\n(.*?)```", page.read(), re.DOTALL)

    def names(self, noun):
        return self.ok(noun, "list", "-o", "name").split()

    def image(self, spec="{source: {path: tools.img}}", labels=""):
        return document("Image", "tools", spec, labels)

    def volume(self, spec="{sizeMib: 8}"):
        return document("Volume", "data", spec)

    def vm(self, name="a", disks="[{volume: data}]"):
        return document("Vm", name, f"{{machine: {{memoryMib: 64}}, boot: {{firmware: {FIRMWARE}}}, "
                                    f"disks: {disks}}}")

    def test_the_pages_examples_become_true_and_are_deleted(self):
        examples = self.examples()
        self.assertEqual(len(examples), 4)
        file = self.file(*reversed(examples))
        self.assertEqual(self.ctl("diff", "-f", file).returncode, 1)
        self.assertEqual(self.ok("apply", "-f", file, "--dry-run").count("would be created\n"), 4)
        self.assertEqual(self.ok("apply", "-f", file),
                         "image debian:13/riscv64 created\nimage tools created\n"
                         "volume data created\nweb1 created\n")
        self.assertEqual(self.ok("diff", "-f", file), "")
        self.assertEqual(self.ok("apply", "-f", file).count("unchanged\n"), 4)
        machine = self.get("web1")["spec"]["machine"]
        self.assertEqual((machine["memoryMib"], machine["arch"]), ("64", "riscv64"))
        self.ok("vm", "start", "web1")
        self.assertEqual(self.ok("delete", "-f", file, "--force"),
                         "web1 deleted\nvolume data deleted\nimage tools deleted\n"
                         "image debian:13/riscv64 deleted\n")
        self.assertEqual([self.names(noun) for noun in ("vm", "volume", "image")], [[], [], []])

    def test_the_page_says_every_field(self):
        with open(PAGE) as page:
            said = set(re.findall(r"`([\w.]+)`", page.read()))
        seen = 0
        for kind in ("Image", "Volume", "Vm"):
            waiting = [((name, False),) for name in self.below(kind, ())]
            self.assertIn((("spec", False),), waiting)
            while waiting:
                *above, (name, _) = path = waiting.pop()
                for is_list in (False, True):
                    path = (*above, (name, is_list))
                    below = [] if name in ("labels", "annotations", "pinned") else self.below(kind, path)
                    if below:
                        break
                waiting += [(*path, (field, False)) for field in below]
                if not below:
                    seen += 1
                    names = [field for field, _ in path]
                    name = ".".join(names[1:] if names[0] == "spec" else names)
                    self.assertIn(name, said, f"{kind}: {name} is not in {PAGE}")
        self.assertGreater(seen, 60)

    def below(self, kind, path):
        """The fields below `path`, of names and whether each is a list, as emuctl tells who says another."""
        said = {"nothing": 1}
        for name, is_list in reversed(path):
            said = {name: [said] if is_list else said}
        text = self.ctl("diff", "-f", "-", input=json.dumps({"kind": kind, **said})).stderr
        found = re.search(r"nothing: is no field here; there are(.*)", text)
        return found.group(1).split() if found else []

    def test_an_image_that_is_there_is_compared(self):
        file = self.file(self.image())
        self.assertEqual(self.ok("apply", "-f", file), "image tools created\n")
        labelled = self.file(self.image(labels=", labels: {team: web}"))
        self.assertIn("+    team: web\n", self.ctl("diff", "-f", labelled).stdout)
        self.assertEqual(self.ok("apply", "-f", labelled), "image tools changed\n")
        self.assertEqual(self.ok("apply", "-f", labelled), "image tools unchanged\n")
        digest = json.loads(self.ok("image", "get", "tools", "-o", "json"))["digest"]
        said = self.file(self.image(f"{{source: {{path: tools.img, digest: '{digest}'}}, format: RAW}}"))
        self.assertEqual(self.ctl("diff", "-f", said).returncode, 1)  # its labels
        for spec, words in (("{source: {path: tools.img}, arch: aarch64}", ["(arch)"]),
                            ("{source: {path: tools.img}, memoryMib: 64}", ["(memoryMib)"]),
                            ("{source: {path: tools.img, digest: 'sha256:00'}}", ["(DISK)"]),
                            ("{source: {path: tools.img}, parts: [{role: FLASH, path: tools.img}]}",
                             ["parts", "FLASH"])):
            with self.subTest(spec):
                self.fails(4, ["image tools: nothing is changed", "delete it first", *words], "apply",
                           "-f", self.file(self.image(spec)))
        self.write("tools.img", os.urandom(MIB))
        self.fails(4, ["(DISK)"], "diff", "-f", self.file(self.image()))

    def test_what_an_image_can_not_be_is_refused(self):
        for spec, words in (("{source: {path: none.img}}", ["none.img", "check the path"]),
                            ("{source: {path: tools.img, pull: tools}}", ["spec.source"]),
                            ("{}", ["spec.source"]),
                            ("{source: {path: tools.img, digest: abc}}", ["abc", "sha256:"]),
                            ("{source: {pull: 'debian:13/riscv64'}}", ["metadata.name"])):
            with self.subTest(spec):
                self.fails(2, words, "apply", "-f", self.file(self.image(spec)))
        self.fails(2, ["leave all but source.pull out"], "apply", "-f", self.file(
            document("Image", "debian:13/riscv64", "{source: {pull: 'debian:13/riscv64'}, arch: riscv64}")))
        self.fails(2, ["file.yaml:4", "pat"], "apply", "-f",
                   self.file(self.image("{source: {pat: tools.img}}")))
        self.fails(2, ["write Vm, Image or Volume"], "apply", "-f", self.file(document("Disk", "a", "{}")))
        self.fails(2, ["is no VM"], "vm", "create", "-f", self.file(self.image()))
        self.assertEqual(self.names("image"), [])

    def test_an_image_wishes_memory_for_who_says_nothing(self):
        self.ok("image", "import", self.path("tools.img"), "--name", "tools", "--firmware",
                self.path("firmware.elf"), "--memory", "96M")
        for name, flags, mib in (("a", [], "96"), ("b", ["--memory", "64M"], "64"),
                                 ("c", ["--firmware", FIRMWARE], "512")):
            self.ok("vm", "create", name, "--image", "tools", *flags)
            self.assertEqual(self.get(name)["spec"]["machine"]["memoryMib"], mib)
        self.ok("image", "pull", "debian:13/riscv64")
        pulled = json.loads(self.ok("image", "get", "debian:13/riscv64", "-o", "json"))
        self.assertEqual(pulled["memoryMib"], "1024")

    def test_a_volume_is_as_it_was_made_and_goes_last(self):
        file = self.file(self.vm(), self.volume())
        self.assertEqual(self.ok("apply", "-f", file), "volume data created\na created\n")
        self.assertEqual(self.ok("diff", "-f", file), "")
        self.assertEqual(json.loads(self.ok("volume", "get", "data", "-o", "json"))["vms"], ["a"])
        for spec in ("{sizeMib: 9}", "{image: tools}"):
            self.fails(4, ["volume data: nothing is changed", "stays what it is"], "apply", "-f",
                       self.file(self.volume(spec)))
        self.fails(4, ["can't delete volume data", "a has it"], "delete", "-f", self.file(self.volume()))
        file = self.file(self.vm(), self.volume())
        self.assertEqual(self.ok("delete", "-f", file, "--dry-run"),
                         "a would be deleted\nvolume data would be deleted\n")
        self.assertEqual(self.ok("delete", "-f", file), "a deleted\nvolume data deleted\n")
        self.assertEqual(self.ok("delete", "-f", file), "a not there\nvolume data not there\n")

    def test_where_one_can_not_be_nothing_is_made(self):
        self.fails(3, ["a: nothing is changed", "no volume data"], "apply", "-f",
                   self.file(self.image(), self.vm()))
        self.assertEqual((self.names("image"), self.names("vm")), ([], []))

    def test_one_vm_at_a_time_runs_with_a_volume(self):
        self.ok("apply", "-f", self.file(self.volume(), self.vm("a"), self.vm("b")))
        self.ok("vm", "start", "a")
        self.fails(4, ["volume data"], "vm", "start", "b")
        self.ok("vm", "stop", "a", "--force")
        self.ok("vm", "start", "b")
        self.fails(4, ["a, b have it"], "volume", "rm", "data")

    def test_volumes_outlive_vms_and_the_daemon(self):
        self.ok("volume", "create", "data", "--size", "8M", "--request-id", "one")
        self.ok("volume", "create", "data", "--size", "8M", "--request-id", "one")
        self.fails(1, ["there is a volume data already"], "volume", "create", "data", "--size", "8M")
        self.ok("vm", "create", "a", "--firmware", FIRMWARE, "--memory", "64M", "--disk",
                "volume=data,readonly,id=d", "--start")
        self.ok("vm", "rm", "a", "--force")
        uid = json.loads(self.ok("volume", "get", "data", "-o", "json"))["uid"]
        self.emud.kill()
        self.emud.wait()
        self.start_emud()
        volumes = json.loads(self.ok("volume", "list", "--filter", "size_mib>=8", "-o", "json"))["volumes"]
        self.assertEqual([volume["uid"] for volume in volumes], [uid])
        self.ok("volume", "rm", "data")
        self.fails(3, ["no volume data"], "volume", "get", "data")
        self.fails(2, ["is no option of a volume"], "vm", "create", "a", "--disk", "volume=data,size=8G")


if __name__ == "__main__":
    main()
