// The order of a list (AIP-132), and where in it a page has ended.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/query/field_path.h"
#include "emud/v1/vm.pb.h"

namespace emu::daemon {

// A VM's place: the values that are sorted by, its uid last, so that no two are equal.
using SortKey = std::vector<FieldValue>;

class Order {
 public:
  // "create_time desc, name"; empty: by name. INVALID_ARGUMENT/INVALID_FIELD.
  static absl::StatusOr<Order> Parse(std::string_view text);

  SortKey KeyOf(const emud::v1::Vm& vm) const;
  bool IsBefore(const SortKey& left, const SortKey& right) const;

 private:
  struct Part {
    FieldPath path;
    bool is_descending;
  };
  std::vector<Part> parts_;
};

// A key as bytes, and back; false for bytes that are none.
std::string EncodeKey(const SortKey& key);
bool DecodeKey(const std::string& bytes, SortKey& key);

}  // namespace emu::daemon
