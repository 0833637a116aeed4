// (offset, width) -> whole registers, by a table of RegisterSpec.
#pragma once

#include <optional>

#include "devices/core/register_spec.h"
#include "vmm/base/address_space.h"
#include "vmm/base/bits.h"

namespace emu {

// Reg is the device's enum class of uint32_t.
template <typename Reg>
class RegisterBank {
 public:
  // `specs` lives as long as the program.
  explicit constexpr RegisterBank(std::span<const RegisterSpec> specs) : specs_(specs) {}

  // Calls `read(reg, index)`, which returns the whole register, and cuts out what was asked for.
  template <typename ReadRegister>
  AccessResult Read(uint64_t offset, uint32_t width_bytes, uint64_t* value,
                    ReadRegister&& read) const {
    const auto place = Find(offset, width_bytes);
    if (!place) return AccessResult::kBadAccess;
    *value = (read(place->reg, place->index) >> place->shift) & WidthMask(width_bytes);
    return AccessResult::kOk;
  }

  // Calls `write(reg, index, value)` with the whole register; for a write to a part of it the rest
  // comes from `read`, which must have no side effect on such registers.
  template <typename ReadRegister, typename WriteRegister>
  AccessResult Write(uint64_t offset, uint32_t width_bytes, uint64_t value, ReadRegister&& read,
                     WriteRegister&& write) const {
    const auto place = Find(offset, width_bytes);
    if (!place) return AccessResult::kBadAccess;
    const uint64_t mask = WidthMask(width_bytes);
    uint64_t whole = value & mask;
    if (!place->is_whole) {
      whole = (read(place->reg, place->index) & ~(mask << place->shift)) | whole << place->shift;
    }
    write(place->reg, place->index, whole);
    return AccessResult::kOk;
  }

 private:
  struct Place {
    Reg reg;
    uint32_t index;
    uint32_t shift;  // in bits
    bool is_whole;
  };

  std::optional<Place> Find(uint64_t offset, uint32_t width_bytes) const {
    for (const RegisterSpec& spec : specs_) {
      if (offset < spec.offset || offset >= spec.End()) continue;
      const uint64_t distance = offset - spec.offset;
      const uint64_t index = spec.stride != 0 ? distance / spec.stride : 0;
      const uint64_t within = distance - index * spec.stride;
      if (within >= spec.width_bytes) continue;  // between two of an array
      if (width_bytes < spec.min_width_bytes || within + width_bytes > spec.width_bytes ||
          !IsAligned(within, width_bytes)) {
        return std::nullopt;
      }
      return Place{static_cast<Reg>(spec.id), static_cast<uint32_t>(index),
                   static_cast<uint32_t>(8 * within), width_bytes == spec.width_bytes};
    }
    return std::nullopt;
  }

  std::span<const RegisterSpec> specs_;
};

}  // namespace emu
