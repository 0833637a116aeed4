// The order of a list (AIP-132), and where in it a page has ended.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/query/field_path.h"

namespace emu::daemon {

// A resource's place: the values that are sorted by, its uid last, so that no two are equal.
using SortKey = std::vector<FieldValue>;

class Order {
 public:
  // Of messages of a `type`, which has a uid. "create_time desc, name"; empty: by name.
  // INVALID_ARGUMENT/INVALID_FIELD.
  static absl::StatusOr<Order> Parse(std::string_view text,
                                     const google::protobuf::Descriptor& type);

  SortKey KeyOf(const google::protobuf::Message& message) const;
  bool IsBefore(const SortKey& left, const SortKey& right) const;

 private:
  struct Part {
    FieldPath path;
    bool is_descending;
  };
  std::vector<Part> parts_;
  const google::protobuf::FieldDescriptor* uid_ = nullptr;
};

// A key as bytes, and back; false for bytes that are none.
std::string EncodeKey(const SortKey& key);
bool DecodeKey(const std::string& bytes, SortKey& key);

}  // namespace emu::daemon
