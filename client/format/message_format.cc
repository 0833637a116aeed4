#include "client/format/message_format.h"

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdio>

namespace emu::client {

std::string ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(message, &json, options);
  return json;
}

std::string ToYaml(const google::protobuf::Message& message) {
  // JSON is YAML; what is read so is written again in block style.
  YAML::Emitter emitter;
  const std::function<void(const YAML::Node&)> emit = [&](const YAML::Node& node) {
    if (node.IsMap()) {
      emitter << YAML::BeginMap;
      for (const auto& pair : node) {
        emitter << YAML::Key << pair.first.as<std::string>() << YAML::Value;
        emit(pair.second);
      }
      emitter << YAML::EndMap;
    } else if (node.IsSequence()) {
      emitter << YAML::BeginSeq;
      for (const auto& item : node) emit(item);
      emitter << YAML::EndSeq;
    } else {
      emitter << node.as<std::string>("");
    }
  };
  emit(YAML::Load(ToJson(message)));
  return std::string(emitter.c_str()) + "\n";
}

std::string ToTable(const std::vector<std::string>& headings,
                    const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  widths.reserve(headings.size());
  for (const std::string& heading : headings) widths.push_back(heading.size());
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string table;
  const auto add = [&](const std::vector<std::string>& row) {
    for (size_t i = 0; i < row.size(); ++i) {
      table += row[i];
      if (i + 1 < row.size()) table.append(widths[i] - row[i].size() + 2, ' ');
    }
    table += '\n';
  };
  add(headings);
  for (const auto& row : rows) add(row);
  return table;
}

std::string VmTable(const std::vector<emud::v1::Vm>& vms) {
  std::vector<std::vector<std::string>> rows;
  for (const emud::v1::Vm& vm : vms) {
    const emud::v1::Machine& machine = vm.spec().machine();
    rows.push_back({vm.name(), emud::v1::Vm::State_Name(vm.state()), machine.arch(),
                    std::to_string(machine.cpus()), std::to_string(machine.memory_mib()) + "M",
                    vm.pid() == 0 ? "-" : std::to_string(vm.pid()),
                    vm.state_reason().empty() ? "-" : vm.state_reason()});
  }
  return ToTable({"NAME", "STATE", "ARCH", "CPUS", "MEMORY", "PID", "REASON"}, rows);
}

std::string VmDetails(const emud::v1::Vm& vm) {
  std::string text = VmTable({vm});
  text += "uid      " + vm.uid() + "\n";
  text += "created  " + google::protobuf::util::TimeUtil::ToString(vm.create_time()) + "\n";
  if (vm.has_last_exit()) {
    const emud::v1::LastExit& exit = vm.last_exit();
    text += "last exit  code " + std::to_string(exit.code()) + ", signal " +
            std::to_string(exit.signal()) + (exit.message().empty() ? "" : ": " + exit.message()) +
            "\n";
    if (vm.state() == emud::v1::Vm::CRASHED) {
      text += "console's last lines:\n" + exit.console_tail() + "\n";
    }
  }
  return text;
}

void Print(const std::string& output, const google::protobuf::Message& message,
           const std::string& table) {
  const std::string text = output == "json"   ? ToJson(message)
                           : output == "yaml" ? ToYaml(message)
                                              : table;
  std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace emu::client
