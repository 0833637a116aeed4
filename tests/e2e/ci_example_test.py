#!/usr/bin/env python3
"""Builds in sandboxes, as client/examples/ci has them: by make, and by a GitLab runner, whose part the test
plays. The guest has Debian's gcc, and no network; debian_test.py goes through setup.sh itself."""
import json
import os
import subprocess

import harness
from agent_guest import AGENTS, CONSOLES, ROOT
from disk_guest import build_initramfs
from harness import EMUCTL

CI = os.path.join(ROOT, "client", "examples", "ci")
PROGRAMS = ("bash", "coreutils", "dash", "gcc", "libc6-dev", "make", "tar")
# The agent, in the system of the disk, to which nothing was done but unpacking.
START = """
mount_system
cd /mnt
mkdir -p root etc
echo 'root:x:0:0::/root:/bin/sh' > etc/passwd
ln -sf dash usr/bin/sh
cp /emu-agent usr/bin
mount --move /dev dev
for d in proc sys; do mount --move /$d $d; done
mount -t tmpfs tmpfs tmp
exec chroot . /bin/sh -c 'emu-agent & exec sleep 100000000'
"""
SETUP = """
set -eu
echo 'int main(void) { return 0; }' > /root/warm.c
gcc -o /root/warm /root/warm.c && /root/warm
"""
BUILD_FAILED, SYSTEM_FAILED = 71, 72


class CiExampleTest(harness.EmudTest):
    def setUp(self):
        super().setUp()
        os.environ["EMUD_ENDPOINT"] = self.endpoint
        self.import_image("toolchain")
        self.setup = self.write("setup", SETUP)

    def import_image(self, name):
        def fetch(*words):
            return subprocess.run([os.path.join(ROOT, "deploy", words[0]), *words[1:]], check=True,
                                  text=True, stdout=subprocess.PIPE).stdout.split()[-1]
        linux = fetch("fetch-disk-guest", "riscv64")
        root = fetch("fetch-programs", "riscv64", *PROGRAMS)
        with open(os.path.join(AGENTS, "riscv64", "emu-agent"), "rb") as file:
            agent = file.read()
        initramfs = self.path("initramfs")
        build_initramfs(linux, initramfs, START, {"emu-agent": agent})
        subprocess.run([EMUCTL, "image", "import", f"{root}/root.img", "--name", name, "--arch", "riscv64",
                        "--kernel", f"{linux}/linux", "--initrd", initramfs, "--append",
                        f"console={CONSOLES['riscv64']} quiet"], check=True, stdout=subprocess.DEVNULL)

    def run_program(self, *command, **environment):
        done = subprocess.run(command, text=True, capture_output=True, timeout=600,
                              env={**os.environ, "EMUCTL": EMUCTL, "TMPDIR": self.dir.name, **environment})
        return done.returncode, done.stdout, done.stderr

    def layers(self):
        return self.ok("snapshot", "list", "-o", "name").split()

    def layer(self, *words):
        code, said, errors = self.run_program(f"{CI}/layer", *words)
        self.assertEqual(code, 0, errors)
        return said.strip()

    def make(self, *words):
        return self.run_program("make", "-C", CI, "check", f"EMUCTL={EMUCTL}", "IMAGE=toolchain",
                                f"SETUP={self.setup}", "FLAGS=--memory 512M", f"OUT={self.path('out')}", *words)

    def test_builds_in_sandboxes(self):
        self.make_builds_and_tests_in_a_sandbox()
        self.a_layer_is_known_by_what_it_is_made_of()
        self.a_gitlab_runner_has_jobs()

    def make_builds_and_tests_in_a_sandbox(self):
        code, said, errors = self.make()
        self.assertEqual(code, 0, said + errors)
        self.assertIn("all passed on riscv64", said)
        with open(self.path("out/roman"), "rb") as program:
            header = program.read(20)
        self.assertEqual((header[:4], header[18]), (b"\x7fELF", 243))  # EM_RISCV
        layers = self.layers()
        self.assertEqual((len(layers), self.vms()), (1, []))
        with self.subTest("a second time there is nothing to make first"):
            code, said, errors = self.make()
            self.assertEqual(code, 0, said + errors)
            self.assertNotIn("layer: making", errors)
            self.assertEqual(self.layers(), layers)
        with self.subTest("what fails in the sandbox fails here"):
            broken = self.path("ci")
            subprocess.run(["cp", "-r", CI, broken], check=True)
            with open(f"{broken}/roman/roman.c", "a") as source:
                source.write("not C")
            code, said, errors = self.make("-C", broken)
            self.assertNotEqual(code, 0)
            self.assertIn("error", errors)
            self.assertEqual(self.vms(), [])

    def a_layer_is_known_by_what_it_is_made_of(self):
        first = self.layer("toolchain", self.setup, "--memory", "512M")
        self.assertEqual(self.layers(), [first])
        with self.subTest("the same files under another name"):
            self.import_image("other")
            self.assertEqual(self.layer("other", self.setup, "--memory", "512M"), first)
        with self.subTest("another script, other flags"):
            short = self.write("short", "echo short\n")
            others = {first, self.layer("toolchain", short), self.layer("toolchain", short, "--memory", "256M")}
            self.assertEqual(len(others), 3)
        with self.subTest("a script that fails leaves nothing"):
            code, _, errors = self.run_program(f"{CI}/layer", "toolchain", self.write("bad", "exit 9\n"))
            self.assertEqual(code, 9, errors)
            self.assertEqual(set(self.layers()), others)
            self.assertEqual(self.vms(), [])
        with self.subTest("an image that is none"):
            code, _, errors = self.run_program(f"{CI}/layer", "nowhere", self.setup)
            self.assertNotEqual(code, 0)
            self.assertIn("nowhere", errors)

    # What the runner does; documented as its custom executor.
    def stage(self, name, *words, job="17"):
        return self.run_program(
            f"{CI}/gitlab/{name}", *words, EMU_SETUP=self.setup, EMU_FLAGS="--memory 512M",
            CUSTOM_ENV_CI_JOB_ID=job, CUSTOM_ENV_CI_JOB_TIMEOUT="3600", CUSTOM_ENV_EMU_IMAGE="toolchain",
            BUILD_FAILURE_EXIT_CODE=str(BUILD_FAILED), SYSTEM_FAILURE_EXIT_CODE=str(SYSTEM_FAILED),
            BUILD_EXIT_CODE_FILE=self.path("exit-code"))

    def run_script(self, stage, script, job="17"):
        return self.stage("run", self.write("script", "set -eo pipefail\n" + script), stage, job=job)

    def a_gitlab_runner_has_jobs(self):
        before = set(self.layers())
        code, said, errors = self.stage("config")
        self.assertEqual(code, 0, errors)
        self.assertEqual(json.loads(said)["builds_dir"], "/builds")
        code, said, errors = self.stage("prepare")
        self.assertEqual(code, 0, errors)
        self.assertEqual([vm["name"] for vm in self.vms()], ["gitlab-17"])
        self.assertEqual(self.get("gitlab-17")["labels"], {"gitlab-job": "17"})
        with self.subTest("each script finds what those before it have left"):
            with open(f"{CI}/roman/roman.c") as source:
                text = source.read()
            code, _, errors = self.run_script(
                "get_sources", f"mkdir -p /builds\ncat > /builds/roman.c <<'END'\n{text}END\n")
            self.assertEqual(code, 0, errors)
            code, said, errors = self.run_script(
                "build_script", "cd /builds; gcc -o roman roman.c; [[ -x roman ]]; ./roman 1994\n")
            self.assertEqual((code, said), (0, "MCMXCIV\n"), errors)
        with self.subTest("a job that fails, and its code"):
            code, said, _ = self.run_script("build_script", "echo here; (exit 5) | cat; echo not here\n")
            self.assertEqual((code, said), (BUILD_FAILED, "here\n"))
            with open(self.path("exit-code")) as file:
                self.assertEqual(file.read(), "5\n")
        with self.subTest("another job has a VM of its own, of the same layer"):
            self.assertEqual(self.stage("prepare", job="18")[0], 0)
            code, said, _ = self.run_script("build_script", "ls /builds 2>/dev/null || echo clean\n", job="18")
            self.assertEqual((code, said), (0, "clean\n"))
            self.assertEqual(set(self.layers()), before)
        for job in ("17", "18"):
            self.assertEqual(self.stage("cleanup", job=job)[0], 0)
        self.assertEqual(self.vms(), [])
        with self.subTest("what is not the job's fault is the system's"):
            self.assertEqual(self.run_script("build_script", "true\n")[0], SYSTEM_FAILED)
            self.assertEqual(self.stage("cleanup")[0], 0)
            self.write("setup", "exit 1\n")
            self.assertEqual(self.stage("prepare")[0], SYSTEM_FAILED)
            self.assertEqual(self.vms(), [])


if __name__ == "__main__":
    harness.main()
