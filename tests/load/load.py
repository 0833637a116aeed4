"""How emud does with many VMs: answers per second while it knows many, and what it costs while they
run. Prints a table beside the floors."""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "daemon", "image_builder"))
from clones import Clones  # noqa: E402
from initramfs import Initramfs  # noqa: E402
from processes import cpu_seconds, mib_of  # noqa: E402
from table import say  # noqa: E402

READS_PER_SECOND = 2000
CHANGES_PER_SECOND = 50
ALONE, BOOTED = 200, 40  # guests: bare metal, and Debian's kernel
INIT = """#!/bin/busybox sh
/bin/busybox echo the shell is here
exec /bin/busybox setsid -c /bin/busybox sh
"""


class Daemon:
    """An emud of the benchmark's own, in a folder of its own."""

    def __init__(self, build, folder):
        self.emuctl = os.path.join(build, "client", "emuctl")
        self.endpoint = "unix:" + os.path.join(folder, "emud.sock")
        with open(os.path.join(folder, "emud.log"), "w") as log:
            self.process = subprocess.Popen(
                [os.path.join(build, "daemon", "emud"), "--state-dir", os.path.join(folder, "state"),
                 "--listen", self.endpoint, "--emu-vm",
                 os.path.join(build, "vmm", "process", "emu-vm")], stderr=log)
        while self.ctl("vm", "list").returncode != 0:
            if self.process.poll() is not None:
                sys.exit("emud does not run: see its log in " + folder)
            time.sleep(0.05)

    def ctl(self, *args):
        return subprocess.run([self.emuctl, "--endpoint", self.endpoint, *args], text=True,
                              capture_output=True)

    def ok(self, *args):
        result = self.ctl(*args)
        if result.returncode != 0:
            sys.exit(f"emuctl {' '.join(args)}: {result.stderr}")
        return result.stdout

    def vms(self):
        return json.loads(self.ok("vm", "list", "-o", "json")).get("vms", [])

    def remove_all(self):
        for vm in self.vms():
            self.ok("vm", "rm", vm["name"], "--force")

    def end(self):
        self.remove_all()
        self.process.terminate()
        self.process.wait()


def measure_answers(daemon, build, seconds):
    load = os.path.join(build, "tests", "load", "emu_api_load")
    for call, rate, limit in (("get", READS_PER_SECOND, 5), ("list", READS_PER_SECOND, 5),
                              ("update", CHANGES_PER_SECOND, 40)):
        run = subprocess.run([load, daemon.endpoint, call, str(rate), str(seconds)], text=True,
                             stdout=subprocess.PIPE, check=True)
        result = json.loads(run.stdout)
        say(f"{call}, {rate}/s asked, {result['per_second']}/s answered: p50",
            f"{result['p50']:.2f} ms", "")
        say("    p99", f"{result['p99']:.2f} ms", f"<= {limit} ms")


def pack_initramfs(guest, path):
    initramfs = Initramfs()
    initramfs.add_console()
    initramfs.add_directory("bin")
    with open(os.path.join(guest, "busybox"), "rb") as busybox:
        initramfs.add_file("bin/busybox", busybox.read())
    initramfs.add_file("init", INIT.encode())
    initramfs.write(path)


def measure_guests(daemon, guest, initramfs, seconds):
    print("starting the guests", flush=True)
    begin = time.monotonic()
    for number in range(ALONE):
        daemon.ok("vm", "start", f"alone{number}")
    for number in range(BOOTED):
        daemon.ok("vm", "create", f"booted{number}", "--memory", "128M", "--code-cache-mib", "16",
                  "--kernel", os.path.join(guest, "linux"),
                  "--initrd", initramfs, "--append", "console=ttyS0", "--start")
    for number in range(BOOTED):
        daemon.ok("console", "wait", f"booted{number}", "the shell is here", "--timeout", "900s")
    say(f"{ALONE} + {BOOTED} guests started", f"{time.monotonic() - begin:.0f} s", "")
    time.sleep(5)
    before = cpu_seconds(daemon.process.pid)
    time.sleep(seconds)
    share = (cpu_seconds(daemon.process.pid) - before) / seconds
    say(f"emud, {ALONE} + {BOOTED} guests running: of one processor", f"{share:.2%}", "< 5 %")
    say("    memory (Pss)", f"{mib_of(daemon.process.pid, 'Pss:'):.0f} MiB", "< 150 MiB")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, help="a Release build")
    parser.add_argument("--guest", required=True, help="what deploy/fetch-disk-guest printed")
    parser.add_argument("--waiter", required=True, help="firmware of the bare-metal guests")
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement")
    parser.add_argument("--only", choices=("answers", "guests", "clones"))
    parser.add_argument("--clones", type=int, default=500, help="how many stay (default 500)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        daemon = Daemon(options.build, folder)
        try:
            initramfs = os.path.join(folder, "initramfs")
            pack_initramfs(options.guest, initramfs)
            if options.only != "clones":
                for number in range(ALONE):
                    daemon.ok("vm", "create", f"alone{number}", "--firmware", options.waiter,
                              "--memory", "64M")
            if options.only in (None, "answers"):
                measure_answers(daemon, options.build, options.seconds)
            if options.only in (None, "guests"):
                measure_guests(daemon, options.guest, initramfs, options.seconds * 3)
            if options.only in (None, "clones"):
                daemon.remove_all()
                clones = Clones(daemon, options.build)
                clones.boot(options.guest, initramfs)
                clones.measure_forks(options.seconds)
                clones.measure_pool(options.seconds)
                clones.measure_idle(options.clones, options.seconds * 3)
        finally:
            daemon.end()


if __name__ == "__main__":
    main()
