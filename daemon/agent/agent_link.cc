#include "daemon/agent/agent_link.h"

#include <errno.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using agent::Frame;
using agent::Header;
using agent::Kind;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kAnswerTimeout(10'000);
constexpr milliseconds kGreetingTimeout(5'000);
// An agent may be in the middle of a frame that its last host has begun: its Hello is lost then.
constexpr milliseconds kNextGreeting(200);
constexpr timeval kSendTimeout = {.tv_sec = 10, .tv_usec = 0};
constexpr size_t kPacketBytes = 32 << 10;
// Of what a guest says to one who asked and does not read: windows keep an honest one below.
constexpr size_t kMostWaitingFrames = 4096;

absl::Status Broken() {
  return absl::UnavailableError("the agent in the guest is gone, or its VM stands still");
}

}  // namespace

uint64_t NewAgentId() {
  uint64_t id = 0;
  while (id == 0) {
    if (getrandom(&id, sizeof(id), 0) != sizeof(id)) id = 0;
  }
  return id;
}

std::optional<Frame> AgentInbox::Next(steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  came_.wait_until(lock, deadline, [this] { return !frames_.empty() || is_broken_; });
  if (frames_.empty()) return std::nullopt;
  Frame frame = std::move(frames_.front());
  frames_.pop_front();
  return frame;
}

bool AgentInbox::is_link_broken() {
  std::lock_guard lock(mutex_);
  return is_broken_;
}

void AgentInbox::Put(const Frame& frame) {
  std::lock_guard lock(mutex_);
  if (frames_.size() < kMostWaitingFrames) frames_.push_back(frame);
  came_.notify_all();
}

void AgentInbox::Break() {
  std::lock_guard lock(mutex_);
  is_broken_ = true;
  came_.notify_all();
}

absl::StatusOr<std::shared_ptr<AgentLink>> AgentLink::Open(UniqueFd socket) {
  setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &kSendTimeout, sizeof(kSendTimeout));
  std::shared_ptr<AgentLink> link(new AgentLink(std::move(socket)));
  link->reader_ = std::thread([raw = link.get()] { raw->ReaderMain(); });
  RETURN_IF_ERROR(link->Greet());
  return link;
}

AgentLink::~AgentLink() {
  shutdown(socket_.get(), SHUT_RDWR);
  reader_.join();
}

absl::Status AgentLink::Greet() {
  const uint64_t id = NewAgentId();
  const std::shared_ptr<AgentInbox> inbox = Listen(id);
  const auto deadline = steady_clock::now() + kGreetingTimeout;
  while (steady_clock::now() < deadline && !is_broken()) {
    RETURN_IF_ERROR(Send({.kind = Kind::kHello, .id = id, .value = agent::kVersion}));
    const std::optional<Frame> answer = inbox->Next(steady_clock::now() + kNextGreeting);
    if (!answer.has_value()) continue;
    if (answer->header.value == agent::kVersion) return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrCat(
        "the agent in the guest speaks version ", answer->header.value, ", this daemon ",
        agent::kVersion, "; install the agent that came with the daemon"));
  }
  return absl::DeadlineExceededError("the agent in the guest does not answer");
}

absl::Status AgentLink::Send(const Header& header, std::span<const std::byte> data) {
  // A zero first: whatever an earlier host has left unfinished ends here.
  std::vector<std::byte> bytes = {std::byte{0}};
  agent::AppendFrame(header, data, bytes);
  std::lock_guard lock(send_mutex_);
  for (size_t at = 0; at < bytes.size();) {
    const size_t size = std::min(kPacketBytes, bytes.size() - at);
    const ssize_t sent = send(socket_.get(), &bytes[at], size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return Broken();
    at += static_cast<size_t>(sent);
  }
  return absl::OkStatus();
}

std::shared_ptr<AgentInbox> AgentLink::Listen(uint64_t id) {
  auto inbox = std::make_shared<AgentInbox>();
  std::lock_guard lock(mutex_);
  std::erase_if(inboxes_, [](const auto& entry) { return entry.second.expired(); });
  inboxes_[id] = inbox;
  if (is_broken_) inbox->Break();
  return inbox;
}

absl::StatusOr<Frame> AgentLink::Ask(const Header& header) {
  const std::shared_ptr<AgentInbox> inbox = Listen(header.id);
  RETURN_IF_ERROR(Send(header));
  const auto deadline = steady_clock::now() + kAnswerTimeout;
  while (std::optional<Frame> answer = inbox->Next(deadline)) {
    if (answer->header.kind == header.kind) return *std::move(answer);
  }
  return Broken();
}

bool AgentLink::is_broken() {
  std::lock_guard lock(mutex_);
  return is_broken_;
}

void AgentLink::ReaderMain() {
  agent::FrameReader reader;
  std::vector<std::byte> packet(kPacketBytes);
  while (true) {
    const ssize_t size = recv(socket_.get(), packet.data(), packet.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    reader.Read(std::span(packet).first(static_cast<size_t>(size)),
                [this](const Frame& frame) { Take(frame); });
  }
  std::lock_guard lock(mutex_);
  is_broken_ = true;
  for (const auto& [id, waiting] : inboxes_) {
    if (const std::shared_ptr<AgentInbox> inbox = waiting.lock()) inbox->Break();
  }
}

void AgentLink::Take(const Frame& frame) {
  std::lock_guard lock(mutex_);
  const auto found = inboxes_.find(frame.header.id);
  if (found == inboxes_.end()) return;
  if (const std::shared_ptr<AgentInbox> inbox = found->second.lock()) inbox->Put(frame);
}

}  // namespace emu::daemon
