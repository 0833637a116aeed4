// The table events: the last changes of VMs, by revision.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/database.h"
#include "emud/v1/event.pb.h"

namespace emu::daemon {

// As long as its transaction.
class EventStore {
 public:
  static constexpr uint64_t kKept = 10'000;

  explicit EventStore(Transaction& transaction, uint64_t kept = kKept)
      : transaction_(transaction), kept_(kept) {}

  // Revisions grow. Those that are `kept` older are dropped.
  absl::Status Append(const emud::v1::Event& event);
  // At most `limit` with a revision above `revision`, in order.
  absl::StatusOr<std::vector<emud::v1::Event>> ReadAfter(uint64_t revision, int limit);
  // The oldest one's revision; 0 if there is none.
  absl::StatusOr<uint64_t> Oldest();

 private:
  Transaction& transaction_;
  const uint64_t kept_;
};

}  // namespace emu::daemon
