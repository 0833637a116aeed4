// What may be asked for when an image is imported.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "emud/v1/image.pb.h"

namespace emu::daemon {

// INVALID_ARGUMENT that names the field and the remedy.
absl::Status CheckImageName(const std::string& name, const std::string& field = "name");
absl::Status CheckImport(const emud::v1::ImportImageRequest& request);

// DISK where nothing is said.
emud::v1::Image::Role RoleOf(const emud::v1::ImportImageRequest::Source& source);

}  // namespace emu::daemon
