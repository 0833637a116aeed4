// Reading vm.yaml.
#pragma once

#include <string>

#include "emud/v1/vm.pb.h"

namespace emu::client {

// Reads a VmManifest; false, and `error` with file and line, if there is a field that is not known
// or a value of the wrong kind.
bool ReadManifest(const std::string& path, emud::v1::VmManifest& manifest, std::string& error);

// Sets the field at `path`, names joined by dots, to `value` as YAML has it; false, and `error`, if
// there is no such field or it is of another kind.
bool SetField(const std::string& path, const std::string& value, emud::v1::Vm& vm,
              std::string& error);

}  // namespace emu::client
