#include "daemon/agent/agents.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "daemon/errors.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

constexpr std::chrono::milliseconds kNextTry(25);

}  // namespace

std::shared_ptr<Agents::Place> Agents::PlaceOf(const std::string& uid) {
  std::lock_guard lock(mutex_);
  std::erase_if(places_, [](const auto& entry) { return entry.second.expired(); });
  std::shared_ptr<Place> place = places_[uid].lock();
  if (place == nullptr) places_[uid] = place = std::make_shared<Place>();
  return place;
}

absl::StatusOr<std::shared_ptr<AgentLink>> Agents::Open(const std::string& vm,
                                                        std::chrono::milliseconds timeout,
                                                        const std::function<bool()>& is_cancelled) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  ASSIGN_OR_RETURN(const VmPtr found, vms_.records().FindByName(vm));
  const std::shared_ptr<Place> place = PlaceOf(found->uid());
  while (true) {
    absl::StatusOr<std::shared_ptr<AgentLink>> link = OpenNow(vm, *place);
    const bool comes_later = absl::IsNotFound(link.status()) || absl::IsUnavailable(link.status());
    if (link.ok()) {
      // The link keeps its place: whoever comes next finds it there.
      return std::shared_ptr<AgentLink>(
          link->get(), [place, held = *link](AgentLink*) mutable { held.reset(); });
    }
    if (!comes_later) return link;
    if (is_cancelled()) return absl::CancelledError("the call was cancelled");
    if (std::chrono::steady_clock::now() >= deadline) {
      return errors::NoAgent(vm, std::string(link.status().message()));
    }
    std::this_thread::sleep_for(kNextTry);
  }
}

absl::Status Agents::TellGeneration(const emud::v1::Vm& vm, AgentLink& link) {
  std::vector<std::byte> said(agent::kSeedBytes);
  if (getrandom(said.data(), said.size(), 0) != static_cast<ssize_t>(said.size())) {
    return errors::Host("random numbers for the guest", errno);
  }
  for (const std::string& name : {vm.generation_id(), vm.name()}) {
    const auto bytes = std::as_bytes(std::span(name.c_str(), name.size() + 1));
    said.insert(said.end(), bytes.begin(), bytes.end());
  }
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return link.Send({.kind = agent::Kind::kGoneOn,
                    .id = NewAgentId(),
                    .offset = static_cast<uint64_t>(
                        std::chrono::duration_cast<std::chrono::nanoseconds>(since_1970).count())},
                   said);
}

// NOT_FOUND where there is none in the guest.
absl::StatusOr<std::shared_ptr<AgentLink>> Agents::OpenNow(const std::string& vm, Place& place) {
  std::lock_guard lock(place.opening);
  if (std::shared_ptr<AgentLink> link = place.link.lock(); link != nullptr && !link->is_broken()) {
    return link;
  }
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) {
    return errors::Host("a connection to the agent", errno);
  }
  UniqueFd ours(fds[0]);
  const UniqueFd theirs(fds[1]);
  // Its end must not block, ours may.
  (void)fcntl(theirs.get(), F_SETFL, O_NONBLOCK);
  vm::v1::Request request;
  request.mutable_connect_agent();
  const absl::StatusOr<vm::v1::Response> answer =
      vms_.Ask(vm, "reach the agent of", std::move(request), theirs.get());
  if (absl::IsFailedPrecondition(answer.status()) && errors::ReasonOf(answer.status()).empty()) {
    return absl::NotFoundError(answer.status().message());
  }
  RETURN_IF_ERROR(answer.status());
  absl::StatusOr<std::shared_ptr<AgentLink>> link = AgentLink::Open(std::move(ours));
  if (absl::IsDeadlineExceeded(link.status())) return absl::NotFoundError(link.status().message());
  RETURN_IF_ERROR(link.status());
  ASSIGN_OR_RETURN(const VmPtr now, vms_.records().FindByName(vm));
  if (!now->generation_id().empty()) RETURN_IF_ERROR(TellGeneration(*now, **link));
  place.link = *link;
  return link;
}

}  // namespace emu::daemon
