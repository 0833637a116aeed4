// Printing messages: a table for people, JSON and YAML for programs.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "emud/v1/vm.pb.h"

namespace emu::client {

std::string ToJson(const google::protobuf::Message& message);
std::string ToJsonLine(const google::protobuf::Message& message);  // without its end
std::string ToYaml(const google::protobuf::Message& message);
// Rows under the headings, in columns as wide as their widest cell.
std::string ToTable(const std::vector<std::string>& headings,
                    const std::vector<std::vector<std::string>>& rows);
std::string VmTable(const std::vector<emud::v1::Vm>& vms);
// One VM in full, for people.
std::string VmDetails(const emud::v1::Vm& vm);

// With all that fits a row.
std::string WideVmTable(const std::vector<emud::v1::Vm>& vms);
// One or some of `vms`, which are what `message` is about, in any form; `table` is the ordinary
// one.
void PrintVms(const std::string& output, const google::protobuf::Message& message,
              const std::vector<emud::v1::Vm>& vms, const std::string& table);

// "FULL", or "PARTIAL, without" and what is missing. Of a Vm or a Host.
template <typename Confined>
std::string SandboxText(const Confined& confined) {
  std::string text = emud::v1::Sandbox::Level_Name(confined.sandbox_level());
  const char* before = ", without ";
  for (const int step : confined.sandbox_missing()) {
    text += before + emud::v1::Sandbox::Step_Name(static_cast<emud::v1::Sandbox::Step>(step));
    before = " ";
  }
  return text;
}

// The message as JSON or YAML where that is asked for, else `table`.
void Print(const std::string& output, const google::protobuf::Message& message,
           const std::string& table);

}  // namespace emu::client
