"""The check finds what it is for: each forbidden direction, once."""
import os
import unittest

import check_includes

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "allowed_includes.txt")) as file:
    RULES = check_includes.Rules(file.read())


def problems(path, *headers):
    text = "".join(f'#include "{header}"\n' for header in headers)
    return check_includes.check_file(RULES, path, text)


class CheckIncludesTest(unittest.TestCase):
    def test_forbidden_directions_are_found(self):
        for path, header in (
                ("vmm/base/log.cc", "devices/core/device.h"),
                ("devices/virtio/block.cc", "translator/vcpu.h"),
                ("devices/core/device.h", "devices/virtio/queue.h"),
                ("translator/runtime/world.cc", "devices/core/device.h"),
                ("translator/ir/builder.cc", "translator/guest/guest_isa.h"),
                ("translator/guest/riscv64/decoder.cc", "translator/host/host_backend.h"),
                ("translator/guest/riscv64/decoder.cc", "translator/guest/aarch64/decoder.h"),
                ("translator/host/x86_64/backend.cc", "translator/guest/riscv64/cpu_state.h"),
                ("translator/host/x86_64/backend.cc", "translator/memory/soft_tlb.h"),
                ("translator/host/x86_64/backend.cc", "translator/host/aarch64/backend.h"),
                ("translator/host/fault_sites.cc", "translator/host/x86_64/backend.h"),
                ("translator/runtime/vm_vcpu.cc", "translator/guest/riscv64/guest_riscv64.h"),
                ("translator/runtime/vm_vcpu.cc", "translator/host/x86_64/backend.h"),
                ("vmm/machine/machine.cc", "translator/runtime/vm_vcpu.h"),
                ("vmm/machine/machine.cc", "vmm/process/io_loop.h"),
                ("vmm/process/run_vm.cc", "daemon/server.h"),
                ("vmm/process/run_vm.cc", "emud/v1/vm.pb.h"),
                ("vmm/process/run_vm.cc", "grpcpp/grpcpp.h"),
                ("daemon/server.cc", "vmm/base/guest_memory.h"),
                ("daemon/server.cc", "devices/core/device.h"),
                ("daemon/server.cc", "asmjit/x86.h"),
                ("client/main.cc", "vmm/base/log.h"),
                ("client/main.cc", "vm/v1/vm_control.pb.h"),
        ):
            with self.subTest(path=path, header=header):
                self.assertEqual(problems(path, header), [f"{path}:1: may not include {header}"
                                                          .replace(" vm/v1", " proto/vm/v1")
                                                          .replace(" emud/v1", " proto/emud/v1")])

    def test_allowed_directions_pass(self):
        for path, header in (
                ("devices/virtio/block.cc", "devices/backend/raw_disk.h"),
                ("translator/guest/guest_isas.cc", "translator/guest/riscv64/guest_riscv64.h"),
                ("translator/guest/riscv64/decoder.cc", "translator/guest/riscv64/encodings.h"),
                ("translator/host/host_backends.cc", "translator/host/x86_64/backend.h"),
                ("translator/host/x86_64/backend.cc", "asmjit/x86.h"),
                ("translator/runtime/vm_vcpu.cc", "translator/host/host_backend.h"),
                ("vmm/process/run_vm.cc", "vm/v1/vm_control.pb.h"),
                ("daemon/store/state_store.cc", "daemon/errors.h"),
                ("daemon/server.cc", "absl/status/status.h"),
        ):
            with self.subTest(path=path, header=header):
                self.assertEqual(problems(path, header), [])

    def test_a_folder_without_a_row_is_found(self):
        self.assertEqual(problems("shaders/a.cc"),
                         ["shaders/a.cc: its folder has no row in allowed_includes.txt"])

    def test_long_files_and_readmes_are_found(self):
        self.assertTrue(check_includes.check_file(RULES, "daemon/a.cc", "\n" * 601))
        self.assertFalse(check_includes.check_file(RULES, "daemon/a.cc", "\n" * 600))
        self.assertTrue(check_includes.check_file(RULES, "daemon/README.md", "\n" * 61))

    def test_a_folder_without_a_readme_is_found(self):
        paths = {"a/CMakeLists.txt", "b/CMakeLists.txt", "b/README.md"}
        self.assertEqual(check_includes.check_readmes(paths), ["a: has no README.md"])


if __name__ == "__main__":
    unittest.main()
