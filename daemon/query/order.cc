#include "daemon/query/order.h"

#include <google/protobuf/struct.pb.h>

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/errors.h"

namespace emu::daemon {
namespace {

constexpr size_t kMaxParts = 8;
constexpr char kRemedy[] = "give fields like create_time desc, name";

}  // namespace

absl::StatusOr<Order> Order::Parse(std::string_view text,
                                   const google::protobuf::Descriptor& type) {
  Order order;
  order.uid_ = type.FindFieldByName("uid");
  const std::string_view wanted = text.empty() ? "name" : text;
  for (const absl::string_view piece :
       absl::StrSplit(absl::string_view(wanted.data(), wanted.size()), ',')) {
    const std::vector<std::string> words =
        absl::StrSplit(piece, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    const bool has_direction = words.size() == 2 && (words[1] == "desc" || words[1] == "asc");
    if (words.empty() || (words.size() > 1 && !has_direction)) {
      return errors::InvalidField("order_by", absl::StrCat("\"", piece, "\" is no field"), kRemedy);
    }
    absl::StatusOr<FieldPath> path = FieldPath::Parse(words[0], type);
    if (!path.ok()) {
      return errors::InvalidField("order_by", std::string(path.status().message()), kRemedy);
    }
    if (path->type() == FieldPath::Type::kMap || order.parts_.size() == kMaxParts) {
      return errors::InvalidField("order_by", absl::StrCat(words[0], " has no order"), kRemedy);
    }
    order.parts_.push_back({*std::move(path), words.back() == "desc"});
  }
  return order;
}

SortKey Order::KeyOf(const google::protobuf::Message& message) const {
  SortKey key;
  key.reserve(parts_.size() + 1);
  for (const Part& part : parts_) key.push_back(part.path.Read(message));
  key.emplace_back(message.GetReflection()->GetString(message, uid_));
  return key;
}

bool Order::IsBefore(const SortKey& left, const SortKey& right) const {
  for (size_t i = 0; i < parts_.size(); ++i) {
    if (left[i] != right[i]) return (left[i] < right[i]) != parts_[i].is_descending;
  }
  return left.back() < right.back();
}

std::string EncodeKey(const SortKey& key) {
  google::protobuf::ListValue list;
  for (const FieldValue& value : key) {
    google::protobuf::Value& item = *list.add_values();
    if (const auto* const number = std::get_if<int64_t>(&value)) {
      item.set_string_value(absl::StrCat("#", *number));
    } else if (const auto* const text = std::get_if<std::string>(&value)) {
      item.set_string_value(absl::StrCat("\"", *text));
    } else {
      item.set_null_value(google::protobuf::NULL_VALUE);
    }
  }
  return list.SerializeAsString();
}

bool DecodeKey(const std::string& bytes, SortKey& key) {
  google::protobuf::ListValue list;
  if (!list.ParseFromString(bytes)) return false;
  for (const google::protobuf::Value& item : list.values()) {
    const std::string& text = item.string_value();
    int64_t number = 0;
    if (text.empty()) {
      key.emplace_back();
    } else if (text.front() == '"') {
      key.emplace_back(text.substr(1));
    } else if (absl::SimpleAtoi(text.substr(1), &number)) {
      key.emplace_back(number);
    } else {
      return false;
    }
  }
  return !key.empty();
}

}  // namespace emu::daemon
