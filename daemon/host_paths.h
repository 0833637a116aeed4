// The host's files are its administrator's: others hear of those only that they have named, and
// name only those that they may have.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "emud/v1/vm.pb.h"
#include "vmm/base/unique_fd.h"

namespace emu::daemon {

// `status` for somebody elsewhere: paths that `request` does not name are left out.
absl::Status WithoutHostPaths(const absl::Status& status, const google::protobuf::Message& request);

// Likewise, of an answer that tells of errors.
void HideHostPaths(google::protobuf::Message& answer);

// Whether each file of `spec` lies below `folder`, symbolic links followed. INVALID_ARGUMENT with
// the field.
absl::Status CheckBelow(const emud::v1::VmSpec& spec, const std::string& folder);
// Likewise each of these: a field, and the path that it has. Empty ones are left out.
using NamedPath = std::pair<std::string, std::string>;
absl::Status CheckBelow(const std::vector<NamedPath>& files, const std::string& folder);

enum class FileUse : uint8_t { kRead, kWrite };
// A regular file that is not empty, or a block device. INVALID_ARGUMENT with the field and the
// remedy.
absl::StatusOr<UniqueFd> OpenHostFile(const std::string& field, const std::string& path,
                                      FileUse use);
// Writers exclude everybody, readers only writers. The lock belongs to the open file, which the VM
// process inherits: it goes when the VM does.
absl::Status LockDisk(const UniqueFd& disk, FileUse use, const std::string& field,
                      const std::string& path);

}  // namespace emu::daemon
