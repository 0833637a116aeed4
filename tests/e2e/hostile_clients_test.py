#!/usr/bin/env python3
"""Clients that are slow, dead or hostile harm nobody else."""
import os
import socket
import struct
import unittest

from harness import EmudTest, main, wait_for

try:
    import grpc
except ImportError:
    grpc = None

CLIENTS = 300
WATCHES = 1000
PER_CONNECTION = 50
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"  # RFC 9113 s. 3.4
NO_SETTINGS = b"\0\0\0\4\0\0\0\0\0"  # s. 6.5
TAKES_SETTINGS = b"\0\0\0\4\1\0\0\0\0"
PING = b"\0\0\x08\6\0\0\0\0\0" + bytes(8)  # s. 6.7
LARGEST_GROWTH_KIB = 16 << 10
LONG = os.environ.get("EMU_TEST_LONG") == "1"


def string_field(number, text):
    return bytes([number << 3 | 2, len(text)]) + text.encode()


@unittest.skipUnless(grpc, "python3-grpcio is not installed")
class HostileClientsTest(EmudTest):
    def setUp(self):
        super().setUp()
        self.start("a")
        self.channel = self.connect()
        self.addCleanup(self.channel.close)

    def connect(self):
        # A connection of its own, not one that the library shares.
        return grpc.insecure_channel(self.endpoint, options=[("grpc.use_local_subchannel_pool", 1)])

    def status(self, label):
        with open(f"/proc/{self.emud.pid}/status") as status:
            return int(next(l.split()[1] for l in status if l.startswith(label + ":")))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.emud.pid}/fd"))

    def assert_others_are_served(self):
        get = self.channel.unary_unary("/emud.v1.VmService/GetVm")
        self.assertIn(b"a", get(string_field(1, "a"), timeout=20))
        ticks = self.console("a").count("tick")
        self.assertTrue(wait_for(lambda: self.console("a").count("tick") > ticks))

    def assert_nothing_is_left(self, descriptors, seconds=30):
        # What gRPC keeps for itself, once it has had to, is few.
        self.assertTrue(wait_for(lambda: self.descriptors() <= descriptors + 5, seconds),
                        (self.descriptors(), descriptors))

    def raw(self, *parts):
        """A connection on which `parts` are sent, as far as emud takes them."""
        client = socket.socket(socket.AF_UNIX)
        client.connect(self.endpoint.removeprefix("unix:"))
        client.settimeout(0.2)
        self.addCleanup(client.close)
        try:
            for part in parts:
                client.sendall(part)
        except (TimeoutError, ConnectionError):
            pass  # it has had enough
        return client

    def test_connections_that_say_nothing_or_nonsense(self):
        descriptors = self.descriptors()
        beginnings = [(), (PREFACE[:10],), (PREFACE,), (PREFACE, NO_SETTINGS), (os.urandom(4096),),
                      (PREFACE, NO_SETTINGS, struct.pack(">I", 0xffffff00) + b"\1\4\0\0\0\1"),
                      (PREFACE, NO_SETTINGS, PING * 10_000)]
        clients = [self.raw(*beginnings[number % len(beginnings)]) for number in range(CLIENTS)]
        self.assert_others_are_served()
        for client in clients:
            client.close()
        self.assert_nothing_is_left(descriptors)

    @unittest.skipUnless(LONG, "it takes a minute and a half")
    def test_a_peer_that_answers_no_ping_is_given_up(self):
        descriptors = self.descriptors()
        for _ in range(20):
            self.raw(PREFACE, NO_SETTINGS, TAKES_SETTINGS)
        self.assertTrue(wait_for(lambda: self.descriptors() >= descriptors + 20))
        self.assert_nothing_is_left(descriptors, 150)

    def test_a_message_that_is_too_large_is_refused(self):
        create = self.channel.unary_unary("/emud.v1.VmService/CreateVm")
        with self.assertRaises(grpc.RpcError) as refused:
            create(bytes(8 << 20), timeout=20)
        self.assertEqual(refused.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.assert_others_are_served()

    def test_streams_that_are_cancelled_leave_nothing(self):
        def cancel_all():
            for _ in range(WATCHES):
                self.channel.unary_stream("/emud.v1.VmService/WatchVms")(b"").cancel()
            self.assert_others_are_served()
        cancel_all()
        threads, memory = self.status("Threads"), self.status("VmRSS")
        cancel_all()
        self.assertTrue(wait_for(lambda: self.status("Threads") <= threads + 10, 30))
        self.assertLess(self.status("VmRSS"), memory + LARGEST_GROWTH_KIB)

    def test_a_thousand_watches_are_all_told(self):
        threads, descriptors = self.status("Threads"), self.descriptors()
        channels = [self.connect() for _ in range(WATCHES // PER_CONNECTION)]
        watches = [channel.unary_stream("/emud.v1.VmService/WatchVms")(b"")
                   for channel in channels for _ in range(PER_CONNECTION)]
        for watch in watches:
            next(watch)  # the VM
            next(watch)  # SYNCED
        self.assertLess(self.status("Threads"), threads + 100)
        self.ok("vm", "update", "a", "--label", "seen=by-all")
        for watch in watches:
            self.assertIn(b"by-all", next(watch))
        self.assert_others_are_served()
        for channel in channels:
            channel.close()
        self.assert_nothing_is_left(descriptors)


if __name__ == "__main__":
    main()
