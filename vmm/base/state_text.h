// State as text, one `name = value` a line: for inspection and for tests that compare.
#pragma once

#include <string>

#include "vmm/base/state_visitor.h"

namespace emu {

class StateText final : public StateVisitor {
 public:
  bool IsReading() const override { return false; }
  void Field(uint32_t number, std::string_view name, uint64_t& value) override;
  void Field(uint32_t number, std::string_view name, std::span<std::byte> bytes) override;
  void Field(uint32_t number, std::string_view name, std::vector<std::byte>& bytes) override;
  void BeginGroup(uint32_t number, std::string_view name) override;
  void EndGroup() override;

  const std::string& text() const { return text_; }

 private:
  void Line(std::string_view name, std::string_view value);

  std::string text_;
  uint32_t depth_ = 0;
};

}  // namespace emu
