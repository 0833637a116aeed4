"""What each program links: emud no translator and no devices, emu-vm no gRPC.

  check_binaries.py EMUD EMU_VM
"""
import subprocess
import sys


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main():
    emud, emu_vm = sys.argv[1:3]
    # Static libraries leave no name behind but those of their functions.
    symbols = {program: output("nm", "--demangle", program) for program in (emud, emu_vm)}
    libraries = output("ldd", emu_vm)
    problems = [f"emud holds {word}" for word in ("emu::translator::", "emu::virtio::", "emu::Machine::")
                if word in symbols[emud]]
    problems += [f"emu-vm links {word}" for word in ("grpc", "libssl", "libsqlite3")
                 if word in libraries]
    problems += [f"emu-vm holds {word}" for word in ("grpc::", "emud::v1::")
                 if word in symbols[emu_vm]]
    # The check itself: these are known to be there.
    problems += [f"{name} shows no {word}: is it stripped?"
                 for name, program, word in (("emud", emud, "grpc::"),
                                             ("emu-vm", emu_vm, "emu::Machine::"))
                 if word not in symbols[program]]
    print("\n".join(problems))
    sys.exit(1 if problems else 0)


main()
