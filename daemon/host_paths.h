// The host's files are its administrator's: others hear of those only that they have named, and
// name only those that they may have.
#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "absl/status/status.h"
#include "emud/v1/vm.pb.h"

namespace emu::daemon {

// `status` for somebody elsewhere: paths that `request` does not name are left out.
absl::Status WithoutHostPaths(const absl::Status& status, const google::protobuf::Message& request);

// Likewise, of an answer that tells of errors.
void HideHostPaths(google::protobuf::Message& answer);

// Whether each file of `spec` lies below `folder`, symbolic links followed. INVALID_ARGUMENT with
// the field.
absl::Status CheckBelow(const emud::v1::VmSpec& spec, const std::string& folder);

}  // namespace emu::daemon
