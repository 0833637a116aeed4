// Random blocks on every tier, held against each other and against what others made.
//
//   EMU_SEED            the first block's seed; the others count from it
//   EMU_RANDOM_BLOCKS   how many
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/guest/aarch64/random/random_block.h"
#include "tests/guest/test_size.h"
#include "tests/guest/user_mode/user_process.h"

namespace emu::testing {
namespace {

using translator::aarch64::Encoding;

uint64_t BlockCount() { return FromEnvironment("EMU_RANDOM_BLOCKS", IsLong() ? 100'000 : 4'000); }

std::string Difference(const BlockOutcome& is, const BlockOutcome& should) {
  std::string text;
  const auto differ = [&text](std::string_view what, uint64_t left, uint64_t right) {
    if (left != right) absl::StrAppendFormat(&text, "  %s 0x%x, not 0x%x\n", what, left, right);
  };
  if (is.trouble != should.trouble) text += "  " + is.trouble + should.trouble + "\n";
  // An atomic access is a read to Unicorn, a write to us; to qemu-user all are reads.
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
    const std::string text = Difference(left.Run({candidate})[0], right.Run({candidate})[0]);
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

// What the oracle's word is not taken on. Left open are whether an exclusive store that has no
// reservation faults (Arm ARM B2.9.2), what structures, pairs of vectors and stores of 16 bytes
// have moved before they fault (D1.4.5).
bool IsUnlikeOracle(const RandomBlock& block, const BlockOutcome& outcome) {
  // Unicorn checks the alignment of few ordered and atomic accesses.
  const bool is_for_unicorn = block.setting == Setting::kPhysical;
  if (is_for_unicorn && outcome.ending == Ending::kMisaligned) return true;
  const uint64_t at = (outcome.end.pc - kCode) / 4;
  if (at >= block.code.size()) return false;
  const uint32_t code = block.code[at];
  const bool is_exclusive_store = (code & 0x3f40'0000) == 0x0800'0000;
  const bool is_structure =
      (code & 0xbe00'0000) == 0x0c00'0000 || (code & 0x3e00'0000) == 0x2c00'0000;
  const bool is_wide_store =
      (code & 0x3e40'0000) == 0x2800'0000 || (code & 0xfcc0'0000) == 0x3c80'0000;
  // To a process of qemu's, cache maintenance is a nop.
  const bool is_maintenance = (code & 0xffff'f000) == 0xd50b'7000;
  const bool is_fault = outcome.ending == Ending::kRead || outcome.ending == Ending::kWrite;
  return is_exclusive_store || ((is_structure || is_wide_store || is_maintenance) && is_fault);
}

// What stays within one implementation is compared whole.
enum class Against : uint8_t { kOurs, kOracle };

class Aarch64RandomBlocks : public ::testing::TestWithParam<Setting> {
 protected:
  // Of the setting; nullptr where there is none to be had, and it need not be.
  static std::unique_ptr<BlockEngine> NewOracle() {
    if (GetParam() == Setting::kPhysical) return NewUnicornEngine();
    const std::string program = QemuUserProgram("aarch64");
    EXPECT_TRUE(!program.empty() || !IsLong());
    return program.empty() ? nullptr : NewQemuUserEngine(program);
  }

  // So many of a row, of which one at least is executed: some rows are seldom defined, or seldom
  // have an address that they want.
  static std::vector<RandomBlock> GenerateExecuted(const Encoding& row, size_t count,
                                                   BlockEngine& engine, uint64_t* seed) {
    std::vector<RandomBlock> blocks(count);
    for (int turn = 0; turn < 20; ++turn) {
      for (RandomBlock& block : blocks) block = GenerateInstruction(row, ++*seed, GetParam());
      const std::vector<BlockOutcome> outcomes = engine.Run(blocks);
      if (std::ranges::any_of(outcomes, [](const BlockOutcome& outcome) {
            return outcome.ending == Ending::kBreakpoint;
          })) {
        break;
      }
    }
    return blocks;
  }

  static void Compare(BlockEngine& is, BlockEngine& should, Against against) {
    constexpr uint64_t kBatch = 500;
    const uint64_t seed = FromEnvironment("EMU_SEED", std::random_device()());
    std::printf("seed %lu (EMU_SEED)\n", seed);
    std::map<Ending, int> endings;
    int differences = 0;
    for (uint64_t done = 0; done < BlockCount() && differences < 3; done += kBatch) {
      std::vector<RandomBlock> blocks;
      for (uint64_t i = done; i < std::min(BlockCount(), done + kBatch); ++i) {
        blocks.push_back(GenerateBlock(seed + i, GetParam()));
      }
      const std::vector<BlockOutcome> left = is.Run(blocks);
      const std::vector<BlockOutcome> right = should.Run(blocks);
      for (size_t i = 0; i < blocks.size() && differences < 3; ++i) {
        ++endings[left[i].ending];
        if (against == Against::kOracle && IsUnlikeOracle(blocks[i], left[i])) continue;
        if (Difference(left[i], right[i]).empty()) continue;
        ++differences;
        const RandomBlock small = Shrink(blocks[i], is, should);
        ADD_FAILURE() << is.name() << " is not as " << should.name()
                      << "; EMU_SEED=" << seed + done + i << " EMU_RANDOM_BLOCKS=1\n"
                      << Difference(is.Run({small})[0], should.Run({small})[0]) << Describe(small);
      }
    }
    if (BlockCount() < 1000) return;
    for (const Ending ending :
         {Ending::kBreakpoint, Ending::kUndefined, Ending::kRead, Ending::kWrite}) {
      EXPECT_GT(endings[ending], 10) << "blocks end in too few ways";
    }
  }
};

TEST_P(Aarch64RandomBlocks, TheInterpreterIsAsTheOracle) {
  const auto interpreter = NewTranslatorEngine({});
  const auto oracle = NewOracle();
  if (oracle == nullptr) GTEST_SKIP() << "no qemu-aarch64, and no way to fetch it";
  Compare(*interpreter, *oracle, Against::kOracle);
}

// No encoding without a test: each is executed, and not only found undefined or faulting.
TEST_P(Aarch64RandomBlocks, EveryRowIsExecutedAsTheOracleDoesOnBothTiers) {
  const auto interpreter = NewTranslatorEngine({});
  const auto compiled = NewTranslatorEngine({.tier = translator::TierPolicy::kCompile});
  const auto oracle = NewOracle();
  if (oracle == nullptr) GTEST_SKIP() << "no qemu-aarch64, and no way to fetch it";
  std::vector<const Encoding*> rows;
  for (const Encoding& row : translator::aarch64::Encodings()) {
    if (IsInBlocks(row, GetParam())) rows.push_back(&row);
  }
  const size_t tries = IsLong() ? 200 : 24;
  constexpr size_t kRowsAtOnce = 8;
  uint64_t seed = FromEnvironment("EMU_SEED", 1) * 1'000'000;
  std::set<const Encoding*> executed;
  int differences = 0;
  for (size_t first = 0; first < rows.size() && differences < 10; first += kRowsAtOnce) {
    const size_t count = std::min(kRowsAtOnce, rows.size() - first) * tries;
    const auto row_of = [&](size_t i) { return rows[first + i / tries]; };
    std::vector<RandomBlock> blocks;
    while (blocks.size() < count) {
      const auto some = GenerateExecuted(*row_of(blocks.size()), tries, *interpreter, &seed);
      blocks.insert(blocks.end(), some.begin(), some.end());
    }
    const std::vector<BlockOutcome> is = interpreter->Run(blocks);
    const std::vector<BlockOutcome> also = compiled->Run(blocks);
    const std::vector<BlockOutcome> should = oracle->Run(blocks);
    for (size_t i = 0; i < count && differences < 10; ++i) {
      if (is[i].ending == Ending::kBreakpoint) executed.insert(row_of(i));
      std::string text = Difference(also[i], is[i]);
      if (!IsWrongInOracle(*row_of(i), GetParam()) && !IsUnlikeOracle(blocks[i], is[i])) {
        text += Difference(is[i], should[i]);
      }
      EXPECT_EQ(text, "") << Describe(blocks[i]);
      differences += !text.empty();
    }
  }
  if (differences > 0) return;
  for (const Encoding* row : rows) {
    EXPECT_TRUE(executed.contains(row)) << row->mnemonic << absl::StrFormat(" 0x%08x", row->match);
  }
}

TEST_P(Aarch64RandomBlocks, CompiledCodeIsAsTheInterpreter) {
  const auto compiled = NewTranslatorEngine({.tier = translator::TierPolicy::kCompile});
  const auto interpreter = NewTranslatorEngine({});
  Compare(*compiled, *interpreter, Against::kOurs);
}

TEST_P(Aarch64RandomBlocks, CompiledCodeWithATinyTlbIsAsTheInterpreter) {
  const auto compiled = NewTranslatorEngine({.tier = translator::TierPolicy::kCompile,
                                             .tlb_max_entries = 2,
                                             .memory_access = translator::MemoryAccess::kLookups});
  const auto interpreter = NewTranslatorEngine({});
  Compare(*compiled, *interpreter, Against::kOurs);
}

INSTANTIATE_TEST_SUITE_P(Settings, Aarch64RandomBlocks,
                         ::testing::Values(Setting::kPhysical, Setting::kUser),
                         [](const auto& info) {
                           return info.param == Setting::kPhysical ? "Unicorn" : "QemuUser";
                         });

}  // namespace
}  // namespace emu::testing
