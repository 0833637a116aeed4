// One A64 instruction as text, by the encoding table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace emu::translator::aarch64 {

// See GuestIsa::Disassemble.
std::string Disassemble(std::span<const std::byte> code, uint64_t pc, uint32_t* length);

}  // namespace emu::translator::aarch64
