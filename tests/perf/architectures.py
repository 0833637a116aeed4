"""What the measurement has to know of a guest's architecture."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Architecture:
    name: str
    triple: str  # of the cross compiler
    compiler_flags: tuple
    console: str
    firmware: str  # that starts a kernel; empty: it starts by itself
    qemu_machine: str
    qemu_cpus: tuple  # the faster one counts; empty: put together from the extensions that our guest sees
    reset_address: int  # where a firmware without a kernel begins


ARCHITECTURES = {arch.name: arch for arch in (
    # Sv39 on both sides, whatever more they have.
    Architecture("riscv64", "riscv64-linux-gnu", ("-march=rv64gc",), "ttyS0 no4lvl",
                 "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin", "virt", (),
                 0x80000000),
    Architecture("aarch64", "aarch64-linux-gnu", ("-march=armv8-a",), "ttyAMA0", "",
                 "virt,gic-version=3", ("max", "cortex-a72"), 0),
)}
