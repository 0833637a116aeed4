#include "translator/guest/riscv64/extensions.h"

namespace emu::translator::riscv64 {

// Devicetree bindings, riscv/cpus.yaml and riscv/extensions.yaml.
Translator::IsaStrings DescribeIsa() {
  std::string isa = "rv64";
  std::string names;
  for (const std::string_view name : kExtensions) {
    if (name.size() > 1) isa += '_';
    isa += name;
    if (!names.empty()) names += ' ';
    names += name;
  }
  return {.isa = isa, .base = "rv64i", .extensions = names, .mmu_type = "riscv,sv57"};
}

}  // namespace emu::translator::riscv64
