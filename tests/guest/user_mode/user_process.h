// qemu-user, a user-mode emulator, as an oracle: user_program.c runs a batch of blocks in it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "tests/guest/user_mode/user_batch.h"

namespace emu::testing {

// Where qemu-user for `arch` is; empty if it is neither here nor to be had.
std::string QemuUserProgram(const std::string& arch);

struct UserOutcome {
  BatchRegisters registers;
  uint64_t signal;
  std::vector<uint8_t> data;  // kBatchDataPages pages; what is not writable is as it was
};

// Runs `command` (a program and its arguments, the last of them the guest's user_program.elf) on
// the blocks and returns what came of them, in order. Aborts where that fails. From any thread.
std::vector<UserOutcome> RunUserProcess(std::vector<std::string> command, const BatchHeader& header,
                                        std::span<const BatchBlock> blocks);

// A register file is copied to and from its words, in the order that user_context.h says.
template <typename Registers>
BatchRegisters ToWords(const Registers& registers) {
  static_assert(std::is_trivially_copyable_v<Registers>);
  BatchRegisters words = {};
  const auto from = std::as_bytes(std::span(&registers, 1));
  std::ranges::copy(from, std::as_writable_bytes(std::span(words.words)).begin());
  return words;
}
template <typename Registers>
Registers FromWords(const BatchRegisters& words) {
  static_assert(std::is_trivially_copyable_v<Registers>);
  static_assert(sizeof(Registers) <= sizeof(words.words));
  Registers registers;
  const auto from = std::as_bytes(std::span(words.words)).first(sizeof(Registers));
  std::ranges::copy(from, std::as_writable_bytes(std::span(&registers, 1)).begin());
  return registers;
}

}  // namespace emu::testing
