#include "daemon/handlers/vm_handlers.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "daemon/query/filter.h"
#include "daemon/query/order.h"
#include "google/protobuf/util/time_util.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

constexpr uint32_t kDefaultPageSize = 50;
constexpr uint32_t kMaxPageSize = 1000;
// A page is shorter rather than larger, for clients that take messages of 4 MiB.
constexpr size_t kMaxPageBytes = 2 << 20;

}  // namespace

absl::StatusOr<emud::v1::Vm> GetVm(CallContext& call, const emud::v1::GetVmRequest& request) {
  ASSIGN_OR_RETURN(const VmPtr vm, call.vms.records().FindByName(request.name()));
  emud::v1::Vm shown = *vm;
  if (vm->state() == emud::v1::Vm::SUSPENDING) {
    *shown.mutable_saving() = call.vms.SavingOf(vm->uid());
  }
  for (emud::v1::NicStatus& nic : call.vms.NicsOf(vm->uid())) *shown.add_nics() = std::move(nic);
  return shown;
}

absl::StatusOr<emud::v1::ListVmsResponse> ListVms(CallContext& call,
                                                  const emud::v1::ListVmsRequest& request) {
  ASSIGN_OR_RETURN(const Filter filter, Filter::Parse(request.filter()));
  ASSIGN_OR_RETURN(const Order order, Order::Parse(request.order_by()));
  const std::string scope = absl::StrCat(request.filter(), "\n", request.order_by());
  const size_t page_size =
      request.page_size() == 0 ? kDefaultPageSize : std::min(request.page_size(), kMaxPageSize);
  SortKey last;
  if (!request.page_token().empty()) {
    ASSIGN_OR_RETURN(const std::string place,
                     call.vms.page_tokens().Open(scope, request.page_token()));
    if (!DecodeKey(place, last)) return errors::InvalidPageToken();
  }
  const VmRecords::Snapshot snapshot = call.vms.records().List();
  std::vector<std::pair<SortKey, VmPtr>> found;
  for (const VmPtr& vm : snapshot.vms) {
    if (!call.caller.Sees(vm->project()) || !filter.Matches(*vm)) continue;
    SortKey key = order.KeyOf(*vm);
    if (last.empty() || order.IsBefore(last, key)) found.emplace_back(std::move(key), vm);
  }
  std::sort(found.begin(), found.end(), [&order](const auto& left, const auto& right) {
    return order.IsBefore(left.first, right.first);
  });
  emud::v1::ListVmsResponse response;
  response.set_revision(snapshot.revision);
  size_t bytes = 0;
  size_t count = 0;
  for (; count < std::min(page_size, found.size()) && bytes < kMaxPageBytes; ++count) {
    *response.add_vms() = *found[count].second;
    bytes += found[count].second->ByteSizeLong();
  }
  if (found.size() > count) {
    response.set_next_page_token(
        call.vms.page_tokens().Seal(scope, EncodeKey(found[count - 1].first)));
  }
  return response;
}

absl::StatusOr<emud::v1::Vm> WaitVm(CallContext& call, const emud::v1::WaitVmRequest& request) {
  if (request.states().empty()) {
    return errors::InvalidField("states", "there is nothing to wait for", "give a state");
  }
  // Far enough to be no limit, near enough not to overflow.
  auto deadline = std::chrono::steady_clock::now() + std::chrono::hours(24 * 365);
  if (request.has_timeout()) {
    const int64_t timeout_ms =
        google::protobuf::util::TimeUtil::DurationToMilliseconds(request.timeout());
    deadline = std::min(deadline, std::chrono::steady_clock::now() +
                                      std::chrono::milliseconds(std::max<int64_t>(0, timeout_ms)));
  }
  const auto is_one_of = [&request](const emud::v1::Vm& vm) {
    return std::find(request.states().begin(), request.states().end(), vm.state()) !=
           request.states().end();
  };
  ASSIGN_OR_RETURN(const VmPtr vm, call.vms.records().FindByName(request.name()));
  ASSIGN_OR_RETURN(const VmPtr reached,
                   call.vms.records().Wait(vm->uid(), is_one_of, deadline, call.is_cancelled));
  return *reached;
}

}  // namespace emu::daemon
