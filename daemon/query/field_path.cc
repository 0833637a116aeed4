#include "daemon/query/field_path.h"

#include <google/protobuf/message.h>
#include <google/protobuf/util/time_util.h>

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Timestamp;
using google::protobuf::util::TimeUtil;
using Type = FieldPath::Type;

std::optional<Type> TypeOf(const FieldDescriptor& field) {
  if (field.is_map()) {
    const bool has_text = field.message_type()->map_value()->type() == FieldDescriptor::TYPE_STRING;
    return has_text ? std::optional(Type::kMap) : std::nullopt;
  }
  if (field.is_repeated()) return std::nullopt;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_STRING ? std::optional(Type::kText)
                                                          : std::nullopt;
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return Type::kNumber;
    case FieldDescriptor::CPPTYPE_BOOL:
      return Type::kBool;
    case FieldDescriptor::CPPTYPE_ENUM:
      return Type::kEnum;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return field.message_type() == Timestamp::descriptor() ? std::optional(Type::kTime)
                                                             : std::nullopt;
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return std::nullopt;
  }
  return std::nullopt;
}

absl::Status NoField(std::string_view name, const Descriptor& type) {
  std::string known;
  for (int i = 0; i < type.field_count(); ++i) absl::StrAppend(&known, " ", type.field(i)->name());
  return absl::InvalidArgumentError(
      absl::StrCat(std::string(name), " is no field; there are", known));
}

// The text value of `key`, null if it is not there.
const std::string* FindKey(const Message& parent, const FieldDescriptor& map,
                           const std::string& key) {
  const google::protobuf::Reflection& reflection = *parent.GetReflection();
  for (int i = 0; i < reflection.FieldSize(parent, &map); ++i) {
    const Message& entry = reflection.GetRepeatedMessage(parent, &map, i);
    std::string unused;
    const auto& fields = *entry.GetReflection();
    if (fields.GetStringReference(entry, map.message_type()->map_key(), &unused) == key) {
      return &fields.GetStringReference(entry, map.message_type()->map_value(), &unused);
    }
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<FieldPath> FieldPath::Parse(std::string_view text, const Descriptor& root) {
  FieldPath path;
  const Descriptor* type = &root;
  while (true) {
    const size_t dot = text.find('.');
    const std::string_view name = text.substr(0, dot);
    const FieldDescriptor* const field = type->FindFieldByName(std::string(name));
    if (field == nullptr) return NoField(name, *type);
    path.fields_.push_back(field);
    const bool is_last = dot == std::string_view::npos;
    if (!is_last) text.remove_prefix(dot + 1);
    const std::optional<Type> value = TypeOf(*field);
    if (value.has_value()) {
      path.type_ = *value;
      if (is_last) return path;
      if (*value == Type::kMap && !text.empty()) {
        path.key_ = std::string(text);
        path.type_ = Type::kText;
        return path;
      }
      return absl::InvalidArgumentError(absl::StrCat(field->name(), " has no fields"));
    }
    if (field->is_repeated() || field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      return absl::InvalidArgumentError(absl::StrCat(field->name(), " can't be compared"));
    }
    type = field->message_type();
    if (is_last) {
      return absl::InvalidArgumentError(
          absl::StrCat(field->name(), " has no value of its own; name a field below it"));
    }
  }
}

const Message* FieldPath::Parent(const Message& message) const {
  const Message* at = &message;
  for (size_t i = 0; i + 1 < fields_.size(); ++i) {
    at = &at->GetReflection()->GetMessage(*at, fields_[i]);
  }
  return at;
}

FieldValue FieldPath::Read(const Message& message) const {
  const Message& parent = *Parent(message);
  const FieldDescriptor* const field = fields_.back();
  const google::protobuf::Reflection& reflection = *parent.GetReflection();
  if (field->is_map()) {
    const std::string* const value = key_.empty() ? nullptr : FindKey(parent, *field, key_);
    return value == nullptr ? FieldValue() : FieldValue(*value);
  }
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection.GetString(parent, field);
    case FieldDescriptor::CPPTYPE_INT32:
      return int64_t{reflection.GetInt32(parent, field)};
    case FieldDescriptor::CPPTYPE_INT64:
      return int64_t{reflection.GetInt64(parent, field)};
    case FieldDescriptor::CPPTYPE_UINT32:
      return int64_t{reflection.GetUInt32(parent, field)};
    case FieldDescriptor::CPPTYPE_UINT64:
      return static_cast<int64_t>(reflection.GetUInt64(parent, field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return int64_t{reflection.GetBool(parent, field)};
    case FieldDescriptor::CPPTYPE_ENUM:
      return int64_t{reflection.GetEnumValue(parent, field)};
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      if (!reflection.HasField(parent, field)) return {};
      Timestamp time;
      time.CopyFrom(reflection.GetMessage(parent, field));
      return TimeUtil::TimestampToNanoseconds(time);
    }
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      break;
  }
  return {};
}

bool FieldPath::HasKey(const Message& message, const std::string& key) const {
  return FindKey(*Parent(message), *fields_.back(), key) != nullptr;
}

absl::StatusOr<FieldValue> FieldPath::ParseValue(const std::string& text) const {
  const auto wanted = [&](const char* what) {
    return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is not ", what));
  };
  int64_t number = 0;
  Timestamp time;
  switch (type_) {
    case Type::kText:
    case Type::kMap:
      return text;
    case Type::kNumber:
      if (!absl::SimpleAtoi(text, &number)) return wanted("a number");
      return number;
    case Type::kBool:
      if (text != "true" && text != "false") return wanted("true or false");
      return int64_t{text == "true"};
    case Type::kEnum: {
      const auto* const value = fields_.back()->enum_type()->FindValueByName(text);
      if (value == nullptr) {
        return wanted(absl::StrCat("one of ", fields_.back()->name(), "'s values").c_str());
      }
      return int64_t{value->number()};
    }
    case Type::kTime:
      if (!TimeUtil::FromString(text, &time)) return wanted("a time like 2026-01-31T12:00:00Z");
      return TimeUtil::TimestampToNanoseconds(time);
  }
  return wanted("a value");
}

}  // namespace emu::daemon
