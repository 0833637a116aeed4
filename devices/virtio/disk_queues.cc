#include "devices/virtio/disk_queues.h"

#include <span>

#include "devices/backend/disk.h"
#include "vmm/base/endian.h"

namespace emu::virtio {
namespace {

constexpr size_t kKeptBytes = 4;

}  // namespace

void DiskQueues::Notify(DeviceHost& host, uint32_t index) {
  Queue& queue = host.queue(index);
  QueueState& state = At(index);
  state.is_in_notify = true;
  do {
    while (state.in_flight < queue.setup().size) {
      auto chain = queue.Pop();
      if (!chain) break;
      ++state.in_flight;
      serve_({index, *std::move(chain)});
    }
    // With a full house the next answer looks for more.
  } while (state.in_flight < queue.setup().size && queue.AskForNotification());
  state.is_in_notify = state.is_answered = false;
  host.Flush(index);
}

void DiskQueues::LookAtAnswered(DeviceHost& host) {
  for (uint32_t index = first_; index < first_ + count(); ++index) {
    if (At(index).is_answered && !At(index).is_in_notify) Notify(host, index);
  }
}

void DiskQueues::Finish(DeviceHost& host, const Request& request, uint64_t written_bytes) {
  --At(request.queue).in_flight;
  host.queue(request.queue).Push(request.chain.head, static_cast<uint32_t>(written_bytes));
}

bool DiskQueues::IsKept(OnDiskError policy, int error) {
  return error != 0 && error != kLastingDiskError && policy == OnDiskError::kStop;
}

void DiskQueues::Keep(const Request& request) {
  kept_.resize(kept_.size() + kKeptBytes);
  const auto kept = std::span(kept_).last(kKeptBytes);
  StoreLittle(kept, static_cast<uint16_t>(request.queue));
  StoreLittle(kept.subspan(2), request.chain.head);
}

std::vector<DiskQueueRequest> DiskQueues::TakeKept(DeviceHost& host) {
  const std::vector<std::byte> kept = std::exchange(kept_, {});
  std::vector<Request> requests;
  for (size_t at = 0; at < kept.size(); at += kKeptBytes) {
    const auto one = std::span(kept).subspan(at, kKeptBytes);
    const uint32_t index = LoadLittle<uint16_t>(one);
    if (auto chain = host.queue(index).Reread(LoadLittle<uint16_t>(one.subspan(2)))) {
      requests.push_back({index, *std::move(chain)});
    }
  }
  return requests;
}

void DiskQueues::ServeAgain(DeviceHost& host, std::vector<Request> requests) {
  for (QueueState& queue : queues_) queue.is_in_notify = true;
  for (Request& request : requests) serve_(std::move(request));
  for (QueueState& queue : queues_) queue.is_in_notify = false;
  for (uint32_t index = first_; index < first_ + count(); ++index) Notify(host, index);
}

void DiskQueues::Stop(uint32_t index) {
  At(index) = {};
  std::vector<std::byte> others;
  for (size_t at = 0; at < kept_.size(); at += kKeptBytes) {
    const auto kept = std::span(std::as_const(kept_)).subspan(at, kKeptBytes);
    if (LoadLittle<uint16_t>(kept) != index) others.insert(others.end(), kept.begin(), kept.end());
  }
  kept_ = std::move(others);
}

absl::Status DiskQueues::AfterRestore(DeviceHost& host) {
  const absl::Status bad = absl::InvalidArgumentError("virtio disk: kept requests that can't be");
  if (kept_.size() % kKeptBytes != 0) return bad;
  for (QueueState& queue : queues_) queue = {};
  for (size_t at = 0; at < kept_.size(); at += kKeptBytes) {
    const uint32_t index = LoadLittle<uint16_t>(std::span(std::as_const(kept_)).subspan(at));
    if (index < first_ || index >= first_ + count() || !host.queue(index).is_enabled() ||
        ++At(index).in_flight > host.queue(index).setup().size) {
      return bad;
    }
  }
  return absl::OkStatus();
}

}  // namespace emu::virtio
