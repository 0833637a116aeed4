#include "daemon/watch/cursor.h"

#include <algorithm>
#include <utility>

#include "daemon/access/caller.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::WatchEventsResponse;
using emud::v1::WatchVmsResponse;

// What is taken at once; who reads slowly gets newer versions with the next.
constexpr size_t kBatch = 64;

class VmCursor final : public Cursor<WatchVmsResponse> {
 public:
  VmCursor(const VmRecords& records, uint64_t resume_revision, Sight sees)
      : records_(records), sees_(std::move(sees)), revision_(resume_revision) {
    if (resume_revision != 0) return;
    VmRecords::Snapshot snapshot = records.List();
    // By revision, so that a client may resume from any of them.
    std::sort(snapshot.vms.begin(), snapshot.vms.end(), [](const VmPtr& left, const VmPtr& right) {
      return left->revision() < right->revision();
    });
    for (VmPtr& vm : snapshot.vms) {
      const uint64_t revision = vm->revision();
      waiting_.push_back({VmDelta::Kind::kChanged, revision, std::move(vm)});
    }
    synced_at_ = snapshot.revision;
  }

  absl::StatusOr<std::optional<WatchVmsResponse>> Next() override {
    while (true) {
      while (!waiting_.empty()) {
        const VmDelta delta = std::move(waiting_.front());
        waiting_.pop_front();
        revision_ = delta.revision;
        if (sees_(delta.vm->project())) return Tell(delta);
      }
      if (synced_at_.has_value()) {
        revision_ = *std::exchange(synced_at_, std::nullopt);
        is_synced_ = true;
        return TellSynced();
      }
      ASSIGN_OR_RETURN(std::vector<VmDelta> deltas, records_.ChangesAfter(revision_, kBatch));
      if (deltas.empty() && is_synced_) return std::nullopt;
      if (deltas.empty()) synced_at_ = revision_;
      waiting_.assign(std::make_move_iterator(deltas.begin()),
                      std::make_move_iterator(deltas.end()));
    }
  }

 private:
  static WatchVmsResponse Tell(const VmDelta& delta) {
    WatchVmsResponse response;
    response.set_revision(delta.revision);
    if (delta.kind == VmDelta::Kind::kChanged) {
      response.set_type(WatchVmsResponse::CHANGED);
      *response.mutable_vm() = *delta.vm;
    } else {
      response.set_type(WatchVmsResponse::DELETED);
      response.mutable_vm()->set_name(delta.vm->name());
      response.mutable_vm()->set_uid(delta.vm->uid());
      response.mutable_vm()->set_project(delta.vm->project());
    }
    return response;
  }
  WatchVmsResponse TellSynced() const {
    WatchVmsResponse response;
    response.set_type(WatchVmsResponse::SYNCED);
    response.set_revision(revision_);
    return response;
  }

  const VmRecords& records_;
  const Sight sees_;
  uint64_t revision_;  // all up to it has been told
  std::deque<VmDelta> waiting_;
  std::optional<uint64_t> synced_at_;  // to be told behind what waits
  bool is_synced_ = false;
};

class EventCursor final : public Cursor<WatchEventsResponse> {
 public:
  EventCursor(VmRecords& records, uint64_t resume_revision, Sight sees)
      : records_(records),
        sees_(std::move(sees)),
        revision_(resume_revision),
        newest_before_(records.newest_revision()) {}

  absl::StatusOr<std::optional<WatchEventsResponse>> Next() override {
    while (true) {
      if (!is_synced_ && revision_ >= newest_before_) return TellSynced();
      if (waiting_.empty() && records_.newest_revision() > revision_) {
        ASSIGN_OR_RETURN(const std::vector<emud::v1::Event> events,
                         records_.EventsAfter(revision_, kBatch));
        waiting_.assign(events.begin(), events.end());
      }
      // What the disk did not take yet is not to be read yet either.
      if (waiting_.empty() && is_synced_) return std::nullopt;
      if (waiting_.empty()) return TellSynced();
      WatchEventsResponse response;
      *response.mutable_event() = std::move(waiting_.front());
      waiting_.pop_front();
      revision_ = response.event().revision();
      const std::string& project = response.event().project();
      // Those of before projects were there have none.
      if (sees_(project.empty() ? kDefaultProject : project)) return response;
    }
  }

 private:
  WatchEventsResponse TellSynced() {
    is_synced_ = true;
    WatchEventsResponse response;
    response.mutable_synced()->set_revision(revision_);
    return response;
  }

  VmRecords& records_;
  const Sight sees_;
  uint64_t revision_;
  const uint64_t newest_before_;
  std::deque<emud::v1::Event> waiting_;
  bool is_synced_ = false;
};

}  // namespace

std::unique_ptr<Cursor<WatchVmsResponse>> WatchVmsFrom(const VmRecords& records,
                                                       uint64_t resume_revision, Sight sees) {
  return std::make_unique<VmCursor>(records, resume_revision, std::move(sees));
}

std::unique_ptr<Cursor<WatchEventsResponse>> WatchEventsFrom(VmRecords& records,
                                                             uint64_t resume_revision, Sight sees) {
  return std::make_unique<EventCursor>(records, resume_revision, std::move(sees));
}

}  // namespace emu::daemon
