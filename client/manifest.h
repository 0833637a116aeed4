// Reading vm.yaml.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "emud/v1/vm.pb.h"

namespace emu::client {

// Reads all documents of a file, "-" for standard input; false, and `error` with file and line, if
// there is a field that is not known or a value of the wrong kind. Paths, which start from the
// file's folder, are absolute then.
bool ReadManifests(const std::string& path, std::vector<emud::v1::VmManifest>& manifests,
                   std::string& error);
// Likewise, of a file that has one.
bool ReadManifest(const std::string& path, emud::v1::VmManifest& manifest, std::string& error);

// Paths in `spec` start from `folder`.
void MakeAbsolute(const std::filesystem::path& folder, emud::v1::VmSpec& spec);

// Sets the field at `path`, names joined by dots, to `value` as YAML has it; false, and `error`, if
// there is no such field or it is of another kind.
bool SetField(const std::string& path, const std::string& value, emud::v1::Vm& vm,
              std::string& error);

}  // namespace emu::client
