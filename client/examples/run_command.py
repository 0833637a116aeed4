#!/usr/bin/python3
"""Runs a command in a VM of its own: creates it, waits for its shell, types, reads, deletes it.

    run_command.py --kernel linux --initrd initrd.gz -- uname -a

Needs python3-grpcio, python3-protobuf, protobuf-compiler and protobuf-compiler-grpc (Debian's names).
"""
import argparse
import glob
import os
import subprocess
import sys
import tempfile

import grpc

PROTO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../proto")


def import_stubs(proto):
    """Generates Python from the protos, into a folder that is gone when this has returned."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["protoc", "-I", proto, f"--python_out={folder}", f"--grpc_python_out={folder}",
                        "--plugin=protoc-gen-grpc_python=/usr/bin/grpc_python_plugin",
                        *glob.glob(os.path.join(proto, "emud/v1/*.proto"))], check=True)
        sys.path.insert(0, folder)
        # pylint: disable=import-outside-toplevel,import-error
        from emud.v1 import console_pb2, console_pb2_grpc, vm_pb2, vm_pb2_grpc
        return console_pb2, console_pb2_grpc, vm_pb2, vm_pb2_grpc


class Shell:
    """A shell on a VM's console."""

    def __init__(self, channel, vm, prompt, timeout):
        self.consoles = console_pb2_grpc.ConsoleServiceStub(channel)
        self.vm, self.timeout = vm, timeout
        self.offset = self.wait(prompt, 0).end_offset

    def wait(self, regex, offset):
        request = console_pb2.WaitForOutputRequest(vm=self.vm, regex=regex, offset=offset)
        request.timeout.FromSeconds(self.timeout)
        return self.consoles.WaitForOutput(request)

    def type(self, text):
        start = console_pb2.AttachRequest.Start(vm=self.vm, offset=self.offset)
        requests = [console_pb2.AttachRequest(start=start), console_pb2.AttachRequest(input=text.encode())]
        for _ in self.consoles.Attach(iter(requests)):
            pass  # the call ends when all has been typed

    def run(self, command):
        """Returns what the command has said, and its exit code."""
        # The echo of what is typed holds no number behind the equals sign.
        self.type(command + "; echo code=$?\n")
        end = self.wait(r"code=(\d+)\r?\n", self.offset)
        log = console_pb2.ReadLogRequest(vm=self.vm, offset=self.offset)
        said = b"".join(output.data for output in self.consoles.ReadLog(log))
        said = said[:end.offset - self.offset].decode(errors="replace").replace("\r", "")
        self.offset = end.end_offset
        return said.partition("\n")[2], int(end.groups[0])  # without the echo


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--endpoint", default=os.environ.get("EMUD_ENDPOINT", "unix:/run/emud/emud.sock"))
    parser.add_argument("--proto", default=PROTO, help="folder that holds emud/v1")
    parser.add_argument("--name", default=f"example-{os.getpid()}")
    parser.add_argument("--kernel", default="")
    parser.add_argument("--initrd", default="")
    parser.add_argument("--firmware", default="")
    parser.add_argument("--cmdline", default="console=ttyS0 rdinit=/bin/sh")
    parser.add_argument("--prompt", default=r"# $", help="regular expression (default: %(default)s)")
    parser.add_argument("--timeout", type=int, default=120, help="seconds for each wait")
    parser.add_argument("command", nargs="+")
    return parser.parse_args()


def main():
    path = lambda given: os.path.abspath(given) if given else ""
    boot = vm_pb2.Boot(kernel=path(args.kernel), initrd=path(args.initrd), firmware=path(args.firmware),
                       cmdline=args.cmdline)
    spec = vm_pb2.VmSpec(machine=vm_pb2.Machine(arch="riscv64", memory_mib=256), boot=boot)
    with grpc.insecure_channel(args.endpoint) as channel:
        vms = vm_pb2_grpc.VmServiceStub(channel)
        try:
            vms.CreateVm(vm_pb2.CreateVmRequest(name=args.name, spec=spec))
        except grpc.RpcError as error:
            sys.exit(f"{error.code().name}: {error.details()}")
        try:
            vms.StartVm(vm_pb2.StartVmRequest(name=args.name))
            said, code = Shell(channel, args.name, args.prompt, args.timeout).run(" ".join(args.command))
            sys.stdout.write(said)
            return code
        except grpc.RpcError as error:
            sys.exit(f"{error.code().name}: {error.details()}")
        finally:
            vms.DeleteVm(vm_pb2.DeleteVmRequest(name=args.name, force=True))


if __name__ == "__main__":
    args = arguments()
    console_pb2, console_pb2_grpc, vm_pb2, vm_pb2_grpc = import_stubs(args.proto)
    sys.exit(main())
