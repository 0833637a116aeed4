// State as bytes: the protobuf wire format, one message for each object, groups as submessages.
#pragma once

#include <map>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "vmm/base/state_visitor.h"

namespace emu {

// Writes what it visits. Groups must be ended before Take.
class StateWriter final : public StateVisitor {
 public:
  StateWriter() : open_(1) {}

  bool IsReading() const override { return false; }
  void Field(uint32_t number, std::string_view name, uint64_t& value) override;
  void Field(uint32_t number, std::string_view name, std::span<std::byte> bytes) override;
  void Field(uint32_t number, std::string_view name, std::vector<std::byte>& bytes) override;
  void BeginGroup(uint32_t number, std::string_view name) override;
  void EndGroup() override;

  std::vector<std::byte> Take();

 private:
  struct Group {
    uint32_t number = 0;
    std::vector<std::byte> bytes;
  };
  std::vector<Group> open_;  // the whole, then each group inside another
};

// Reads what a StateWriter wrote. The bytes may come from anyone: a field that is missing keeps its
// value (an older writer), one that is unknown is skipped, one of the wrong kind or size is an
// error, kept until asked for. Who visits checks the values' ranges in AfterRestore.
class StateReader final : public StateVisitor {
 public:
  // `bytes` outlives the reader.
  explicit StateReader(std::span<const std::byte> bytes);

  bool IsReading() const override { return true; }
  void Field(uint32_t number, std::string_view name, uint64_t& value) override;
  void Field(uint32_t number, std::string_view name, std::span<std::byte> bytes) override;
  void Field(uint32_t number, std::string_view name, std::vector<std::byte>& bytes) override;
  void BeginGroup(uint32_t number, std::string_view name) override;
  void EndGroup() override;

  // DATA_LOSS naming the first field that could not be read.
  const absl::Status& status() const { return status_; }

 private:
  using Value = std::variant<uint64_t, std::span<const std::byte>>;
  using Message = std::map<uint32_t, Value>;

  Message Parse(std::span<const std::byte> bytes);
  template <typename T>
  const T* Find(uint32_t number, std::string_view name);
  void Fail(std::string_view what, std::string_view name);

  std::vector<Message> open_;
  absl::Status status_;
};

}  // namespace emu
