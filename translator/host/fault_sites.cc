#include "translator/host/fault_sites.h"

#include <algorithm>
#include <cstring>

#include "translator/ir/evaluate.h"

namespace emu::translator {
namespace {

// A site: code offset (difference), instruction (signed difference), number of changes, changes.
// A change: slot offset, a byte of kind and transform, then what the kind wants.
constexpr uint8_t kRemoved = 7;  // in the place of PendingSlot::Place

void PutVarint(std::vector<uint8_t>& bytes, uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<uint8_t>(value | 0x80));
  bytes.push_back(static_cast<uint8_t>(value));
}
uint64_t ZigZag(int64_t value) {
  return static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63);
}
int64_t UnZigZag(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

class Reader {
 public:
  explicit Reader(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  bool AtEnd() const { return at_ >= bytes_.size(); }
  uint8_t Byte() { return AtEnd() ? 0 : bytes_[at_++]; }
  uint64_t Varint() {
    uint64_t value = 0;
    for (uint32_t shift = 0; shift < 64; shift += 7) {
      const uint8_t byte = Byte();
      value |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) break;
    }
    return value;
  }

 private:
  std::span<const uint8_t> bytes_;
  size_t at_ = 0;
};

using Halves = std::array<uint64_t, 2>;

Halves ValueOf(const PendingSlot& slot, const VcpuFrame& frame, const std::byte* state) {
  using Place = PendingSlot::Place;
  switch (slot.place) {
    case Place::kInteger:
      return {frame.saved_integer[slot.value], 0};
    case Place::kFloat:
      return frame.saved_float[slot.value];
    case Place::kSpill:
      return {frame.spills[slot.value], slot.bytes > 8 ? frame.spills[slot.value + 1] : 0};
    case Place::kConstant:
      return {slot.value, slot.value};
    case Place::kSlot: {
      Halves value = {};
      std::memcpy(value.data(), state + slot.value, slot.bytes);
      return value;
    }
  }
  return {};
}

Halves Transformed(const PendingSlot& slot, Halves halves) {
  uint64_t& value = halves[0];
  const auto pure = [](ir::Op op, ir::Type to, ir::Type from, uint64_t bits) {
    return *ir::EvaluatePure(op, to, from, ir::MaskTo(from, bits), 0, 0);
  };
  using ir::Type;
  if ((slot.transform & PendingSlot::kCanonF64) != 0) {
    value = pure(ir::Op::kCanon, Type::kF64, Type::kF64, value);
  }
  if ((slot.transform & PendingSlot::kCanonF32) != 0) {
    value = pure(ir::Op::kCanon, Type::kF32, Type::kF32, value);
  }
  if ((slot.transform & PendingSlot::kBox) != 0) {
    value = pure(ir::Op::kBox, Type::kF64, Type::kF32, value);
  }
  if ((slot.transform & PendingSlot::kScalarF32) != 0) value = ir::MaskTo(Type::kF32, value);
  if ((slot.transform & (PendingSlot::kScalarF64 | PendingSlot::kScalarF32)) != 0) halves[1] = 0;
  return halves;
}

}  // namespace

void FaultSiteWriter::Clear() {
  bytes_.clear();
  last_.clear();
  last_code_offset_ = 0;
  last_instruction_ = 0;
}

void FaultSiteWriter::Add(uint32_t code_offset, uint32_t instruction,
                          std::span<const PendingSlot> pending) {
  PutVarint(bytes_, code_offset - last_code_offset_);
  PutVarint(bytes_, ZigZag(int64_t{instruction} - last_instruction_));
  last_code_offset_ = code_offset;
  last_instruction_ = instruction;

  std::vector<uint8_t> changes;
  uint32_t count = 0;
  const auto remove = [&](const PendingSlot& slot) {
    ++count;
    PutVarint(changes, slot.offset);
    changes.push_back(kRemoved);
  };
  const auto set = [&](const PendingSlot& slot) {
    ++count;
    PutVarint(changes, slot.offset);
    changes.push_back(static_cast<uint8_t>(static_cast<uint8_t>(slot.place) | slot.transform << 3));
    changes.push_back(slot.bytes);
    PutVarint(changes, slot.place == PendingSlot::Place::kConstant
                           ? ZigZag(static_cast<int64_t>(slot.value))
                           : slot.value);
  };
  auto old = last_.begin();
  for (const PendingSlot& slot : pending) {
    while (old != last_.end() && old->offset < slot.offset) remove(*old++);
    if (old != last_.end() && old->offset == slot.offset) {
      if (*old != slot) set(slot);
      ++old;
    } else {
      set(slot);
    }
  }
  while (old != last_.end()) remove(*old++);
  last_.assign(pending.begin(), pending.end());
  PutVarint(bytes_, count);
  bytes_.insert(bytes_.end(), changes.begin(), changes.end());
}

std::optional<uint32_t> RecoverState(std::span<const uint8_t> sites, uint32_t code_offset,
                                     const VcpuFrame& frame, std::byte* state) {
  Reader reader(sites);
  std::vector<PendingSlot> pending;
  uint64_t at = 0;
  int64_t instruction = 0;
  while (!reader.AtEnd()) {
    at += reader.Varint();
    instruction += UnZigZag(reader.Varint());
    for (uint64_t count = reader.Varint(); count > 0; --count) {
      PendingSlot slot = {};
      slot.offset = static_cast<uint16_t>(reader.Varint());
      const uint8_t kind = reader.Byte();
      const auto same = [&slot](const PendingSlot& other) { return other.offset == slot.offset; };
      std::erase_if(pending, same);
      if (kind == kRemoved) continue;
      slot.place = static_cast<PendingSlot::Place>(kind & 7);
      slot.transform = kind >> 3;
      slot.bytes = reader.Byte();
      slot.value = reader.Varint();
      if (slot.place == PendingSlot::Place::kConstant) {
        slot.value = static_cast<uint64_t>(UnZigZag(slot.value));
      }
      pending.push_back(slot);
    }
    if (at != code_offset) continue;
    // All are read before the first is written: one may be another's place.
    std::vector<Halves> values;
    values.reserve(pending.size());
    for (const PendingSlot& slot : pending) {
      values.push_back(Transformed(slot, ValueOf(slot, frame, state)));
    }
    for (size_t number = 0; number < pending.size(); ++number) {
      std::memcpy(state + pending[number].offset, values[number].data(), pending[number].bytes);
    }
    return static_cast<uint32_t>(instruction);
  }
  return std::nullopt;
}

}  // namespace emu::translator
