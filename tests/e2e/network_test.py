"""Networks of VMs: forwards come and go, and what dies is there again."""
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request

import harness
from harness import wait_for

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "daemon", "image_builder"))
from disk_guest import build_initramfs  # noqa: E402

LARGE_MIB = 64
START = f"""
while [ ! -e /sys/class/net/eth0 ]; do sleep 0.1; done
ip link set eth0 up
ip addr add 10.0.2.15/24 dev eth0
ip route add default via 10.0.2.2
head -c {LARGE_MIB}m /dev/urandom > /www/large
sha256sum /www/large
httpd -p 80 -h /www
echo the-network-is-ready
exec setsid cttyhack sh
"""


class NetworkTest(harness.EmudTest):
    def create(self, *arguments):
        folder = subprocess.run([os.path.join(ROOT, "deploy", "fetch-disk-guest"), "riscv64"], check=True,
                                text=True, stdout=subprocess.PIPE).stdout.split()[-1]
        build_initramfs(folder, self.path("initramfs"), START, {"www/hello": b"of-the-guest\n"})
        self.ok("vm", "create", "a", "--memory", "512M", "--kernel", f"{folder}/linux",
                "--initrd", self.path("initramfs"), "--append", "console=ttyS0 quiet", *arguments,
                "--start")
        self.assertTrue(wait_for(lambda: "the-network-is-ready" in self.console("a"), 240))

    def forwards(self):
        """The port of the host that is open, by what was asked for."""
        listed = json.loads(self.ok("vm", "forward", "list", "a", "-o", "json"))
        return {(forward["wanted"].get("hostPort", 0), forward["wanted"]["guestPort"]):
                forward.get("hostPort", 0)
                for nic in listed.get("nics", []) for forward in nic.get("forwards", [])}

    def hello(self, port):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/hello", timeout=30) as answer:
                return answer.read() == b"of-the-guest\n"
        except OSError:
            return False

    def free_port(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    def test_forwards_outlive_whoever_dies(self):
        self.create("--forward", "tcp:0:80")
        port = self.forwards()[(0, 80)]
        self.assertTrue(self.hello(port))
        nic = lambda: self.get("a")["nics"][0]
        self.assertTrue(wait_for(lambda: nic().get("guestAddress") == "10.0.2.15"))
        self.assertRegex(nic()["mac"], "^[0-9a-f][26ae](:[0-9a-f]{2}){5}$")

        with self.subTest("a download goes on while the daemon is killed and comes again"):
            digest = hashlib.sha256()
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/large", timeout=60) as answer:
                digest.update(answer.read(1 << 20))
                self.emud.kill()
                self.emud.wait()
                digest.update(answer.read(1 << 20))
                self.start_emud()
                while part := answer.read(1 << 20):
                    digest.update(part)
            self.assertIn(digest.hexdigest(), self.console("a"))
            self.assertEqual(self.forwards()[(0, 80)], port)
            self.assertEqual(len(self.network_processes("a")), 1)

        with self.subTest("forwards are added and removed while it runs"):
            other = self.free_port()
            self.ok("vm", "forward", "add", "a", f"tcp:{other}:80")
            self.assertEqual(self.forwards(), {(0, 80): port, (other, 80): other})
            self.assertTrue(self.hello(other))
            self.ok("vm", "forward", "remove", "a", f"tcp:{other}:80")
            self.assertTrue(wait_for(lambda: not self.hello(other)))
            self.assertTrue(self.hello(port))
            self.fails(2, ["no forward"], "vm", "forward", "remove", "a", f"tcp:{other}:80")

        with self.subTest("a network that dies is replaced, with the same port"):
            old, = self.network_processes("a")
            os.kill(old, signal.SIGKILL)
            self.assertTrue(wait_for(lambda: self.network_processes("a") not in ([], [old])))
            self.assertTrue(wait_for(lambda: self.hello(port)))

        with self.subTest("it ends with its VM"):
            self.ok("vm", "stop", "a", "--force")
            self.assertTrue(wait_for(lambda: self.network_processes("a") == []))

    def test_a_folder_to_boot_from_is_served(self):
        os.chmod(self.dir.name, 0o755)
        served = self.path("served")
        os.mkdir(served, 0o755)
        with open(os.path.join(served, "words"), "w") as file:
            file.write("come-from-the-host\n")
        self.create("--net", f"user,tftp={served},bootfile=words")
        self.assertEqual(self.get("a")["spec"]["nics"][0]["bootServer"],
                         {"folder": served, "bootFile": "words"})
        self.ok("console", "send", "a", "tftp -g -r words 10.0.2.2; cat words",
                "--key", "enter")
        self.assertTrue(wait_for(lambda: "come-from-the-host" in self.console("a"), 60))

    def test_specs_of_no_sense_are_refused(self):
        for network, words in (("user,tftp=/none", "spec.nics[0].boot_server.folder"),
                               ("user,bootfile=f", "spec.nics[0].boot_server.folder"),
                               ("user,tftp=/,bootfile=" + "f" * 128, "spec.nics[0].boot_server.boot_file"),
                               ("bridge", "give user")):
            self.fails(2, [words], "vm", "create", "b", "--firmware", self.firmware, "--net", network)
        for forward, field in (("tcp:80:80", "host_port"), ("tcp:8080:0", "guest_port"),
                               ("tcp:localhost:0:80", "host_address")):
            self.fails(2, [f"spec.nics[0].forwards[0].{field}"], "vm", "create", "b",
                       "--firmware", self.firmware, "--forward", forward)
        self.fails(2, ["forwards[1]"], "vm", "create", "b", "--firmware", self.firmware,
                   "--forward", "tcp:8080:80", "--forward", "tcp:8080:81")
        self.fails(2, ["give one like"], "vm", "create", "b", "--forward", "8080:80")


if __name__ == "__main__":
    harness.unittest.main(argv=sys.argv[:1] + sys.argv[5:], verbosity=2)
