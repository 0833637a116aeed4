// Translated code as text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace emu::translator::x86_64 {

// Intel syntax, a line for each instruction; what does not decode is shown as bytes.
std::string Disassemble(std::span<const std::byte> code, uint64_t address);

}  // namespace emu::translator::x86_64
