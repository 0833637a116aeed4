"""User networking: a guest gets a lease and names, and reaches the world, but not this host's own.

Runs in namespaces of its own, so that "the world" is an address that is here and is no loopback.
"""
import ctypes
import hashlib
import os
import re
import signal
import socket
import socketserver
import subprocess
import tempfile
import threading
import unittest

import harness
import own_network
from disk_guest import build_initramfs

WORLD, METADATA, LOOPBACK = "192.0.2.1", "169.254.169.254", "127.0.0.1"
DATA = os.urandom(1 << 20) * 4
PORT = 8000

LEASE_SCRIPT = b"""#!/bin/sh
[ "$1" = bound ] || exit 0
ip addr add "$ip/$mask" dev "$interface"
ip route add default via "$router"
echo "nameserver $dns" > /etc/resolv.conf
"""


def replace_resolver_configuration(folder):
    path = os.path.join(folder, "resolv.conf")
    with open(path, "w") as file:
        file.write(f"nameserver {WORLD}\n")
    libc = ctypes.CDLL(None, use_errno=True)
    target = os.path.realpath("/etc/resolv.conf").encode()
    if libc.mount(path.encode(), target, None, 4096, None) != 0:  # MS_BIND
        raise OSError(ctypes.get_errno(), "mount")


class Sender(socketserver.BaseRequestHandler):
    """HTTP/1.0, of one answer."""
    def handle(self):
        self.server.visits += 1
        request = b""
        while b"\r\n\r\n" not in request:
            if not (part := self.request.recv(65536)):
                return
            request += part
        self.request.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(DATA) + DATA)


class Taker(socketserver.BaseRequestHandler):
    def handle(self):
        digest = hashlib.sha256()
        while part := self.request.recv(65536):
            digest.update(part)
        self.server.taken.append(digest.hexdigest())


class NameServer(socketserver.BaseRequestHandler):
    """Every name is the world's address (RFC 1035 s. 4.1); there are no others."""
    def handle(self):
        query, reply = self.request
        end = query.index(b"\0", 12) + 5  # name, type, class
        is_address = query[end - 4:end - 2] == b"\0\1"
        answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton(WORLD) if is_address else b""
        header = query[:2] + b"\x81\x80\0\1" + (b"\0\1" if is_address else b"\0\0") + b"\0\0\0\0"
        reply.sendto(header + query[12:end] + answer, self.client_address)


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = daemon_threads = True
    visits = 0


class NetTest(harness.BootTest):
    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.work.cleanup)
        own_network.give_addresses(WORLD, METADATA)
        replace_resolver_configuration(cls.work.name)
        cls.folder = harness.fetch("fetch-disk-guest", harness.ARCH.name)
        cls.initramfs = os.path.join(cls.work.name, "initramfs")
        build_initramfs(cls.folder, cls.initramfs,
                        files={"lease": LEASE_SCRIPT, "etc/hosts": b"", "www/hello": b"of-the-guest\n"})
        cls.servers = {address: cls.serve(Server((address, PORT), Sender))
                       for address in (WORLD, METADATA, LOOPBACK)}
        cls.taker = cls.serve(Server((WORLD, PORT + 1), Taker))
        cls.taker.taken = []
        cls.serve(socketserver.UDPServer((WORLD, 53), NameServer))

    @classmethod
    def serve(cls, server):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cls.addClassCleanup(server.server_close)
        cls.addClassCleanup(server.shutdown)
        return server

    def start_linux(self, network, *more):
        guest = self.start("--memory", "256M", "--kernel", f"{self.folder}/linux",
                           "--initrd", self.initramfs, "--net", network, *more,
                           "--append", f"console={harness.ARCH.console} quiet")
        guest.wait_for_prompt()
        guest.run("ip link set eth0 up")
        self.assertIn("lease of 10.0.2.15 obtained", guest.run("udhcpc -i eth0 -n -q -s /lease"))
        return guest

    def port_of(self, guest):
        guest.log.seek(0)
        said = guest.log.read().decode()
        return int(re.search(r"forward tcp 127\.0\.0\.1:(\d+) ", said)[1])

    def fetch_from_guest(self, port):
        with socket.create_connection((LOOPBACK, port), timeout=harness.COMMAND_SECONDS) as client:
            client.sendall(b"GET /hello HTTP/1.0\r\n\r\n")
            return b"".join(iter(lambda: client.recv(65536), b""))

    def network_process(self, guest):
        children = subprocess.run(["ps", "-o", "pid=,comm=", "--ppid", str(guest.process.pid)],
                                  check=True, text=True, stdout=subprocess.PIPE).stdout
        return int(re.search(r"(\d+) emu-net", children)[1])

    def use_the_network(self, network, cpus):
        guest = self.start_linux(network, "--forward", "tcp:0:80", "--cpus", str(cpus))
        queues = guest.run("ls /sys/class/net/eth0/queues").split()
        self.assertEqual([f"rx-{n}" in queues for n in range(3)], [n < cpus for n in range(3)])

        with self.subTest("names are found, and data comes as it was sent"):
            sum_of_data = hashlib.sha256(DATA).hexdigest()
            self.assertIn(sum_of_data,
                          guest.run(f"wget -q -O - http://files.example:{PORT}/ | sha256sum"))

        with self.subTest("data goes as it was sent"):
            guest.run(f"wget -q -O /data http://{WORLD}:{PORT}/")
            guest.run(f"nc {WORLD} {PORT + 1} < /data")
            self.assertEqual(self.taker.taken[-1], sum_of_data)

        with self.subTest("nothing of the host's own is reached"):
            for address in (LOOPBACK, METADATA, "10.0.2.2"):
                guest.run(f"ip route add {address} via 10.0.2.2; "
                          f"echo | nc -w 2 {address} {PORT} > /got; cat /got")
                self.assertIn("0 /got", guest.run("wc -c /got"), address)
            self.assertEqual(self.servers[LOOPBACK].visits, 0)
            self.assertEqual(self.servers[METADATA].visits, 0)

        with self.subTest("a forward leads into the guest"):
            guest.run("httpd -p 80 -h /www")
            self.assertIn(b"of-the-guest", self.fetch_from_guest(self.port_of(guest)))

        with self.subTest("the guest outlives its network"):
            os.kill(self.network_process(guest), signal.SIGKILL)
            guest.run("while [ $(cat /sys/class/net/eth0/carrier) = 1 ]; do sleep 0.1; done")
            self.assertIn("on-it-goes", guest.run("echo on-it-goes"))
        self.assert_powers_off(guest)

    def test_a_folder_is_served(self):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            with open(os.path.join(folder, "data"), "wb") as file:
                file.write(DATA)
            os.symlink("/etc/passwd", os.path.join(folder, "link"))
            guest = self.start_linux(f"user,tftp={folder},bootfile=data")
            guest.run("tftp -g -r data 10.0.2.2")
            self.assertIn(hashlib.sha256(DATA).hexdigest(), guest.run("sha256sum data"))
            for name in ("link", "../etc/passwd", "none"):
                with self.subTest(name=name):
                    self.assertIn("status 1", guest.run(f"tftp -g -r {name} -l got 10.0.2.2; "
                                                        "echo status $?"))
            self.assert_powers_off(guest)

    def test_a_guest_on_mmio(self):
        self.use_the_network("user", cpus=1)

    def test_a_guest_on_pci(self):
        self.use_the_network("user,bus=pci", cpus=2)


if __name__ == "__main__":
    own_network.enter_namespaces()
    harness.main()
