"""A network of a program's own, in namespaces: addresses that are here and are no loopback."""
import fcntl
import os
import socket
import struct
import sys

SIOCSIFADDR, SIOCSIFFLAGS, IFF_UP_RUNNING = 0x8916, 0x8914, 0x41


def enter_namespaces():
    """Runs this program once more, inside."""
    if os.environ.get("EMU_TEST_INSIDE") == "1":
        return
    os.environ["EMU_TEST_INSIDE"] = "1"
    os.execvp("unshare", ["unshare", "--user", "--map-root-user", "--net", "--mount",
                          sys.executable, *sys.argv])


def give_addresses(*addresses):
    """Loopback's own, and others that mean something else."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP_RUNNING))
        for index, address in enumerate(addresses):
            fcntl.ioctl(control, SIOCSIFADDR,
                        struct.pack("16sHH4s8x", b"lo:%d" % index, socket.AF_INET, 0,
                                    socket.inet_aton(address)))
