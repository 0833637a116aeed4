// The members of a tar archive that lies in a file, and may come from anyone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/images/sparse_file.h"

namespace emu::daemon::tar {

struct Member {
  std::string name;
  uint64_t file_bytes = 0;      // holes included
  uint64_t archive_offset = 0;  // of its data, which follow each other there
  std::vector<DataRun> runs;    // where they belong; ascending, within the file
  uint64_t data_bytes = 0;
};

// All of them, in order. What they are called is as it stands there. INVALID_ARGUMENT for what is
// no such archive and for members that are no files, DATA_LOSS for one that is damaged or cut
// short; HOST.
absl::StatusOr<std::vector<Member>> ReadMembers(int archive);

// Makes the empty `to` what the member is. HOST, STORAGE_FULL, CANCELLED.
absl::Status Unpack(int archive, const Member& member, int to, const IsCancelled& is_cancelled);
// All of a member that has no holes and `most` bytes at most: DATA_LOSS.
absl::StatusOr<std::string> ReadText(int archive, const Member& member, uint64_t most);

}  // namespace emu::daemon::tar
