"""The control socket of a VM process, as far as tests speak to it beside emud."""
import array
import os
import socket

SEQ = 77
# vm.v1.ControlMessage with that seq and request.snapshot {}.
SNAPSHOT = bytes([0x08, SEQ, 0x12, 3, 0x8a, 1, 0])


def fields(message):
    """Of a protobuf message: number and value, bytes for what has a length; the last one counts."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7f) << shift
            shift += 7
            if byte < 0x80:
                return value
    found = {}
    while at < len(message):
        tag = varint()
        value = varint()
        if tag & 7 == 2:
            value, at = message[at:at + value], at + value
        found[tag >> 3] = value
    return found


def snapshot(vm_folder, *files):
    """What the VM answers whose folder that is: the fields of vm.v1.Response."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as control:
        control.settimeout(120)
        # A path of a socket is short.
        folder = os.open(vm_folder, os.O_RDONLY)
        control.connect(f"/proc/self/fd/{folder}/ctl")
        os.close(folder)
        descriptors = array.array("i", [file.fileno() for file in files])
        control.sendmsg([SNAPSHOT], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])
        while True:
            message = fields(control.recv(1 << 16))
            if message.get(1) == SEQ and 3 in message:
                return fields(message[3])
