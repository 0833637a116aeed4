// Reading vm.yaml.
#pragma once

#include <string>

#include "emud/v1/vm.pb.h"

namespace emu::client {

// Reads a VmManifest; false, and `error` with file and line, if there is a field that is not known
// or a value of the wrong kind.
bool ReadManifest(const std::string& path, emud::v1::VmManifest& manifest, std::string& error);

}  // namespace emu::client
