#include "daemon/handlers/stats_handlers.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "daemon/errors.h"
#include "daemon/metrics/vm_sampler.h"
#include "daemon/wall_clock.h"
#include "google/protobuf/util/time_util.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kLongestInterval = std::chrono::hours(24);
// How soon a client that has gone is noticed.
constexpr milliseconds kPatience(200);

// Those that are named, or all that the caller sees, by name.
absl::StatusOr<std::vector<VmPtr>> Wanted(CallContext& call,
                                          const emud::v1::WatchVmStatsRequest& request) {
  std::vector<VmPtr> wanted;
  for (const std::string& name :
       std::set<std::string>(request.vms().begin(), request.vms().end())) {
    ASSIGN_OR_RETURN(const VmPtr vm, call.vms.records().FindByName(name));
    if (!call.caller.Sees(vm->project())) return errors::VmNotFound(name);
    wanted.push_back(vm);
  }
  if (!request.vms().empty()) return wanted;
  for (const VmPtr& vm : call.vms.records().List().vms) {
    if (call.caller.Sees(vm->project())) wanted.push_back(vm);
  }
  return wanted;
}

}  // namespace

absl::Status WatchVmStats(CallContext& call, const emud::v1::WatchVmStatsRequest& request,
                          grpc::ServerWriter<emud::v1::WatchVmStatsResponse>& stream) {
  const milliseconds interval(
      google::protobuf::util::TimeUtil::DurationToMilliseconds(request.interval()));
  if (request.has_interval() && (interval < VmSampler::kFresh || interval > kLongestInterval)) {
    return errors::InvalidField("interval", "it is too short or too long",
                                "give half a second to a day, or none for one message");
  }
  Clock::time_point next = Clock::now();
  bool is_there = true;
  while (is_there && !call.is_cancelled()) {
    ASSIGN_OR_RETURN(const std::vector<VmPtr> vms, Wanted(call, request));
    emud::v1::WatchVmStatsResponse response;
    for (emud::v1::VmUsage& usage : call.sampler.Sample(vms)) {
      *response.add_vms() = std::move(usage);
    }
    *response.mutable_time() = WallClockNow();
    is_there = stream.Write(response);
    if (!request.has_interval()) break;
    next = std::max(next + interval, Clock::now());
    while (Clock::now() < next && !call.is_cancelled()) {
      std::this_thread::sleep_until(std::min(next, Clock::now() + kPatience));
    }
  }
  return absl::OkStatus();
}

}  // namespace emu::daemon
