// One function names the state of a device or processor for snapshot, restore, inspection and diff.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace emu {

// Field numbers are for ever: a number is never given to another field of the same object. A
// reading visitor writes into the references, a writing one only reads them.
class StateVisitor {
 public:
  virtual ~StateVisitor() = default;

  virtual bool IsReading() const = 0;
  virtual void Field(uint32_t number, std::string_view name, uint64_t& value) = 0;
  virtual void Field(uint32_t number, std::string_view name, std::span<std::byte> bytes) = 0;
  virtual void Field(uint32_t number, std::string_view name, std::vector<std::byte>& bytes) = 0;
  virtual void BeginGroup(uint32_t number, std::string_view name) = 0;
  virtual void EndGroup() = 0;

  // Narrower integers, enums and bools travel as uint64.
  template <typename T>
  void Small(uint32_t number, std::string_view name, T& value) {
    auto wide = static_cast<uint64_t>(value);
    Field(number, name, wide);
    if (IsReading()) value = static_cast<T>(wide);
  }
};

}  // namespace emu
