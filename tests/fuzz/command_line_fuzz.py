#!/usr/bin/env python3
"""Command lines of emuctl, emud and emu-vm, and emud's configuration, with mistakes in them: each is
answered with an exit code and, if it is an error, with words; nothing crashes or hangs.

  command_line_fuzz.py EMUCTL EMUD EMU_VM     EMU_SEED=N, EMU_FUZZ_SECONDS=S
"""
import os
import random
import subprocess
import sys
import tempfile
import time

EMUCTL, EMUD, EMU_VM = (os.path.abspath(path) for path in sys.argv[1:4])
SEED = int(os.environ.get("EMU_SEED", "1"))
SECONDS = float(os.environ.get("EMU_FUZZ_SECONDS", "5"))

LINES = [
    (EMUCTL, "vm create web --memory 512M --cpus 2 --kernel linux --append console=ttyS0 --start"),
    (EMUCTL, "vm list --filter state=RUNNING -o json"),
    (EMUCTL, "vm get web -o yaml"),
    (EMUCTL, "vm update web --set spec.lifecycle.protected=true"),
    (EMUCTL, "vm wait web --state STOPPED --timeout 1s"),
    (EMUCTL, "vm rm web --force"),
    (EMUCTL, "console web --log"),
    (EMUCTL, "console wait web login: --timeout 1s"),
    (EMUCTL, "debug mem web 0x80000000 64"),
    (EMUCTL, "api call emud.v1.VmService/GetVm -d {}"),
    (EMUCTL, "completion bash"),
    (EMUD, "--check-config --state-dir DIR/state --listen unix:DIR/socket"),
    (EMU_VM, "run --arch riscv64 --memory 64M --cpus 1 --firmware DIR/absent --gdb DIR/gdb,wait"),
]
CONFIG = ("stateDir: DIR/state\nlisten: unix:DIR/socket\nlogLevel: info\nrequireSandbox: false\n"
          "listenGroup: \"\"\n")
TOKENS = ["", "-", "--", "-o", "=", "%s", "\udcff", "-1", "99999999999999999999", "0x", ",", "{", "\n",
          "é", "A" * 5000, "--help", "'", "&a [*a]", "!!binary", "\t", "<<: *a"]


def mutate_text(rng, text):
    at = rng.randrange(len(text) + 1)
    return rng.choice([
        lambda: text[:at] + text[at + rng.randrange(1, 5):],
        lambda: text[:at] + rng.choice(TOKENS) + text[at:],
        lambda: text[:at] + chr(rng.randrange(1, 0x250)) + text[at + 1:],
        lambda: text[:at] + text[rng.randrange(len(text) + 1):],
    ])()


def mutate_words(rng, words):
    words = list(words)
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(words) + 1)
        action = rng.randrange(4)
        if action == 0 and words:
            del words[at % len(words)]
        elif action == 1:
            words.insert(at, rng.choice(TOKENS))
        elif action == 2 and words:
            words.insert(at, rng.choice(words))
        elif words:
            words[at % len(words)] = mutate_text(rng, words[at % len(words)])
    return [word.replace("\0", "") for word in words]


def run(folder, words, config):
    result = subprocess.run(
        words, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
        env={"EMUD_ENDPOINT": f"unix:{folder}/nobody", "PATH": os.environ["PATH"], "HOME": folder})
    if not 0 <= result.returncode < 126:
        sys.exit(f"EMU_SEED={SEED}: {words} with {config!r}: exit code {result.returncode}\n"
                 f"{result.stderr.decode(errors='replace')[-2000:]}")
    if result.returncode != 0 and not result.stderr:
        sys.exit(f"EMU_SEED={SEED}: {words}: exit code {result.returncode} without a word")


def main():
    print(f"EMU_SEED={SEED}", flush=True)
    rng = random.Random(SEED)
    tried = 0
    end = time.monotonic() + SECONDS
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < end:
            program, line = rng.choice(LINES)
            words = mutate_words(rng, line.replace("DIR", folder).split())
            config = ""
            if program == EMUD:
                config = mutate_text(rng, CONFIG.replace("DIR", folder))
                with open(os.path.join(folder, "emud.yaml"), "w", errors="surrogateescape") as file:
                    file.write(config)
                # Never without: it would serve.
                words = ["--config", "emud.yaml", "--check-config"] + rng.choice([[], words])
                if "--" in words:
                    continue
            run(folder, [program, *words], config)
            tried += 1
    print(tried, "command lines")


main()
