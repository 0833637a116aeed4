#include "translator/guest/riscv64/extensions.h"

namespace emu::translator::riscv64 {

// Devicetree bindings, riscv/cpus.yaml and riscv/extensions.yaml.
std::vector<Translator::CpuProperty> DescribeProcessor() {
  std::string isa = "rv64";
  std::vector<std::string> names;
  for (const std::string_view name : kExtensions) {
    if (name.size() > 1) isa += '_';
    isa += name;
    names.emplace_back(name);
  }
  return {{"compatible", {"riscv"}},
          {"riscv,isa", {isa}},
          {"riscv,isa-base", {"rv64i"}},
          {"riscv,isa-extensions", names},
          {"mmu-type", {"riscv,sv57"}}};
}

}  // namespace emu::translator::riscv64
