#include "client/manifest.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <sstream>
#include <vector>

#include "client/duration.h"

namespace emu::client {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// YAML -> JSON along a message's descriptor, so that an error knows its line.
class Converter {
 public:
  // `path` of the file; empty: errors name no line.
  explicit Converter(std::string path) : path_(std::move(path)) {}

  // False if anything below is wrong; all of it is in error(), a line each.
  bool Message(const YAML::Node& node, const Descriptor& type, const std::string& where,
               std::string& json) {
    if (!node.IsMap()) return Fail(node, where, "a map of fields is wanted here");
    json += '{';
    bool good = true;
    bool first = true;
    std::set<std::string> seen;
    for (const auto& pair : node) {
      const std::string name = pair.first.as<std::string>("");
      const FieldDescriptor* field = type.FindFieldByCamelcaseName(name);
      if (field == nullptr) field = type.FindFieldByName(name);
      if (field == nullptr) {
        good = Fail(pair.first, Below(where, name), "is no field here" + Known(type));
        continue;
      }
      if (!seen.insert(field->name()).second) {
        good = Fail(pair.first, Below(where, name), "is given twice; leave one");
        continue;
      }
      if (!first) json += ',';
      first = false;
      Quote(field->json_name(), json);
      json += ':';
      good = Value(pair.second, *field, Below(where, name), json) && good;
    }
    json += '}';
    return good;
  }
  const std::string& error() const { return error_; }
  bool Fail(const YAML::Node& node, const std::string& where, const std::string& problem) {
    if (!error_.empty()) error_ += "\nemuctl: ";
    if (!path_.empty()) error_ += path_ + ":" + std::to_string(node.Mark().line + 1) + ": ";
    error_ += (where.empty() ? "" : where + ": ") + problem;
    return false;
  }

 private:
  static std::string Below(const std::string& where, const std::string& name) {
    return where.empty() ? name : where + "." + name;
  }

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

  bool Value(const YAML::Node& node, const FieldDescriptor& field, const std::string& where,
             std::string& json) {
    if (field.is_map()) return Map(node, where, json);
    if (!field.is_repeated()) return Single(node, field, where, json);
    if (!node.IsSequence()) return Fail(node, where, "a list is wanted");
    bool good = true;
    json += '[';
    for (size_t i = 0; i < node.size(); ++i) {
      if (i != 0) json += ',';
      good = Single(node[i], field, where + "[" + std::to_string(i) + "]", json) && good;
    }
    json += ']';
    return good;
  }

  bool Map(const YAML::Node& node, const std::string& where, std::string& json) {
    if (!node.IsMap()) return Fail(node, where, "a map is wanted");
    bool good = true;
    bool first = true;
    json += '{';
    for (const auto& pair : node) {
      if (!first) json += ',';
      first = false;
      const std::string key = pair.first.as<std::string>("");
      if (!pair.second.IsScalar()) {
        good = Fail(pair.second, Below(where, key), "a single value is wanted");
      }
      Quote(key, json);
      json += ':';
      Quote(pair.second.as<std::string>(""), json);
    }
    json += '}';
    return good;
  }

  bool Single(const YAML::Node& node, const FieldDescriptor& field, const std::string& where,
              std::string& json) {
    if (field.type() == FieldDescriptor::TYPE_MESSAGE &&
        field.message_type()->full_name() == "google.protobuf.Duration") {
      return Time(node, where, json);
    }
    if (field.type() == FieldDescriptor::TYPE_MESSAGE) {
      return Message(node, *field.message_type(), where, json);
    }
    if (!node.IsScalar()) return Fail(node, where, "a single value is wanted");
    const std::string text = node.as<std::string>("");
    if (field.type() == FieldDescriptor::TYPE_BOOL) {
      bool value = false;
      if (!YAML::convert<bool>::decode(node, value)) {
        return Fail(node, where, "true or false is wanted, not " + text);
      }
      json += value ? "true" : "false";
      return true;
    }
    if (field.type() == FieldDescriptor::TYPE_ENUM &&
        field.enum_type()->FindValueByName(text) == nullptr) {
      return Fail(node, where, text + " is not one of its values" + Values(*field.enum_type()));
    }
    uint64_t number = 0;
    if ((field.type() == FieldDescriptor::TYPE_UINT32 ||
         field.type() == FieldDescriptor::TYPE_UINT64) &&
        (!YAML::convert<uint64_t>::decode(node, number) || text.front() == '-' ||
         (field.type() == FieldDescriptor::TYPE_UINT32 && number > UINT32_MAX))) {
      return Fail(node, where, "a number is wanted, not " + text);
    }
    Quote(text, json);
    return true;
  }

  // 90s, 20m, 2h, and what -o yaml prints: 1.5s.
  bool Time(const YAML::Node& node, const std::string& where, std::string& json) {
    const std::string text = node.IsScalar() ? node.as<std::string>("") : "";
    int64_t seconds = 0;
    google::protobuf::Duration duration;
    if (ParseSeconds(text, seconds)) {
      Quote(std::to_string(seconds) + "s", json);
    } else if (google::protobuf::util::TimeUtil::FromString(text, &duration)) {
      Quote(text, json);
    } else {
      return Fail(node, where, "a time like 90s, 20m or 2h is wanted");
    }
    return true;
  }

  static std::string Values(const google::protobuf::EnumDescriptor& type) {
    std::string values = "; there are";
    for (int i = 1; i < type.value_count(); ++i) values += " " + type.value(i)->name();
    return values;
  }

  const std::string path_;
  std::string error_;
};

}  // namespace

namespace {

template <typename Kind>
bool ConvertTo(const YAML::Node& root, const std::string& path, Manifest& manifest,
               std::string& error) {
  Converter converter(path);
  std::string json;
  if (!converter.Message(root, *Kind::descriptor(), "", json)) {
    error = converter.error();
    return false;
  }
  Kind& read = manifest.emplace<Kind>();
  const auto parsed = google::protobuf::util::JsonStringToMessage(json, &read);
  if (!parsed.ok()) {
    error = path + ": " + std::string(parsed.message());
  } else if (read.api_version() != "emud.dev/v1") {
    error = path + ": apiVersion: \"" + read.api_version() + "\"; write emud.dev/v1";
  }
  return error.empty();
}

// What it says that it is decides how it is read.
bool Convert(const YAML::Node& root, const std::string& path, Manifest& manifest,
             std::string& error) {
  const std::string kind = root.IsMap() && root["kind"] ? root["kind"].as<std::string>("") : "";
  if (kind == "Image") return ConvertTo<emud::v1::ImageManifest>(root, path, manifest, error);
  if (kind == "Volume") return ConvertTo<emud::v1::VolumeManifest>(root, path, manifest, error);
  if (!ConvertTo<emud::v1::VmManifest>(root, path, manifest, error)) return false;
  if (kind == "Vm") return true;
  error = path + ": kind: \"" + kind + "\"; write Vm, Image or Volume";
  return false;
}

// Each document, with blank lines in place of those before it, so that a line has its number. Not
// by YAML::LoadAll, which finds documents without end where a bracket is closed that was never
// opened.
std::vector<std::string> SplitDocuments(const std::string& text) {
  std::vector<std::string> documents = {""};
  std::istringstream lines(text);
  std::string above;
  for (std::string line; std::getline(lines, line); above += '\n') {
    if (line == "---" && documents.back() != above) documents.push_back(above);
    documents.back() += line + "\n";
  }
  return documents;
}

// The daemon has another working directory.
std::string Absolute(const std::filesystem::path& folder, const std::string& path) {
  if (path.empty()) return path;
  std::error_code ignored;
  return std::filesystem::absolute(folder / path, ignored).lexically_normal().string();
}

void StartFrom(const std::filesystem::path& folder, Manifest& manifest) {
  if (auto* const vm = std::get_if<emud::v1::VmManifest>(&manifest)) {
    MakeAbsolute(folder, *vm->mutable_spec());
  }
  auto* const image = std::get_if<emud::v1::ImageManifest>(&manifest);
  if (image == nullptr || !image->has_spec()) return;
  std::string& source = *image->mutable_spec()->mutable_source()->mutable_path();
  source = Absolute(folder, source);
  for (auto& part : *image->mutable_spec()->mutable_parts()) {
    part.set_path(Absolute(folder, part.path()));
  }
}

}  // namespace

void MakeAbsolute(const std::filesystem::path& folder, emud::v1::VmSpec& spec) {
  emud::v1::Boot& boot = *spec.mutable_boot();
  boot.set_kernel(Absolute(folder, boot.kernel()));
  boot.set_initrd(Absolute(folder, boot.initrd()));
  boot.set_firmware(Absolute(folder, boot.firmware()));
  boot.set_flash(Absolute(folder, boot.flash()));
  for (emud::v1::Disk& disk : *spec.mutable_disks()) disk.set_path(Absolute(folder, disk.path()));
  for (emud::v1::Nic& nic : *spec.mutable_nics()) {
    if (!nic.has_boot_server()) continue;
    nic.mutable_boot_server()->set_folder(Absolute(folder, nic.boot_server().folder()));
  }
}

bool ReadManifests(const std::string& path, std::vector<Manifest>& manifests, std::string& error) {
  try {
    std::ifstream file;
    const bool is_stdin = path == "-";
    if (!is_stdin) file.open(path);
    if (!is_stdin && !file) {
      error = path + ": can't be read: " + std::strerror(errno) + "; check the path";
      return false;
    }
    std::istream& stream = is_stdin ? std::cin : file;
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    for (const std::string& document : SplitDocuments(text)) {
      const YAML::Node root = YAML::Load(document);
      if (root.IsNull() && !manifests.empty()) continue;  // a --- at the end
      Manifest manifest;
      if (!Convert(root, path, manifest, error)) return false;
      // As the file means them, wherever this is called.
      StartFrom(is_stdin ? "" : std::filesystem::path(path).parent_path(), manifest);
      manifests.push_back(std::move(manifest));
    }
  } catch (const YAML::Exception& problem) {
    error = path + ": " + problem.what();
    return false;
  }
  Manifest nothing;
  return !manifests.empty() || Convert(YAML::Node(), path, nothing, error);
}

bool ReadManifest(const std::string& path, emud::v1::VmManifest& manifest, std::string& error) {
  std::vector<Manifest> manifests;
  if (!ReadManifests(path, manifests, error)) return false;
  if (manifests.size() > 1) {
    error = path + ": holds " + std::to_string(manifests.size()) +
            " documents; emuctl apply takes several";
    return false;
  }
  auto* const vm = std::get_if<emud::v1::VmManifest>(&manifests.front());
  if (vm == nullptr) {
    error = path + ": is no VM; emuctl apply takes images and volumes, too";
    return false;
  }
  manifest = std::move(*vm);
  return true;
}

bool SetField(const std::string& path, const std::string& value, emud::v1::Vm& vm,
              std::string& error) {
  try {
    // {a: {b: value}} for a.b
    YAML::Node node = YAML::Load(value);
    for (std::string rest = path; !rest.empty();) {
      const size_t dot = rest.rfind('.');
      YAML::Node above;
      above[dot == std::string::npos ? rest : rest.substr(dot + 1)] = node;
      node = above;
      rest.resize(dot == std::string::npos ? 0 : dot);
    }
    Converter converter("");
    std::string json;
    if (!converter.Message(node, *emud::v1::Vm::descriptor(), "", json)) {
      error = converter.error();
      return false;
    }
    emud::v1::Vm one;
    const auto parsed = google::protobuf::util::JsonStringToMessage(json, &one);
    error = std::string(parsed.message());
    if (parsed.ok()) vm.MergeFrom(one);
    return parsed.ok();
  } catch (const YAML::Exception& problem) {
    error = problem.what();
    return false;
  }
}

}  // namespace emu::client
