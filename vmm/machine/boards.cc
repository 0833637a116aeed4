// The only list of boards.
#include <algorithm>

#include "vmm/machine/board.h"
#include "vmm/machine/boards/aarch64_virt.h"
#include "vmm/machine/boards/riscv64_virt.h"

namespace emu {
namespace {

constexpr BoardType kBoards[] = {
    kAarch64Virt,
    kRiscv64Virt,
};

}  // namespace

const BoardType* FindBoardType(std::string_view arch) {
  const auto* found = std::ranges::find(kBoards, arch, &BoardType::arch);
  return found != std::end(kBoards) ? found : nullptr;
}

std::string KnownArchitectures() {
  std::string names;
  for (const BoardType& board : kBoards) {
    if (!names.empty()) names += ", ";
    names += board.arch;
  }
  return names;
}

}  // namespace emu
