// A field of a VM, or of another resource, by its path, as filters and orders name it: name,
// spec.machine.cpus, labels.course.
#pragma once

#include <google/protobuf/descriptor.h>

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"

namespace emu::daemon {

// Numbers, switches, names of enumerators; times as nanoseconds since 1970.
using FieldValue = std::variant<std::monostate, int64_t, std::string>;

class FieldPath {
 public:
  enum class Type : uint8_t { kText, kNumber, kBool, kEnum, kTime, kMap };

  // A path, from a `root` message on, of a field with a single value, or of a map or a key in one.
  // INVALID_ARGUMENT says, without more, what is wrong.
  static absl::StatusOr<FieldPath> Parse(std::string_view text,
                                         const google::protobuf::Descriptor& root);

  Type type() const { return type_; }
  // Of a message of that root. Monostate: a key that is not there, or the map itself.
  FieldValue Read(const google::protobuf::Message& message) const;
  // Of a map: whether it has the key.
  bool HasKey(const google::protobuf::Message& message, const std::string& key) const;
  // `text` as a value of this field. INVALID_ARGUMENT as above.
  absl::StatusOr<FieldValue> ParseValue(const std::string& text) const;

 private:
  FieldPath() = default;
  const google::protobuf::Message* Parent(const google::protobuf::Message& message) const;

  std::vector<const google::protobuf::FieldDescriptor*> fields_;
  std::string key_;  // of the last field, a map
  Type type_ = Type::kText;
};

}  // namespace emu::daemon
