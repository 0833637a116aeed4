// The daemon's end of the connection to one guest's agent.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "daemon/agent/wire.h"
#include "vmm/base/unique_fd.h"

namespace emu::daemon {

// What the agent says to one who has asked, in order. For every thread.
class AgentInbox {
 public:
  // The next frame; nothing when `deadline` is over, or the link is.
  std::optional<agent::Frame> Next(std::chrono::steady_clock::time_point deadline);
  bool is_link_broken();

 private:
  friend class AgentLink;
  void Put(const agent::Frame& frame);
  void Break();

  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<agent::Frame> frames_ ABSL_GUARDED_BY(mutex_);
  bool is_broken_ ABSL_GUARDED_BY(mutex_) = false;
};

// For every thread. A guest may say whatever it likes: it reaches only who has asked, and who reads
// decides how much there may be.
class AgentLink {
 public:
  // `socket` is a SOCK_SEQPACKET whose other end the VM process has. DEADLINE_EXCEEDED if no agent
  // answers, FAILED_PRECONDITION if it is of a version that we do not know.
  static absl::StatusOr<std::shared_ptr<AgentLink>> Open(UniqueFd socket);
  ~AgentLink();

  // UNAVAILABLE once the link is broken. Waits while the guest takes nothing, ten seconds at most.
  absl::Status Send(const agent::Header& header, std::span<const std::byte> data = {});
  // All frames with this `id` go there from now on, instead of to who had it before; none once it
  // is dropped.
  std::shared_ptr<AgentInbox> Listen(uint64_t id);
  // Asks for what is answered by one frame of the same kind and `id`.
  absl::StatusOr<agent::Frame> Ask(const agent::Header& header);
  bool is_broken();

 private:
  explicit AgentLink(UniqueFd socket) : socket_(std::move(socket)) {}

  absl::Status Greet();
  void ReaderMain();
  void Take(const agent::Frame& frame);

  const UniqueFd socket_;
  std::mutex send_mutex_;
  std::mutex mutex_;
  bool is_broken_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<uint64_t, std::weak_ptr<AgentInbox>> inboxes_ ABSL_GUARDED_BY(mutex_);
  std::thread reader_;
};

// A number that nobody else has: of an execution, of a question. Never 0.
uint64_t NewAgentId();

}  // namespace emu::daemon
