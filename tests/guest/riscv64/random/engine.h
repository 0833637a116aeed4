// A random block, and what came of it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/guest/riscv64/random/layout.h"
#include "translator/vcpu.h"

namespace emu::testing {

struct Registers {
  std::array<uint64_t, 32> x = {};  // x[0] is the pc
  std::array<uint64_t, 32> f = {};
  uint64_t fcsr = 0;
};

struct RandomBlock {
  Setting setting = Setting::kMachine;
  Registers start;
  // All of the code window.
  std::vector<uint8_t> code;
  // Where instructions are, as offsets into `code`, for shrinking.
  struct Piece {
    uint32_t offset;
    uint32_t length;
  };
  std::vector<Piece> pieces;
};

// Data pages before any block runs: the same for all.
const std::vector<uint8_t>& InitialData();

struct BlockOutcome {
  Registers end;
  uint64_t cause = 0;
  std::optional<uint64_t> value;  // mtval, where the engine tells
  std::optional<uint64_t> fs;     // mstatus.FS, where the engine tells
  std::vector<uint8_t> data;      // kDataPages pages, in virtual order
  std::vector<uint64_t> table;    // the entries of the data pages, where the engine tells
  std::string trouble;            // not empty: the engine could not run the block
  bool is_known = true;           // false: the engine is known to be wrong on this block
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
// Runs kMachine, kSupervisor and kUser.
std::unique_ptr<BlockEngine> NewUnicornEngine();
// Runs kUserPlain; `program` is qemu-riscv64.
std::unique_ptr<BlockEngine> NewQemuUserEngine(const std::string& program);

// For engines with physical memory: all of RAM but the stub, before the first block; what differs
// before each block; and what a block left behind.
std::vector<uint8_t> InitialRam();
struct Patch {
  uint64_t address;
  std::vector<uint8_t> bytes;
};
std::vector<Patch> PatchesFor(const RandomBlock& block);
RegisterFrame FrameFor(const RandomBlock& block);
// `read` copies physical memory.
using ReadPhysical = std::function<void(uint64_t address, void* into, size_t bytes)>;
void ReadDataOf(const RandomBlock& block, const ReadPhysical& read, BlockOutcome& outcome);

}  // namespace emu::testing
