// Reading files of images, volumes and VMs.
#pragma once

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "emud/v1/image.pb.h"
#include "emud/v1/vm.pb.h"
#include "emud/v1/volume.pb.h"

namespace emu::client {

// A document; the kinds are in the order in which they rely on each other.
using Manifest =
    std::variant<emud::v1::ImageManifest, emud::v1::VolumeManifest, emud::v1::VmManifest>;

// Reads all documents of a file, "-" for standard input; false, and `error` with file and line, if
// there is a field that is not known or a value of the wrong kind. Paths, which start from the
// file's folder, are absolute then.
bool ReadManifests(const std::string& path, std::vector<Manifest>& manifests, std::string& error);
// Likewise, of a file that has one, of a VM.
bool ReadManifest(const std::string& path, emud::v1::VmManifest& manifest, std::string& error);

// Paths in `spec` start from `folder`.
void MakeAbsolute(const std::filesystem::path& folder, emud::v1::VmSpec& spec);

// Sets the field at `path`, names joined by dots, to `value` as YAML has it; false, and `error`, if
// there is no such field or it is of another kind.
bool SetField(const std::string& path, const std::string& value, emud::v1::Vm& vm,
              std::string& error);

}  // namespace emu::client
