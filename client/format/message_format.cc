#include "client/format/message_format.h"

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>

#include "absl/strings/str_cat.h"
#include "client/forward.h"

namespace emu::client {

using google::protobuf::util::TimeUtil;

std::string ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(message, &json, options);
  return json;
}

std::string ToJsonLine(const google::protobuf::Message& message) {
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(message, &json);
  return json;
}

namespace {

// Whether a reader of YAML would take the word for a number, a switch or nothing.
bool LooksLikeNoText(std::string word) {
  std::transform(word.begin(), word.end(), word.begin(), ::tolower);
  for (const char* other : {"~", "null", "true", "false", "yes", "no", "on", "off", "y", "n"}) {
    if (word == other) return true;
  }
  char* end = nullptr;
  std::strtod(word.c_str(), &end);
  return *end == '\0';
}

}  // namespace

std::string ToYaml(const google::protobuf::Message& message) {
  using google::protobuf::Descriptor;
  using google::protobuf::FieldDescriptor;
  // JSON is YAML; what is read so is written again in block style. `type` is that of the map at
  // `node`, null where it has none.
  YAML::Emitter emitter;
  const auto below = [](const FieldDescriptor* field) {
    return field == nullptr ? nullptr : field->message_type();
  };
  const std::function<void(const YAML::Node&, const Descriptor*, const FieldDescriptor*)> emit =
      [&](const YAML::Node& node, const Descriptor* type, const FieldDescriptor* field) {
        if (node.IsMap()) {
          emitter << YAML::BeginMap;
          for (const auto& pair : node) {
            const auto name = pair.first.as<std::string>();
            const FieldDescriptor* inner = nullptr;
            for (int i = 0; type != nullptr && i < type->field_count(); ++i) {
              if (type->field(i)->json_name() == name) inner = type->field(i);
            }
            emitter << YAML::Key << name << YAML::Value;
            emit(pair.second, below(inner), inner);
          }
          emitter << YAML::EndMap;
        } else if (node.IsSequence()) {
          emitter << YAML::BeginSeq;
          for (const auto& item : node) emit(item, type, field);
          emitter << YAML::EndSeq;
        } else {
          const auto text = node.as<std::string>("");
          // JSON has long numbers in quotes too.
          const bool is_number =
              field != nullptr && (field->cpp_type() == FieldDescriptor::CPPTYPE_INT64 ||
                                   field->cpp_type() == FieldDescriptor::CPPTYPE_UINT64);
          if (node.Tag() == "!" && !is_number && LooksLikeNoText(text))
            emitter << YAML::DoubleQuoted;
          emitter << text;
        }
      };
  emit(YAML::Load(ToJson(message)), message.GetDescriptor(), nullptr);
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

std::string WideVmTable(const std::vector<emud::v1::Vm>& vms) {
  const auto or_dash = [](const std::string& text) { return text.empty() ? "-" : text; };
  std::vector<std::vector<std::string>> rows;
  for (const emud::v1::Vm& vm : vms) {
    const emud::v1::Machine& machine = vm.spec().machine();
    std::string labels;
    for (const auto& [key, value] : std::map(vm.labels().begin(), vm.labels().end())) {
      absl::StrAppend(&labels, labels.empty() ? "" : ",", key, "=", value);
    }
    rows.push_back({vm.name(), emud::v1::Vm::State_Name(vm.state()), machine.arch(),
                    std::to_string(machine.cpus()), std::to_string(machine.memory_mib()) + "M",
                    vm.pid() == 0 ? "-" : std::to_string(vm.pid()), or_dash(vm.state_reason()),
                    TimeUtil::ToString(vm.create_time()), std::to_string(vm.restart_count()),
                    vm.has_expire_time() ? TimeUtil::ToString(vm.expire_time()) : "-",
                    vm.has_idle() ? TimeUtil::ToString(vm.idle().since_time()) : "-", vm.project(),
                    or_dash(labels), vm.uid()});
  }
  return ToTable({"NAME", "STATE", "ARCH", "CPUS", "MEMORY", "PID", "REASON", "CREATED", "RESTARTS",
                  "EXPIRES", "IDLE-SINCE", "PROJECT", "LABELS", "UID"},
                 rows);
}

void PrintVms(const std::string& output, const google::protobuf::Message& message,
              const std::vector<emud::v1::Vm>& vms, const std::string& table) {
  if (output == "name") {
    for (const emud::v1::Vm& vm : vms) std::printf("%s\n", vm.name().c_str());
  } else {
    Print(output, message, output == "wide" ? WideVmTable(vms) : table);
  }
}

namespace {

std::string FateOnIdle(emud::v1::Lifecycle::IdleAction action) {
  if (action == emud::v1::Lifecycle::DELETE) return "deleted";
  return action == emud::v1::Lifecycle::SUSPEND ? "suspended" : "stopped";
}

std::string LastLines(const std::string& text, int count) {
  size_t at = text.find_last_not_of("\r\n");
  if (at == std::string::npos) return "";
  const size_t end = at + 1;
  while (at != std::string::npos && at != 0 && count-- > 0) at = text.rfind('\n', at - 1);
  if (at == std::string::npos || at == 0) return text.substr(0, end);
  return text.substr(at + 1, end - at - 1);
}

}  // namespace

std::string VmDetails(const emud::v1::Vm& vm) {
  std::string text = VmTable({vm});
  const auto add = [&text](std::string field, const std::string& value) {
    if (value.empty()) return;
    field.resize(std::max<size_t>(field.size(), 9), ' ');
    text += field;
    text += value;
    text += "\n";
  };
  add("uid", vm.uid());
  add("project", vm.project());
  add("created", TimeUtil::ToString(vm.create_time()));
  if (vm.sandbox_level() != emud::v1::Sandbox::LEVEL_UNSPECIFIED) add("sandbox", SandboxText(vm));
  for (const auto& [key, value] : vm.labels())
    add("label", std::string(key).append("=").append(value));
  if (vm.spec().lifecycle().restart_policy() > emud::v1::Lifecycle::NEVER) {
    add("restart", emud::v1::Lifecycle::RestartPolicy_Name(vm.spec().lifecycle().restart_policy()) +
                       ", " + std::to_string(vm.restart_count()) + " so far");
  }
  if (vm.spec().lifecycle().protected_()) add("protected", "from deletion");
  if (vm.has_expire_time()) add("expires", TimeUtil::ToString(vm.expire_time()));
  if (vm.spec().lifecycle().has_idle_timeout()) {
    add("on idle", FateOnIdle(vm.spec().lifecycle().on_idle()) + " after " +
                       TimeUtil::ToString(vm.spec().lifecycle().idle_timeout()));
  }
  if (vm.has_idle()) add("idle", "since " + TimeUtil::ToString(vm.idle().since_time()));
  if (const uint32_t version = vm.spec().machine().gic_version(); version != 0) {
    add("GIC", "version " + std::to_string(version));
  }
  const emud::v1::Boot& boot = vm.spec().boot();
  add("image", boot.image());
  add("firmware", boot.firmware());
  add("flash", boot.flash());
  add("kernel", boot.kernel());
  add("initrd", boot.initrd());
  add("cmdline", boot.cmdline());
  for (const emud::v1::Disk& disk : vm.spec().disks()) {
    const std::string begin = disk.image().empty() ? disk.path() : "over image " + disk.image();
    add("disk", begin + (disk.readonly() ? " (readonly)" : "") + ", id " + disk.id() +
                    (disk.bus() == emud::v1::Disk::VIRTIO_PCI ? ", on PCI" : "") +
                    (disk.bus() == emud::v1::Disk::VIRTIO_SCSI ? ", a CD" : "") +
                    (disk.format() == emud::v1::Disk::QCOW2 ? ", QCOW2" : "") +
                    (disk.cache() > emud::v1::Disk::WRITEBACK
                         ? ", cache " + emud::v1::Disk::Cache_Name(disk.cache())
                         : ""));
  }
  for (const emud::v1::NicStatus& nic : vm.nics()) {
    add("network", nic.id() + ", MAC " + nic.mac() +
                       (nic.guest_address().empty() ? "" : ", guest " + nic.guest_address()));
  }
  if (const std::string forwards = ForwardTable(vm); !forwards.empty()) {
    text += "forwards:\n" + forwards;
  }
  if (vm.has_last_exit()) {
    const emud::v1::LastExit& exit = vm.last_exit();
    text += "last exit  code " + std::to_string(exit.code()) + ", signal " +
            std::to_string(exit.signal()) + (exit.message().empty() ? "" : ": " + exit.message()) +
            "\n";
    if (exit.has_guest_pc()) {
      char pc[32];
      std::snprintf(pc, sizeof(pc), "0x%llx", static_cast<unsigned long long>(exit.guest_pc()));
      add("guest pc", pc);
    }
    if (vm.state() == emud::v1::Vm::CRASHED) {
      text += "console's last lines (all there are: emuctl console " + vm.name() + " --log):\n" +
              LastLines(exit.console_tail(), 20) + "\n";
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
