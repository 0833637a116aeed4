// Which VMs, or others, a list shows: a subset of AIP-160.
//
//   filter     = [ conjunction ]
//   conjunction = choice { "AND" choice }
//   choice     = term { "OR" term }            OR binds closer than AND, as there
//   term       = [ "NOT" | "-" ] ( "(" conjunction ")" | restriction )
//   restriction = path operator value          state=RUNNING   labels.course="os"
//   operator   = "=" | "!=" | "<" | "<=" | ">" | ">=" | ":"
//
// ":" is true of text that contains the value, in any case of letters, and of a map that has the
// key;
// "*" as its value: of anything that is not empty. A key that is not there equals nothing.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/query/field_path.h"

namespace emu::daemon {

class Filter {
 public:
  static constexpr size_t kMaxBytes = 4096;

  // Of messages of a `type`. An empty one matches all. INVALID_ARGUMENT/INVALID_FILTER with the
  // position.
  static absl::StatusOr<Filter> Parse(std::string_view text,
                                      const google::protobuf::Descriptor& type);

  bool Matches(const google::protobuf::Message& message) const;

 private:
  friend class FilterParser;
  enum class Operator : uint8_t {
    kEqual,
    kNotEqual,
    kLess,
    kLessEqual,
    kGreater,
    kGreaterEqual,
    kHas
  };
  struct Restriction {
    FieldPath path;
    Operator comparison;
    std::string text;
    FieldValue value;
  };
  struct Node;
  using NodePtr = std::shared_ptr<const Node>;  // shared: a Filter is a value
  struct Node {
    enum class Kind : uint8_t { kAll, kAny, kNone, kRestriction };
    Kind kind;
    std::vector<NodePtr> below;
    std::shared_ptr<const Restriction> restriction;
  };

  static bool Holds(const Restriction& restriction, const google::protobuf::Message& message);
  static bool Holds(const Node& node, const google::protobuf::Message& message);

  NodePtr root_;  // null matches all
};

}  // namespace emu::daemon
