#include "daemon/handlers/guest_handlers.h"

#include <time.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "daemon/errors.h"
#include "google/protobuf/util/time_util.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using agent::Frame;
using agent::Header;
using agent::Kind;
using google::protobuf::util::TimeUtil;
using std::chrono::milliseconds;

constexpr std::chrono::seconds kListTimeout(10);
constexpr milliseconds kNoWait(0);

absl::StatusOr<std::shared_ptr<AgentLink>> OpenNow(CallContext& call, Agents& agents,
                                                   const std::string& vm) {
  return agents.Open(vm, kNoWait, call.is_cancelled);
}

// What the agent answers with an errno.
absl::Status Do(CallContext& call, Agents& agents, const std::string& vm, const std::string& verb,
                Header header) {
  ASSIGN_OR_RETURN(const std::shared_ptr<AgentLink> link, OpenNow(call, agents, vm));
  header.id = NewAgentId();
  const absl::StatusOr<Frame> answer = link->Ask(header);
  if (!answer.ok()) return errors::AgentLost(vm);
  if (answer->header.value == 0) return absl::OkStatus();
  return errors::GuestRefuses(vm, verb, static_cast<int>(answer->header.value));
}

absl::StatusOr<uint64_t> IdOf(const std::string& name) {
  const uint64_t id = ParseExecName(name);
  if (id == 0) return errors::ExecNotFound(name);
  return id;
}

}  // namespace

std::string ToExecName(uint64_t id) { return absl::StrFormat("%016x", id); }

uint64_t ParseExecName(const std::string& name) {
  uint64_t id = 0;
  const char* const end = name.data() + name.size();
  const bool is_name = name.size() == 16 && std::from_chars(name.data(), end, id, 16).ptr == end;
  return is_name ? id : 0;
}

milliseconds AgentTimeout(const google::protobuf::Duration& timeout) {
  return std::clamp(milliseconds(TimeUtil::DurationToMilliseconds(timeout)), kNoWait,
                    milliseconds(std::chrono::hours(24 * 365)));
}

absl::StatusOr<emud::v1::ListExecsResponse> ListExecs(CallContext& call, Agents& agents,
                                                      const emud::v1::ListExecsRequest& request) {
  ASSIGN_OR_RETURN(const std::shared_ptr<AgentLink> link, OpenNow(call, agents, request.vm()));
  // The list has the executions' own numbers: it is told to one who asked, by the question's.
  const uint64_t id = NewAgentId();
  const std::shared_ptr<AgentInbox> inbox = link->Listen(id);
  emud::v1::ListExecsResponse response;
  if (!link->Send({.kind = Kind::kList, .id = id}).ok()) return errors::AgentLost(request.vm());
  const auto deadline = std::chrono::steady_clock::now() + kListTimeout;
  while (const std::optional<Frame> frame = inbox->Next(deadline)) {
    if (frame->header.kind != Kind::kListed) continue;
    if (frame->header.offset == 0) return response;
    emud::v1::ListExecsResponse::Exec& exec = *response.add_execs();
    exec.set_id(ToExecName(frame->header.offset));
    exec.set_running(frame->header.value == 1);
  }
  return errors::AgentLost(request.vm());
}

absl::Status SignalExec(CallContext& call, Agents& agents,
                        const emud::v1::SignalExecRequest& request) {
  ASSIGN_OR_RETURN(const uint64_t id, IdOf(request.id()));
  if (request.signal() < 1 || request.signal() > 64) {
    return errors::InvalidField("signal", "there is no such signal", "give 1 to 64");
  }
  ASSIGN_OR_RETURN(const std::shared_ptr<AgentLink> link, OpenNow(call, agents, request.vm()));
  const absl::Status sent = link->Send(
      {.kind = Kind::kSignal, .id = id, .value = static_cast<uint32_t>(request.signal())});
  return sent.ok() ? sent : errors::AgentLost(request.vm());
}

absl::Status DeleteExec(CallContext& call, Agents& agents,
                        const emud::v1::DeleteExecRequest& request) {
  ASSIGN_OR_RETURN(const uint64_t id, IdOf(request.id()));
  ASSIGN_OR_RETURN(const std::shared_ptr<AgentLink> link, OpenNow(call, agents, request.vm()));
  const absl::Status sent = link->Send({.kind = Kind::kForget, .id = id});
  return sent.ok() ? sent : errors::AgentLost(request.vm());
}

absl::StatusOr<emud::v1::GuestInfo> GetGuestInfo(CallContext& call, Agents& agents,
                                                 const emud::v1::GetGuestInfoRequest& request) {
  ASSIGN_OR_RETURN(
      const std::shared_ptr<AgentLink> link,
      agents.Open(request.vm(), AgentTimeout(request.agent_timeout()), call.is_cancelled));
  const absl::StatusOr<Frame> answer = link->Ask({.kind = Kind::kInfo, .id = NewAgentId()});
  if (!answer.ok()) return errors::AgentLost(request.vm());
  emud::v1::GuestInfo info;
  // SAFETY: bytes as characters.
  const std::string text(reinterpret_cast<const char*>(answer->data.data()), answer->data.size());
  const std::vector<std::string> lines = absl::StrSplit(text, '\n', absl::SkipEmpty());
  for (const std::string& line : lines) {
    const std::pair<std::string, std::string> entry = absl::StrSplit(line, absl::MaxSplits('=', 1));
    const std::string value(absl::StripSuffix(absl::StripPrefix(entry.second, "\""), "\""));
    uint64_t number = 0;
    std::from_chars(value.data(), value.data() + value.size(), number);
    if (entry.first == "AGENT_VERSION") {
      info.set_agent_version(static_cast<uint32_t>(number));
    } else if (entry.first == "HOSTNAME") {
      info.set_hostname(value);
    } else if (entry.first == "KERNEL") {
      info.set_kernel(value);
    } else if (entry.first == "MACHINE") {
      info.set_machine(value);
    } else if (entry.first == "BOOT_ID") {
      info.set_boot_id(value);
    } else if (entry.first == "UPTIME_SECONDS") {
      info.mutable_uptime()->set_seconds(static_cast<int64_t>(number));
    } else {
      (*info.mutable_os_release())[entry.first] = value;
      if (entry.first == "PRETTY_NAME") info.set_os_name(value);
    }
  }
  return info;
}

absl::StatusOr<emud::v1::SyncGuestTimeResponse> SyncGuestTime(
    CallContext& call, Agents& agents, const emud::v1::SyncGuestTimeRequest& request) {
  const google::protobuf::Timestamp now = TimeUtil::GetCurrentTime();
  RETURN_IF_ERROR(Do(call, agents, request.vm(), "set its clock",
                     {.kind = Kind::kSetTime,
                      .offset = static_cast<uint64_t>(TimeUtil::TimestampToNanoseconds(now))}));
  emud::v1::SyncGuestTimeResponse response;
  *response.mutable_time() = now;
  return response;
}

absl::Status FreezeGuest(CallContext& call, Agents& agents,
                         const emud::v1::FreezeGuestRequest& request) {
  return Do(call, agents, request.vm(), "freeze its file systems", {.kind = Kind::kFreeze});
}

absl::Status ThawGuest(CallContext& call, Agents& agents,
                       const emud::v1::ThawGuestRequest& request) {
  return Do(call, agents, request.vm(), "thaw its file systems", {.kind = Kind::kThaw});
}

}  // namespace emu::daemon
