#include "client/manifest.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>
#include <yaml-cpp/yaml.h>

namespace emu::client {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// YAML -> JSON along a message's descriptor, so that an error knows its line.
class Converter {
 public:
  explicit Converter(std::string path) : path_(std::move(path)) {}

  bool Message(const YAML::Node& node, const Descriptor& type, std::string& json) {
    if (!node.IsMap()) return Fail(node, "a map of fields is wanted here");
    json += '{';
    bool first = true;
    for (const auto& pair : node) {
      const std::string name = pair.first.as<std::string>("");
      const FieldDescriptor* field = type.FindFieldByCamelcaseName(name);
      if (field == nullptr) field = type.FindFieldByName(name);
      if (field == nullptr) return Fail(pair.first, "unknown field " + name + Known(type));
      if (!first) json += ',';
      first = false;
      Quote(field->json_name(), json);
      json += ':';
      if (!Value(pair.second, *field, json)) return false;
    }
    json += '}';
    return true;
  }
  const std::string& error() const { return error_; }
  bool Fail(const YAML::Node& node, const std::string& problem) {
    error_ = path_ + ":" + std::to_string(node.Mark().line + 1) + ": " + problem;
    return false;
  }

 private:
  static std::string Known(const Descriptor& type) {
    std::string known = "; there are";
    for (int i = 0; i < type.field_count(); ++i) known += " " + type.field(i)->json_name();
    return known;
  }

  static void Quote(const std::string& text, std::string& json) {
    json += '"';
    for (const char c : text) {
      if (c == '"' || c == '\\') json += '\\';
      if (static_cast<unsigned char>(c) < ' ') {
        char escaped[8];
        std::snprintf(escaped, sizeof(escaped), "\\u%04x", c);
        json += escaped;
      } else {
        json += c;
      }
    }
    json += '"';
  }

  bool Value(const YAML::Node& node, const FieldDescriptor& field, std::string& json) {
    if (field.is_map()) {
      if (!node.IsMap()) return Fail(node, field.json_name() + ": a map is wanted");
      json += '{';
      bool first = true;
      for (const auto& pair : node) {
        if (!first) json += ',';
        first = false;
        Quote(pair.first.as<std::string>(""), json);
        json += ':';
        Quote(pair.second.as<std::string>(""), json);
      }
      json += '}';
      return true;
    }
    if (!field.is_repeated()) return Single(node, field, json);
    if (!node.IsSequence()) return Fail(node, field.json_name() + ": a list is wanted");
    json += '[';
    for (size_t i = 0; i < node.size(); ++i) {
      if (i != 0) json += ',';
      if (!Single(node[i], field, json)) return false;
    }
    json += ']';
    return true;
  }

  bool Single(const YAML::Node& node, const FieldDescriptor& field, std::string& json) {
    if (field.type() == FieldDescriptor::TYPE_MESSAGE) {
      return Message(node, *field.message_type(), json);
    }
    if (!node.IsScalar()) return Fail(node, field.json_name() + ": a single value is wanted");
    const std::string text = node.as<std::string>("");
    if (field.type() == FieldDescriptor::TYPE_BOOL) {
      bool value = false;
      if (!YAML::convert<bool>::decode(node, value)) {
        return Fail(node, field.json_name() + ": true or false is wanted, not " + text);
      }
      json += value ? "true" : "false";
      return true;
    }
    if (field.type() == FieldDescriptor::TYPE_ENUM &&
        field.enum_type()->FindValueByName(text) == nullptr) {
      return Fail(node, field.json_name() + ": " + text + " is not one of its values");
    }
    uint64_t number = 0;
    if ((field.type() == FieldDescriptor::TYPE_UINT32 ||
         field.type() == FieldDescriptor::TYPE_UINT64) &&
        (!YAML::convert<uint64_t>::decode(node, number) ||
         (field.type() == FieldDescriptor::TYPE_UINT32 && number > UINT32_MAX))) {
      return Fail(node, field.json_name() + ": a number is wanted, not " + text);
    }
    Quote(text, json);
    return true;
  }

  const std::string path_;
  std::string error_;
};

}  // namespace

bool ReadManifest(const std::string& path, emud::v1::VmManifest& manifest, std::string& error) {
  try {
    const YAML::Node root = YAML::LoadFile(path);
    Converter converter(path);
    std::string json;
    if (!converter.Message(root, *emud::v1::VmManifest::descriptor(), json)) {
      error = converter.error();
      return false;
    }
    const auto parsed = google::protobuf::util::JsonStringToMessage(json, &manifest);
    if (!parsed.ok()) {
      error = path + ": " + std::string(parsed.message());
      return false;
    }
  } catch (const YAML::Exception& problem) {
    error = path + ": " + problem.what();
    return false;
  }
  if (manifest.kind() == "Vm" && manifest.api_version() == "emud.dev/v1") return true;
  error = path + ": want apiVersion: emud.dev/v1 and kind: Vm";
  return false;
}

}  // namespace emu::client
