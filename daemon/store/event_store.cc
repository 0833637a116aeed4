#include "daemon/store/event_store.h"

#include <utility>

#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {

absl::Status EventStore::Append(const emud::v1::Event& event) {
  const auto revision = static_cast<int64_t>(event.revision());
  // Replaced: a commit that said it failed may have been one.
  RETURN_IF_ERROR(transaction_.Prepare("INSERT OR REPLACE INTO events VALUES(?1, ?2)")
                      .Bind(revision)
                      .BindBlob(event.SerializeAsString())
                      .Run());
  return transaction_.Prepare("DELETE FROM events WHERE revision<=?1")
      .Bind(revision - static_cast<int64_t>(kept_))
      .Run();
}

absl::StatusOr<std::vector<emud::v1::Event>> EventStore::ReadAfter(uint64_t revision, int limit) {
  std::vector<emud::v1::Event> events;
  Statement select = transaction_.Prepare(
      "SELECT revision, record FROM events WHERE revision>?1 ORDER BY revision LIMIT ?2");
  select.Bind(static_cast<int64_t>(revision)).Bind(limit);
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return events;
    emud::v1::Event event;
    if (event.ParseFromString(select.Bytes(1))) {
      events.push_back(std::move(event));
    } else {
      LogError("event-record-unreadable", {{"revision", select.Number(0)}});
    }
  }
}

absl::StatusOr<uint64_t> EventStore::Oldest() {
  Statement select = transaction_.Prepare("SELECT min(revision) FROM events");
  RETURN_IF_ERROR(select.Step().status());
  return static_cast<uint64_t>(select.Number(0));
}

}  // namespace emu::daemon
