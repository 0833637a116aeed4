#!/usr/bin/python3
"""What a Debian of ours must be good for, from the image to a reboot.

    deploy/acceptance.py --emuctl FILE --arch riscv64|aarch64 --vm NAME --pid-file FILE -- EMUD ARGUMENT...

EMUD_ENDPOINT says where the daemon listens; in the middle of a download it is killed, and started by what
follows --. Leaves the image and no VM. Says on standard output what it is at; exits 1, and says why, when
something is not as it should be.
"""
import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

SECONDS = 5400  # a guest on a loaded host; nothing waits this long where all is well
PROGRAM = r"""#include <stdio.h>
int main(void) { printf("%d bits\n", (int)sizeof(void *) * 8); return 0; }
"""


class Failed(Exception):
    pass


def wait_for(condition, what):
    end = time.monotonic() + SECONDS
    while not condition():
        if time.monotonic() > end:
            raise Failed(f"{what} did not come true in {SECONDS} s")
        time.sleep(1)


class Guest:
    """A VM `name` of the image `image`, who logs in by a key of its own."""

    def __init__(self, emuctl, name, image, folder):
        self.emuctl = emuctl
        self.name = name
        self.image = image
        self.key = os.path.join(folder, f"key-{name}")

    def control(self, *words, **options):
        """emuctl's standard output."""
        return subprocess.run([self.emuctl, *words], check=True, text=True, stdout=subprocess.PIPE,
                              **options).stdout

    def start(self, *flags):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key], check=True)
        self.control("vm", "create", self.name, "--image", self.image + ",size=8G", "--ssh-key",
                     self.key + ".pub", "--forward", "tcp:0:22", *flags, "--start")

    def remove(self):
        subprocess.run([self.emuctl, "vm", "rm", self.name, "--force"], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def vm(self):
        return json.loads(self.control("vm", "get", self.name, "-o", "json"))

    def console(self):
        return self.control("console", self.name, "--log", errors="replace", stderr=subprocess.DEVNULL)

    def command(self, text):
        port = self.vm()["nics"][0]["forwards"][0].get("hostPort", 0)
        return ["ssh", "-i", self.key, "-p", str(port), "-o", "StrictHostKeyChecking=no", "-o",
                "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=60", "-o",
                "BatchMode=yes", "debian@127.0.0.1", text]

    def ssh(self, text):
        """What a shell in the guest prints that runs `text`."""
        result = subprocess.run(self.command(text), capture_output=True, text=True)
        if result.returncode != 0:
            raise Failed(f"{text!r} in the guest: {result.returncode}\n{result.stdout}{result.stderr}")
        return result.stdout

    def answers(self, text="true"):
        """Whether that comes true in the guest, which must run."""
        if (state := self.vm()["state"]) != "RUNNING":
            raise Failed(f"{self.name} is {state}")
        return subprocess.run(self.command(text), stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode == 0

    def wait_until_ready(self):
        wait_for(self.answers, f"a login at {self.name}")
        wait_for(lambda: self.answers("cloud-init status | grep -q '^status: done'"), "cloud-init's end")

    def boot_id(self):
        return self.ssh("cat /proc/sys/kernel/random/boot_id")


def download(guest, restart_emud, say):
    """Installs what builds programs; emud is killed in the middle of it."""
    with subprocess.Popen(guest.command("sudo DEBIAN_FRONTEND=noninteractive apt-get install -y "
                                        "python3 gcc libc6-dev 2>&1"), text=True,
                          stdout=subprocess.PIPE) as apt:
        said = []
        is_restarted = False
        for line in apt.stdout:
            said.append(line)
            if line.startswith("Get:") and not is_restarted:
                say("a package comes: emud is killed, and started again")
                restart_emud()
                is_restarted = True
    if apt.returncode != 0 or not is_restarted:
        raise Failed(f"apt-get: {apt.returncode}, emud restarted: {is_restarted}\n{''.join(said[-40:])}")


def accept(guest, restart_emud, say):
    """From an image to a guest that one works with. The VM is left, powered off."""
    say(f"creating and starting {guest.name}")
    guest.start("--hostname", guest.name)
    say("waiting for the guest: systemd, cloud-init, sshd")
    guest.wait_until_ready()
    if f"{guest.name} login:" not in guest.console():
        raise Failed(f"no login prompt at the console:\n{guest.console()[-4000:]}")
    say("logged in by ssh: " + guest.ssh("uname -srm").strip())
    say("apt-get update, install python3, gcc")
    guest.ssh("sudo apt-get update 2>&1")
    download(guest, restart_emud, say)
    guest.ssh(f"cat > p.c <<'END'\n{PROGRAM}END\ngcc -O2 -o p p.c && sync")
    expected = "64 bits\n4\n"
    if (printed := guest.ssh("./p && python3 -c 'print(2 + 2)'")) != expected:
        raise Failed(f"the guest's programs print {printed!r}")
    say("a C program is built and runs; rebooting")
    before = guest.boot_id()
    subprocess.run(guest.command("sudo reboot"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: guest.answers(f"! grep -q {before.strip()} /proc/sys/kernel/random/boot_id"),
             "another boot")
    if guest.ssh("./p && python3 -c 'print(2 + 2)'") != expected:
        raise Failed("what was installed is not there after the reboot")
    say("what was installed is there after the reboot; powering off")
    subprocess.run(guest.command("sudo poweroff"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: guest.vm()["state"] == "STOPPED", "power-off")


class Daemon:
    """An emud, whose process a file names."""

    def __init__(self, emuctl, pid_file, command):
        self.emuctl = emuctl
        self.pid_file = pid_file
        self.command = command

    def restart(self):
        with open(self.pid_file) as file:
            pid = int(file.read())
        with open(f"/proc/{pid}/cmdline") as file:
            if file.read().split("\0")[0] != self.command[0]:
                raise Failed(f"{self.pid_file} names another program than emud")
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not self.answers(), "emud's end")
        with open(os.path.splitext(self.pid_file)[0] + ".log", "a") as log:
            emud = subprocess.Popen(self.command, stdout=log, stderr=log, start_new_session=True)
        with open(self.pid_file, "w") as file:
            file.write(f"{emud.pid}\n")
        wait_for(self.answers, "emud")

    def answers(self):
        return subprocess.run([self.emuctl, "host", "info"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode == 0


def main():
    parser = argparse.ArgumentParser()
    for name in ("--emuctl", "--arch", "--vm", "--pid-file"):
        parser.add_argument(name, required=True)
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    begun = time.monotonic()

    def say(text):
        print(f"[{time.monotonic() - begun:6.0f} s] {text}", flush=True)

    image = f"debian:13/{arguments.arch}"
    daemon = Daemon(arguments.emuctl, arguments.pid_file, arguments.command)
    with tempfile.TemporaryDirectory() as folder:
        guest = Guest(arguments.emuctl, arguments.vm, image, folder)
        guest.remove()
        try:
            if image in guest.control("image", "list", "-o", "name").split():
                say(f"{image} is there already")
            else:
                say(f"pulling {image}: its packages are fetched, and installed in a guest")
                subprocess.run([arguments.emuctl, "image", "pull", image], check=True)
            accept(guest, daemon.restart, say)
        except (Failed, subprocess.CalledProcessError) as problem:
            with contextlib.suppress(subprocess.CalledProcessError):
                print(guest.console()[-4000:], file=sys.stderr)
            sys.exit(f"acceptance: {problem}")
        finally:
            guest.remove()
    say("all is as it should be")


if __name__ == "__main__":
    main()
