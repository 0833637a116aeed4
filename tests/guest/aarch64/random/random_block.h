// A random block of A64 code, and what came of it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "translator/guest/aarch64/encodings.h"
#include "translator/vcpu.h"

namespace emu::testing {

// Who runs a block, and what can say whether it did so rightly.
enum class Setting : uint8_t {
  kPhysical,  // EL1 without translation: what Unicorn runs
  kUser,      // EL0 with pages that a process can have, where they are in RAM: what qemu-user runs
};

inline constexpr uint64_t kRamBase = 0x4000'0000;
inline constexpr uint64_t kVectors = kRamBase;  // 2 KiB of wfi
inline constexpr uint64_t kCode = kRamBase + 0x1000;
inline constexpr uint64_t kPage = 4096;
inline constexpr uint64_t kCodeBytes = 2 * kPage;
inline constexpr uint64_t kTables = kRamBase + 0x8000;  // for kUser: three levels, a page each
inline constexpr uint64_t kRamBytes = 0x1'0000;
// What crosses into the second data page and the last but one faults.
inline constexpr uint64_t kData = 0x4010'0000;
inline constexpr uint32_t kDataPages = 6;
constexpr bool IsMissing(uint32_t page) { return page == 1 || page == 4; }
constexpr bool IsReadOnly(Setting setting, uint32_t page) {
  return setting == Setting::kUser && page == 3;
}

struct Registers {
  std::array<uint64_t, 31> x = {};
  uint64_t sp = 0;
  uint64_t pc = 0;
  uint64_t nzcv = 0;  // bits 31:28
  std::array<std::array<uint64_t, 2>, 32> v = {};
  uint64_t fpcr = 0;
  uint64_t fpsr = 0;
};

struct RandomBlock {
  Setting setting = Setting::kPhysical;
  Registers start;
  std::vector<uint32_t> code;  // ends in brk #0
};
inline constexpr uint32_t kBrk = 0xd420'0000;
inline constexpr uint32_t kNopCode = 0xd503'201f;

// The block's code and what literals reach behind it.
inline std::vector<uint32_t> CodeWindow(const RandomBlock& block) {
  std::vector<uint32_t> window = block.code;
  window.resize(kCodeBytes / 4);
  return window;
}

// The page of exception vectors, where a stray access may find it: each of them waits.
inline std::vector<uint32_t> Vectors() {
  constexpr uint32_t kWfi = 0xd503'207f;
  return std::vector<uint32_t>(kPage / 4, kWfi);
}

// How a block ended.
enum class Ending : uint8_t { kBreakpoint, kUndefined, kFetch, kRead, kWrite, kMisaligned, kOther };

struct BlockOutcome {
  Registers end;
  Ending ending = Ending::kOther;
  std::vector<uint8_t> data;  // kDataPages pages, missing ones zero
  std::string trouble;        // not empty: the engine could not run the block
};

class BlockEngine {
 public:
  virtual ~BlockEngine() = default;
  virtual std::string name() const = 0;
  // Outcomes in order; engines that start slowly run many at once.
  virtual std::vector<BlockOutcome> Run(const std::vector<RandomBlock>& blocks) = 0;
};
struct TranslatorEngineOptions {
  translator::TierPolicy tier = translator::TierPolicy::kInterpretOnly;
  uint32_t tlb_max_entries = 32768;
  translator::MemoryAccess memory_access = translator::MemoryAccess::kGroups;
};
std::unique_ptr<BlockEngine> NewTranslatorEngine(const TranslatorEngineOptions& options);
// Runs kPhysical.
std::unique_ptr<BlockEngine> NewUnicornEngine();
// Runs kUser; `program` is qemu-aarch64.
std::unique_ptr<BlockEngine> NewQemuUserEngine(const std::string& program);

// The block of `seed`: always the same.
RandomBlock GenerateBlock(uint64_t seed, Setting setting);
// One instruction of a row of the encoding table, with other operands for each seed.
RandomBlock GenerateInstruction(const translator::aarch64::Encoding& row, uint64_t seed,
                                Setting setting);
// Whether blocks have the row: others need a whole machine.
bool IsInBlocks(const translator::aarch64::Encoding& row, Setting setting);
// Whether the setting's oracle has it wrong.
bool IsWrongInOracle(const translator::aarch64::Encoding& row, Setting setting);
// Data pages before any block runs.
const std::vector<uint8_t>& InitialData();
// For a report: the instructions, and the registers they start from.
std::string Describe(const RandomBlock& block);

}  // namespace emu::testing
