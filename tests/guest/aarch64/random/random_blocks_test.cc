// Random blocks on every tier, held against each other and against Unicorn.
//
//   EMU_SEED            the first block's seed; the others count from it
//   EMU_RANDOM_BLOCKS   how many
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/guest/aarch64/random/random_block.h"

namespace emu::testing {
namespace {

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr && *text != 0 ? std::strtoull(text, nullptr, 0) : otherwise;
}
bool IsLong() { return FromEnvironment("EMU_TEST_LONG", 0) != 0; }
uint64_t BlockCount() { return FromEnvironment("EMU_RANDOM_BLOCKS", IsLong() ? 100'000 : 4'000); }

std::string Difference(const BlockOutcome& is, const BlockOutcome& should) {
  std::string text;
  const auto differ = [&text](std::string_view what, uint64_t left, uint64_t right) {
    if (left != right) absl::StrAppendFormat(&text, "  %s 0x%x, not 0x%x\n", what, left, right);
  };
  if (is.trouble != should.trouble) text += "  " + is.trouble + should.trouble + "\n";
  // An atomic access is a read to Unicorn, a write to us.
  const auto ending_of = [](const BlockOutcome& outcome) {
    return outcome.ending == Ending::kWrite ? Ending::kRead : outcome.ending;
  };
  differ("ending", static_cast<uint64_t>(ending_of(is)), static_cast<uint64_t>(ending_of(should)));
  differ("pc", is.end.pc, should.end.pc);
  for (int i = 0; i < 31; ++i) differ(absl::StrCat("x", i), is.end.x[i], should.end.x[i]);
  differ("sp", is.end.sp, should.end.sp);
  differ("nzcv", is.end.nzcv, should.end.nzcv);
  for (int i = 0; i < 32; ++i) {
    differ(absl::StrCat("v", i, " low"), is.end.v[i][0], should.end.v[i][0]);
    differ(absl::StrCat("v", i, " high"), is.end.v[i][1], should.end.v[i][1]);
  }
  differ("fpcr", is.end.fpcr, should.end.fpcr);
  differ("fpsr", is.end.fpsr, should.end.fpsr);
  int shown = 0;
  for (size_t i = 0; i < is.data.size() && shown < 8; ++i) {
    if (is.data[i] == should.data[i]) continue;
    ++shown;
    differ(absl::StrFormat("data[0x%x]", i), is.data[i], should.data[i]);
  }
  return text;
}

// The block without what does not matter to the difference.
RandomBlock Shrink(RandomBlock block, BlockEngine& left, BlockEngine& right) {
  const auto kind_of = [&](const RandomBlock& candidate) {
    const std::string text = Difference(left.Run(candidate), right.Run(candidate));
    return text.substr(0, text.find("0x"));
  };
  const std::string kind = kind_of(block);
  for (size_t count = block.code.size(); count > 0; count /= 2) {
    for (size_t first = 0; first + 1 < block.code.size(); first += count) {
      RandomBlock candidate = block;
      for (size_t i = first; i < first + count && i + 1 < block.code.size(); ++i) {
        candidate.code[i] = kNopCode;
      }
      if (kind_of(candidate) == kind) block = candidate;
    }
  }
  return block;
}

// Unicorn checks the alignment of few ordered and atomic accesses; and whether an exclusive store
// that has no reservation faults is left open (Arm ARM B2.9.2), as is what structures
// and pairs of vectors have moved before they fault (D1.4.5).
bool IsUnlikeUnicorn(const RandomBlock& block, const BlockOutcome& outcome) {
  if (outcome.ending == Ending::kMisaligned) return true;
  const uint64_t at = (outcome.end.pc - kCode) / 4;
  if (at >= block.code.size()) return false;
  const bool is_exclusive_store = (block.code[at] & 0x3f40'0000) == 0x0800'0000;
  const bool is_structure = (block.code[at] & 0xbe00'0000) == 0x0c00'0000 ||
                            (block.code[at] & 0x3e00'0000) == 0x2c00'0000;
  const bool is_fault = outcome.ending == Ending::kRead || outcome.ending == Ending::kWrite;
  return is_exclusive_store || (is_structure && is_fault);
}

void Compare(BlockEngine& is, BlockEngine& should) {
  const uint64_t seed = FromEnvironment("EMU_SEED", std::random_device()());
  std::map<Ending, int> endings;
  int differences = 0;
  for (uint64_t i = 0; i < BlockCount() && differences < 3; ++i) {
    const RandomBlock block = GenerateBlock(seed + i);
    const BlockOutcome outcome = is.Run(block);
    ++endings[outcome.ending];
    const bool is_known = should.name() != "Unicorn" || !IsUnlikeUnicorn(block, outcome);
    if (!is_known || Difference(outcome, should.Run(block)).empty()) continue;
    ++differences;
    const RandomBlock small = Shrink(block, is, should);
    ADD_FAILURE() << is.name() << " is not as " << should.name() << "; EMU_SEED=" << seed + i
                  << " EMU_RANDOM_BLOCKS=1\n"
                  << Difference(is.Run(small), should.Run(small)) << Describe(small);
  }
  if (BlockCount() < 1000) return;
  for (const Ending ending :
       {Ending::kBreakpoint, Ending::kUndefined, Ending::kRead, Ending::kWrite}) {
    EXPECT_GT(endings[ending], 10) << "blocks end in too few ways";
  }
}

TEST(Aarch64RandomBlocks, TheInterpreterIsAsUnicorn) {
  const auto interpreter = NewTranslatorEngine({});
  const auto unicorn = NewUnicornEngine();
  Compare(*interpreter, *unicorn);
}

// No encoding without a test: each is executed, and not only found undefined or faulting.
TEST(Aarch64EveryRow, IsExecutedAsUnicornDoesOnBothTiers) {
  const auto interpreter = NewTranslatorEngine({});
  const auto compiled = NewTranslatorEngine({.tier = translator::TierPolicy::kCompile});
  const auto unicorn = NewUnicornEngine();
  constexpr uint64_t kTries = 24;
  uint64_t seed = FromEnvironment("EMU_SEED", 1) * 1'000'000;
  for (const translator::aarch64::Encoding& row : translator::aarch64::Encodings()) {
    if (!IsInBlocks(row)) continue;
    bool is_executed = false;
    for (uint64_t i = 0; i < kTries && !HasFailure(); ++i) {
      const RandomBlock block = GenerateInstruction(row, ++seed);
      const BlockOutcome outcome = interpreter->Run(block);
      is_executed = is_executed || outcome.ending == Ending::kBreakpoint;
      EXPECT_EQ(Difference(compiled->Run(block), outcome), "") << Describe(block);
      if (IsWrongInUnicorn(row) || IsUnlikeUnicorn(block, outcome)) continue;
      EXPECT_EQ(Difference(outcome, unicorn->Run(block)), "") << Describe(block);
    }
    EXPECT_TRUE(is_executed) << row.mnemonic << absl::StrFormat(" 0x%08x", row.match);
  }
}

TEST(Aarch64RandomBlocks, CompiledCodeIsAsTheInterpreter) {
  const auto compiled = NewTranslatorEngine({.tier = translator::TierPolicy::kCompile});
  const auto interpreter = NewTranslatorEngine({});
  Compare(*compiled, *interpreter);
}

TEST(Aarch64RandomBlocks, CompiledCodeWithATinyTlbIsAsTheInterpreter) {
  const auto compiled = NewTranslatorEngine({.tier = translator::TierPolicy::kCompile,
                                             .tlb_max_entries = 2,
                                             .memory_access = translator::MemoryAccess::kLookups});
  const auto interpreter = NewTranslatorEngine({});
  Compare(*compiled, *interpreter);
}

}  // namespace
}  // namespace emu::testing
