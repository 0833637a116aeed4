// The side table of a block: where, at each place that may fault, the guest's registers are that
// the code has not stored yet. It replaces code: nothing is stored for a fault's sake.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "translator/host/vcpu_frame.h"
#include "translator/ir/types.h"

namespace emu::translator {

// A register's value that waits to be stored.
struct PendingSlot {
  enum class Place : uint8_t { kInteger, kFloat, kSpill, kConstant, kSlot };
  // What the stored form is made of the value by.
  static constexpr uint8_t kCanonF64 = 1;
  static constexpr uint8_t kCanonF32 = 2;
  static constexpr uint8_t kBox = 4;
  // A float in the lowest lane of a vector, zeros in the others.
  static constexpr uint8_t kScalarF64 = 8;
  static constexpr uint8_t kScalarF32 = 16;

  uint16_t offset;  // in the guest's state
  uint8_t bytes;
  Place place;
  uint8_t transform;
  // Register number, spill index, constant (of each half of a vector), or another slot's offset.
  uint64_t value;
  bool operator==(const PendingSlot&) const = default;
};

// Writes sites in the order of their code; each says only what differs from the one before.
class FaultSiteWriter {
 public:
  void Clear();
  // `code_offset` is the return address of the call that may fault, from the block's start;
  // `instruction` the offset of the guest instruction in its page. `pending` is ordered by offset.
  void Add(uint32_t code_offset, uint32_t instruction, std::span<const PendingSlot> pending);
  std::span<const uint8_t> bytes() const { return bytes_; }

 private:
  std::vector<uint8_t> bytes_;
  std::vector<PendingSlot> last_;
  uint32_t last_code_offset_ = 0;
  uint32_t last_instruction_ = 0;
};

// Brings the guest's state up to date for the fault at `code_offset`, from the registers saved in
// `frame`. Returns the faulting instruction's offset in its page.
std::optional<uint32_t> RecoverState(std::span<const uint8_t> sites, uint32_t code_offset,
                                     const VcpuFrame& frame, std::byte* state);

}  // namespace emu::translator
