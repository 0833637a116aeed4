// The YAML of `emuctl vm create -f`: every file is read, or refused with its place.
#include <sys/mman.h>
#include <unistd.h>

#include "client/manifest.h"
#include "tests/fuzz/fuzz_target.h"
#include "vmm/base/unique_fd.h"

namespace emu::fuzz {

std::vector<std::string> Seeds() {
  return {
      "apiVersion: emud.dev/v1\nkind: Vm\nmetadata: {name: web, labels: {team: core}}\n"
      "spec:\n  machine: {arch: riscv64, cpus: 2, memoryMib: 128, codeCacheMib: 16}\n"
      "  boot: {firmware: /firmware, cmdline: \"console=ttyS0\"}\n"
      "  consoles: [{id: serial0, type: UART}]\n",
      "apiVersion: emud.dev/v1\nkind: Vm\nmetadata:\n  name: a\n  annotations:\n    note: |\n"
      "      two\n      lines\nspec:\n  disks:\n  - {id: root, path: disk.img, readonly: true}\n"
      "  - id: data\n    path: \"/data\"\n  lifecycle: {restartPolicy: ON_CRASH, protected: true}\n"
      "  limits: {cpuMillis: 1500, memoryOverheadMib: 32}\n"};
}

void TryInput(std::string_view input) {
  const UniqueFd file(memfd_create("manifest", MFD_CLOEXEC));
  if (write(file.get(), input.data(), input.size()) != static_cast<ssize_t>(input.size())) {
    Fail("the input can't be written");
  }
  emud::v1::VmManifest manifest;
  std::string error;
  const std::string path = "/proc/self/fd/" + std::to_string(file.get());
  if (!client::ReadManifest(path, manifest, error) && error.empty()) Fail("refused without a word");
}

}  // namespace emu::fuzz
