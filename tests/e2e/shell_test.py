#!/usr/bin/env python3
"""What is made from the table of commands: help, completion, manual pages, suggestions."""
import glob
import os
import shutil
import subprocess
import unittest

from harness import EMUCTL, EMUD, FIRMWARE, EmudTest, Terminal, main


def needs(program):
    return unittest.skipUnless(shutil.which(program), f"{program} is not installed")


class ShellTest(EmudTest):
    def setUp(self):
        super().setUp()
        self.ok("vm", "create", "web1", "--firmware", FIRMWARE)
        self.environment = {"EMUD_ENDPOINT": self.endpoint, "HOME": self.dir.name, "TERM": "xterm",
                            "PATH": os.path.dirname(EMUCTL) + ":" + os.environ["PATH"]}

    def script(self, shell):
        return self.write("completion", self.ok("completion", shell))

    def output(self, *command):
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30,
                              env={**os.environ, **self.environment}).stdout

    def check(self, complete):
        """`complete` gets the words of a line and answers with what its last may be."""
        self.assertEqual(complete("cons"), ["console"])
        self.assertEqual(sorted(complete("vm", "st")), ["start", "stats", "stop"])
        self.assertEqual(complete("vm", "create", "--mem"), ["--memory"])
        self.assertEqual(complete("vm", "list", "--end"), ["--endpoint"])  # of the one above
        self.assertEqual(complete("vm", "start", "we"), ["web1"])
        self.assertEqual(complete("console", "we"), ["web1"])
        self.assertEqual(complete("vm", "list", "-o", "y"), ["yaml"])
        self.assertEqual(complete("-o", "json", "vm", "qq"), [])
        self.assertEqual(complete("-o", "json", "vm", "res"), ["resume", "reset"])
        kernel = self.write("vmlinux", "")
        self.assertEqual(complete("vm", "create", "--kernel", kernel[:-3]), [kernel])

    def test_bash_completes_verbs_options_values_and_names(self):
        script = self.script("bash")

        def complete(*words):
            given = " ".join(f"'{word}'" for word in ("emuctl", *words))
            return self.output("bash", "-c", f"load() {{ . '{script}'; }}; load; COMP_WORDS=({given}); "
                               f"COMP_CWORD={len(words)}; _emuctl; echo ${{COMPREPLY[@]}}").split()
        self.check(complete)
        self.assertEqual(complete("vm", "list", "--output", "=", "y"), ["yaml"])
        self.environment["EMUD_ENDPOINT"] = "unix:/nowhere"
        self.environment["COMP_LINE"] = f"emuctl --endpoint {self.endpoint} vm start we"
        self.assertEqual(complete("--endpoint", "unix", ":", self.endpoint[5:], "vm", "start", "we"),
                         ["web1"])
        self.assertEqual(complete("--endpoint", "unix", ":", "/x", "vm", "cre"), ["create"])
        # Readline cuts names of images at their colons.
        self.image()
        for words, reply in ((("image", "get", "deb"), "debian:13/riscv64"),
                             (("image", "get", "debian", ":", "13"), "13/riscv64"),
                             (("image", "get", "debian", ":"), "13/riscv64"),
                             (("vm", "create", "--image", "debian", ":", "1"), "13/riscv64")):
            line = f"emuctl --endpoint {self.endpoint} " + " ".join(words).replace(" :", ":")
            self.environment["COMP_LINE"] = line.replace(": ", ":")
            self.environment["COMP_POINT"] = str(len(self.environment["COMP_LINE"]))
            self.assertEqual(complete(*words), [reply])

    @needs("fish")
    def test_fish_completes_verbs_options_values_and_names(self):
        script = self.script("fish")

        def complete(*words):
            lines = self.output("fish", "--no-config", "-c",
                                f"source {script}; complete -C 'emuctl {' '.join(words)}'")
            found = [line.partition("\t")[0] for line in lines.splitlines()]
            return sorted(found, key=["resume", "reset"].index) if "reset" in found else found
        self.check(complete)
        self.environment["EMUD_ENDPOINT"] = "unix:/nowhere"
        self.assertEqual(complete("--endpoint", self.endpoint, "vm", "start", "we"), ["web1"])
        self.image()
        self.assertEqual(complete("--endpoint", self.endpoint, "image", "get", "deb"),
                         ["debian:13/riscv64"])

    def image(self):
        self.ok("image", "import", self.write("disk", bytes(4096)), "--name", "debian:13/riscv64")

    @needs("zsh")
    def test_zsh_completes_verbs_options_and_names(self):
        for load in [f"compinit -u -D; source {self.script('zsh')}",
                     f"fpath+=({self.dir.name}/functions); compinit -u -D"]:
            os.makedirs(self.path("functions"), exist_ok=True)
            self.write("functions/_emuctl", self.ok("completion", "zsh"))
            with self.subTest(load=load):
                self.check_zsh(load)

    def check_zsh(self, load):
        zsh = Terminal("zsh", "-f", "-i", **self.environment)
        # ^G shows the line and empties it.
        zsh.type("show() { print -r \"<$BUFFER>\"; BUFFER=; }; zle -N show; bindkey '^G' show; "
                 f"autoload -Uz compinit; {load}; echo lo''aded\n")
        self.assertTrue(zsh.shows("loaded"), zsh.text)
        for typed, completed in [("emuctl cons", "console"), ("emuctl vm sto", "stop"),
                                 ("emuctl vm create --mem", "--memory"),
                                 ("emuctl vm list --end", "--endpoint"),
                                 ("emuctl vm start we", "web1"), ("emuctl console we", "web1"),
                                 ("emuctl -o json vm list -o y", "yaml")]:
            with self.subTest(typed=typed):
                zsh.type(typed + "\t\x07")
                line = f"<{typed.rpartition(' ')[0]} {completed} >"
                self.assertTrue(zsh.shows(line), zsh.text)
        # Of the daemon that the line is about.
        zsh.type("export EMUD_ENDPOINT=unix:/nowhere\n")
        typed = f"emuctl --endpoint {self.endpoint} vm start"
        zsh.type(typed + " we\t\x07")
        self.assertTrue(zsh.shows(f"<{typed} web1 >"), zsh.text)
        zsh.type("exit\n")
        zsh.shows("exit")
        zsh.code()

    @needs("man")
    def test_manual_pages_are_whole_and_well_formed(self):
        self.ok("man", "--into", self.dir.name)
        self.write("emud.8", subprocess.run([EMUD, "--man"], capture_output=True, check=True,
                                            timeout=10).stdout)
        pages = glob.glob(self.path("*.[18]"))
        self.assertIn(self.path("emuctl-vm.1"), pages)
        self.assertIn(self.path("emuctl.1"), pages)
        text = self.output("man", "-l", self.path("emud.8"))
        for words in ["emud - serves virtual machines", "--metrics-listen", "/etc/emud/emud.yaml"]:
            self.assertIn(words, text)
        for page in pages:
            with self.subTest(page=os.path.basename(page)):
                result = subprocess.run(["man", "--warnings", "-l", page], capture_output=True,
                                        text=True, timeout=30,
                                        env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "120"})
                self.assertEqual((result.returncode, result.stderr), (0, ""))
        text = self.output("man", "-l", self.path("emuctl-vm.1"))
        for words in ["emuctl-vm - Make, show and move VMs", "emuctl vm create [OPTION]... [NAME]",
                      "--force", "table|wide|json|yaml|name"]:
            shown = self.output("man", "-l", self.path("emuctl.1")) if "|" in words else text
            self.assertIn(words, shown)
        with open(self.path("emuctl-vm.1"), encoding="utf-8") as page:
            self.assertEqual(self.ok("man", "vm"), page.read())
        self.fails(3, ["no page nothing", "emuctl-vm"], "man", "nothing")

    def test_a_typo_gets_a_suggestion(self):
        self.fails(2, ["strat is no command", "Did you mean 'start'?"], "vm", "strat", "web1")
        self.fails(2, ["Did you mean 'console'?"], "consle", "web1")
        self.fails(2, ["Did you mean '--force'?", "emuctl vm stop --help"],
                   "vm", "stop", "web1", "--forse")
        self.fails(2, ["Did you mean '--output'?"], "vm", "list", "--ouput=json")
        result = self.ctl("vm", "delete", "web1")
        self.assertNotIn("Did you mean", result.stderr)

    def test_help_teaches_by_example(self):
        seen = []

        def walk(*command):
            seen.append(" ".join(command))
            text = self.ok(*command, "--help")
            with self.subTest(command=command):
                # An example of this very command, not of the one above.
                self.assertRegex(text, r"Examples?:\n(.*\n)*?  .*" + " ".join(["emuctl", *command]))
            for line in text.partition("Subcommands:\n")[2].partition("\n\n")[0].splitlines():
                walk(*command, line.split()[0])
        walk()
        for command in ["vm create", "vm rm", "console", "host info", "completion bash", "version"]:
            self.assertIn(command, seen)


if __name__ == "__main__":
    main()
