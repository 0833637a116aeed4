// Who may call what: a row for each method of the API, and nothing else says it.
#pragma once

#include <google/protobuf/descriptor.h>

#include <span>
#include <string_view>

#include "emud/v1/access.pb.h"

namespace emu::daemon {

// Where the role is needed.
enum class Scope : uint8_t {
  kCaller,    // nowhere: it is about the caller, or for everybody
  kFiltered,  // nowhere: the answer holds what the caller may see
  kVm,        // in the project of the VM that the field names
  kProject,   // in the project that the field names; empty: the caller's home
  kImage,     // in the project of the image that the field names
  kVolume,    // in the project of the volume that the field names
  kSnapshot,  // in the project of the snapshot that the field names
  kPool,      // in the project of the pool that the field names
  kUpload,    // in the project of the upload that the field names
  kToken,     // in the project of the token that the field names
  kHost,      // in all projects
  kTargets,   // or the verb's, in the project of each VM of the operation: its handler asks
};

struct MethodAccess {
  std::string_view method;  // "emud.v1.VmService.GetVm"
  emud::v1::Role role;
  Scope scope;
  std::string_view field;  // of the request: "vm.name"
  // Of mutations, consoles and gdb, which the audit log has: where the request says what it is done
  // to; of several, with | between them, the first that is set. Empty: it is not in the log.
  std::string_view audited;
};

std::span<const MethodAccess> MethodTable();
// The row of the one method that takes such a message; null if there is none.
const MethodAccess* FindMethodAccess(const google::protobuf::Descriptor& request);
// The text of `field` in `request`, of a list with commas; empty if there is none.
std::string TextAt(const google::protobuf::Message& request, std::string_view field);

}  // namespace emu::daemon
