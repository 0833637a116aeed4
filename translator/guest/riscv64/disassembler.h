// Instructions as text, from the encoding table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace emu::translator::riscv64 {

// One instruction at `pc`; `length` receives its bytes, 0 (and ".insn") if it is undefined or cut
// short. A compressed instruction is shown by its own mnemonic and the operands it expands to.
std::string Disassemble(std::span<const std::byte> code, uint64_t pc, uint32_t* length);

}  // namespace emu::translator::riscv64
