// Host code as text that stays the same where only addresses and offsets change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>

namespace emu::translator::x86_64 {

struct DisassemblyContext {
  uint64_t address;                       // where the code runs
  std::map<uint64_t, std::string> names;  // of what it calls and jumps to
  uint64_t link_stub;                     // behind a call of it stands a word, not code
};

// One instruction per line in Intel syntax. Targets inside the code are labels, those outside have
// their names; slots of the guest's state are [state + offset] and members of the frame are named.
std::string Disassemble(std::span<const std::byte> code, const DisassemblyContext& context);

}  // namespace emu::translator::x86_64
