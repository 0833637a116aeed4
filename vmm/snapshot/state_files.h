// The files that one state lies in, opened and checked as far as their manifests go.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "vm/v1/machine_state.pb.h"
#include "vmm/base/unique_fd.h"

namespace emu::snapshot {

// A state's own file, and those of its sources, in the manifest's order. Nobody writes to them.
struct StateFiles {
  UniqueFd own;
  std::vector<UniqueFd> sources = {};
};

struct OpenState {
  vm::v1::MachineState manifest;
  uint32_t manifest_crc32c;
  // By a chunk's `source`.
  std::vector<std::shared_ptr<const UniqueFd>> files;
};

// Files may come from anyone: DATA_LOSS for one that is damaged, FAILED_PRECONDITION for one of a
// newer format and where a source is missing or is another than the manifest names.
absl::StatusOr<OpenState> Open(StateFiles files);

}  // namespace emu::snapshot
