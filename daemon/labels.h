// Words that people hang on VMs and images: labels, to select by, and annotations.
#pragma once

#include <google/protobuf/map.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace emu::daemon {

using Notes = google::protobuf::Map<std::string, std::string>;

// INVALID_ARGUMENT that names the label.
absl::Status CheckLabels(const Notes& labels);

// Writes all of `from` into `to`, or what `below`, the rest of a mask's path, names: ".KEY".
void ApplyNotes(absl::string_view below, const Notes& from, Notes& to);

}  // namespace emu::daemon
