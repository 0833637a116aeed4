// Random blocks on every tier, held against each other and against what others made.
//
//   EMU_SEED            the first block's seed; the others count from it
//   EMU_RANDOM_BLOCKS   how many
//   EMU_SHOW_BLOCKS     if not 0, each is shown before any runs: for those that never end
#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <map>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/guest/program_runner.h"
#include "tests/guest/riscv64/random/engine.h"
#include "tests/guest/riscv64/random/generator.h"
#include "tests/guest/test_size.h"
#include "tests/guest/user_mode/user_process.h"
#include "translator/guest/riscv64/compressed.h"
#include "translator/guest/riscv64/decoder.h"

namespace emu::testing {
namespace {

uint64_t BlockCount() { return FromEnvironment("EMU_RANDOM_BLOCKS", IsLong() ? 100'000 : 2'000); }

// What is told apart only where both engines tell.
std::string Difference(const BlockOutcome& is, const BlockOutcome& should) {
  if (!is.is_known || !should.is_known) return "";
  std::string text;
  const auto differ = [&text](std::string_view what, uint64_t left, uint64_t right) {
    if (left != right) absl::StrAppendFormat(&text, "  %s 0x%x, not 0x%x\n", what, left, right);
  };
  if (is.trouble != should.trouble) text += "  " + is.trouble + should.trouble + "\n";
  differ("cause", is.cause, should.cause);
  differ("pc", is.end.x[0], should.end.x[0]);
  for (int i = 1; i < 32; ++i) differ(absl::StrCat("x", i), is.end.x[i], should.end.x[i]);
  for (int i = 0; i < 32; ++i) differ(absl::StrCat("f", i), is.end.f[i], should.end.f[i]);
  differ("fcsr", is.end.fcsr, should.end.fcsr);
  if (is.value && should.value) differ("value", *is.value, *should.value);
  if (is.fs && should.fs) differ("fs", *is.fs, *should.fs);
  for (size_t i = 0; i < is.table.size() && i < should.table.size(); ++i) {
    differ(absl::StrCat("entry of page ", i), is.table[i], should.table[i]);
  }
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
  // What differs first stays the same.
  const auto kind_of = [&](const RandomBlock& candidate) {
    const std::string text = Difference(left.Run({candidate})[0], right.Run({candidate})[0]);
    return text.substr(0, text.find("0x"));
  };
  const std::string kind = kind_of(block);
  const auto differs = [&](const RandomBlock& candidate) { return kind_of(candidate) == kind; };
  for (size_t count = block.pieces.size(); count > 0; count /= 2) {
    for (size_t first = 0; first < block.pieces.size(); first += count) {
      const RandomBlock candidate = WithoutPieces(block, first, count);
      if (differs(candidate)) block = candidate;
    }
  }
  return block;
}

// mtval, worked out anew: the encoding of an illegal instruction, the address of an access.
std::string WrongValue(const RandomBlock& block, const BlockOutcome& outcome) {
  const uint64_t pc = outcome.end.x[0];
  const uint64_t offset = pc - CodeBase(block.setting);
  uint32_t code = 0;
  const bool is_known = offset + 4 <= block.code.size();
  if (is_known) std::memcpy(&code, block.code.data() + offset, 4);
  const uint32_t raw = (code & 3) == 3 ? code : code & 0xffff;
  if ((code & 3) != 3) code = translator::riscv64::ExpandCompressed(code);
  const auto is = [&](uint64_t expected) {
    return *outcome.value == expected
               ? std::string()
               : absl::StrFormat("  value 0x%x, not 0x%x\n", *outcome.value, expected);
  };
  switch (outcome.cause) {
    case 2:
      return is_known ? is(raw) : "";
    case 3:
      return is(pc);
    case 8:
    case 9:
    case 11:
      return is(0);
    case 1:
    case 12: {
      // A fetch that begins on the page before may fault on the next.
      const uint64_t next_page = (pc | (kPage - 1)) + 1;
      return *outcome.value == pc || *outcome.value == next_page ? "" : is(pc);
    }
    case 4:
    case 5:
    case 6:
    case 7:
    case 13:
    case 15: {
      const uint32_t opcode = code & 0x7f;
      const bool is_store = opcode == 0x23 || opcode == 0x27;
      const bool is_load = opcode == 0x03 || opcode == 0x07;
      int64_t displacement = 0;
      if (is_load) displacement = static_cast<int32_t>(code) >> 20;
      if (is_store) {
        displacement = (static_cast<int32_t>(code) >> 25) * 32 + static_cast<int>(code >> 7 & 31);
      }
      uint64_t address = outcome.end.x[code >> 15 & 31] + static_cast<uint64_t>(displacement);
      if (opcode == 0x0f) return "";  // a cache block: the whole of it
      const uint64_t page_after = (address | (kPage - 1)) + 1;
      const bool crosses = page_after - address < (uint64_t{1} << (code >> 12 & 3));
      return crosses && *outcome.value == page_after ? "" : is(address);
    }
    default:
      return "";
  }
}

class RandomBlocks : public ::testing::Test {
 protected:
  RandomBlocks() : seed_(FromEnvironment("EMU_SEED", std::random_device()())) {
    std::printf("seed %lu (EMU_SEED)\n", seed_);
  }

  // Runs `count` blocks on both, in settings taken in turns.
  void Compare(BlockEngine& left, BlockEngine& right, std::initializer_list<Setting> settings,
               uint64_t count) {
    constexpr uint64_t kBatch = 500;
    int failures = 0;
    uint64_t unknown = 0;
    std::map<uint64_t, uint64_t> causes;
    for (uint64_t done = 0; done < count && failures < 5; done += kBatch) {
      std::vector<RandomBlock> blocks;
      for (uint64_t i = done; i < std::min(count, done + kBatch); ++i) {
        const Setting setting = settings.begin()[(seed_ + i) % settings.size()];
        blocks.push_back(GenerateBlock(seed_ + i, setting));
        if (FromEnvironment("EMU_SHOW_BLOCKS", 0) != 0) {
          std::printf("%s", Describe(blocks.back()).c_str());
        }
      }
      const std::vector<BlockOutcome> is = left.Run(blocks);
      const std::vector<BlockOutcome> should = right.Run(blocks);
      ASSERT_EQ(is.size(), blocks.size());
      ASSERT_EQ(should.size(), blocks.size());
      for (size_t i = 0; i < blocks.size() && failures < 5; ++i) {
        ++causes[is[i].cause];
        unknown += !should[i].is_known;
        std::string wrong = is[i].value ? WrongValue(blocks[i], is[i]) : "";
        wrong += Difference(is[i], should[i]);
        if (wrong.empty()) continue;
        ++failures;
        const RandomBlock small = Shrink(blocks[i], left, right);
        const std::string less = Difference(left.Run({small})[0], right.Run({small})[0]);
        ADD_FAILURE() << "EMU_SEED=" << seed_ + done + i << " EMU_RANDOM_BLOCKS=1: " << left.name()
                      << " against " << right.name() << "\n"
                      << wrong << "in short:\n"
                      << Describe(small) << less;
      }
    }
    EXPECT_LT(unknown, count / 4 + 1) << right.name() << " could not say";
    for (const auto& [cause, times] : causes) std::printf("cause %lu: %lu\n", cause, times);
  }

  const uint64_t seed_;
};

TEST_F(RandomBlocks, TiersAgree) {
  const auto interpreted = NewTranslatorEngine({.tier = translator::TierPolicy::kInterpretOnly});
  const auto compiled = NewTranslatorEngine({.tier = translator::TierPolicy::kCompile});
  Compare(*compiled, *interpreted,
          {Setting::kUser, Setting::kMachine, Setting::kSupervisor, Setting::kUserPlain},
          BlockCount());
}

TEST_F(RandomBlocks, TiersAgreeWithATinyTlb) {
  const auto interpreted = NewTranslatorEngine({.tier = translator::TierPolicy::kInterpretOnly});
  const auto compiled =
      NewTranslatorEngine({.tier = translator::TierPolicy::kCompile, .tlb_max_entries = 2});
  Compare(*compiled, *interpreted, {Setting::kUser, Setting::kSupervisor}, BlockCount() / 4);
}

TEST_F(RandomBlocks, WaysToMemoryAgree) {
  using translator::MemoryAccess;
  const auto groups = NewTranslatorEngine({.tier = translator::TierPolicy::kCompile});
  for (const MemoryAccess access : {MemoryAccess::kCalls, MemoryAccess::kLookups}) {
    const auto other =
        NewTranslatorEngine({.tier = translator::TierPolicy::kCompile, .memory_access = access});
    Compare(*groups, *other, {Setting::kUser, Setting::kSupervisor}, BlockCount() / 4);
  }
}

class RandomBlocksOnTier : public RandomBlocks,
                           public ::testing::WithParamInterface<translator::TierPolicy> {};

TEST_P(RandomBlocksOnTier, UnicornAgrees) {
  const auto ours = NewTranslatorEngine({.tier = GetParam()});
  const auto oracle = NewUnicornEngine();
  Compare(*ours, *oracle, {Setting::kMachine, Setting::kSupervisor, Setting::kUser}, BlockCount());
}

TEST_P(RandomBlocksOnTier, QemuUserAgrees) {
  const std::string program = QemuUserProgram("riscv64");
  if (program.empty() && !IsLong()) GTEST_SKIP() << "no qemu-riscv64, and no way to fetch it";
  ASSERT_NE(program, "");
  const auto ours = NewTranslatorEngine({.tier = GetParam()});
  const auto oracle = NewQemuUserEngine(program);
  Compare(*ours, *oracle, {Setting::kUserPlain}, BlockCount());
}

INSTANTIATE_TEST_SUITE_P(Tiers, RandomBlocksOnTier, ::testing::ValuesIn(kTiers),
                         [](const auto& info) { return NameOf(info.param); });

}  // namespace
}  // namespace emu::testing
