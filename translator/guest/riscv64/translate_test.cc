#include "translator/guest/riscv64/translate.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <random>

#include "translator/guest/riscv64/cpu_state.h"
#include "translator/guest/riscv64/decoder.h"
#include "translator/ir/parser.h"
#include "translator/ir/printer.h"
#include "translator/ir/verifier.h"

namespace emu::translator::riscv64 {
namespace {

// A page of instructions, all bits random that the encodings leave open.
std::array<std::byte, 4096> RandomCode(std::mt19937_64& random) {
  std::array<std::byte, 4096> code;
  for (size_t at = 0; at < code.size();) {
    const Encoding& row = Encodings()[random() % Encodings().size()];
    const uint32_t bits = row.match | (static_cast<uint32_t>(random()) & ~row.mask);
    const size_t length = std::min<size_t>(row.length_bytes, code.size() - at);
    std::memcpy(code.data() + at, &bits, length);
    at += length;
  }
  return code;
}

ir::Function Lift(std::span<const std::byte> code, uint32_t offset, uint64_t mode,
                  ir::Builder::Folding folding) {
  ir::Function function;
  ir::Builder builder(function, folding);
  const TranslateRequest request = {.code = code.subspan(offset),
                                    .page_offset = offset,
                                    .mode = mode,
                                    .max_instructions = 64,
                                    .crosses_page = false};
  if (!Translate(request, builder)) function.Clear();
  return function;
}

constexpr std::array kPrivileges = {Privilege::kUser, Privilege::kSupervisor, Privilege::kMachine};

TEST(TranslateTest, RandomCodeKeepsTheRulesAndReadsBackFromText) {
  std::mt19937_64 random(1);
  int lifted = 0;
  for (int page = 0; page < 20; ++page) {
    const std::array<std::byte, 4096> code = RandomCode(random);
    for (int i = 0; i < 200; ++i) {
      const auto offset = static_cast<uint32_t>(random() % 2048 * 2);
      const Mode mode = {.fp_off = random() % 8 == 0,
                         .rounding = static_cast<uint8_t>(random() % 3),
                         .privilege = kPrivileges[random() % 3]};
      for (const auto folding : {ir::Builder::Folding::kOff, ir::Builder::Folding::kOn}) {
        const ir::Function function = Lift(code, offset, mode.Hash(), folding);
        if (function.blocks.empty()) continue;
        ++lifted;
        const std::string text = ir::Print(function);
        ASSERT_EQ(ir::Verify(function, sizeof(CpuState)), "") << text;
        std::string error;
        const std::optional<ir::Function> read = ir::Parse(text, &error);
        ASSERT_TRUE(read.has_value()) << error << "\n" << text;
        ASSERT_EQ(ir::Print(*read), text);
        ASSERT_EQ(ir::Verify(*read, sizeof(CpuState)), "") << text;
      }
    }
  }
  EXPECT_GT(lifted, 5000);
}

}  // namespace
}  // namespace emu::translator::riscv64
