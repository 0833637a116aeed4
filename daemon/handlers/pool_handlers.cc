#include "daemon/handlers/pool_handlers.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "daemon/errors.h"
#include "daemon/handlers/list_page.h"
#include "daemon/handlers/mutation.h"
#include "daemon/host_paths.h"
#include "daemon/pools/membership.h"
#include "daemon/pools/pools.h"
#include "google/protobuf/empty.pb.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Pool;

// How long a deletion waits for the VMs that wait to go, which they do in any case.
constexpr std::chrono::seconds kRemovalPatience(20);

// As the caller may see it: what has failed names files of the host.
Pool Shown(const CallContext& call, Pool pool) {
  if (call.caller.origin != Origin::kRemote || pool.error().empty()) return pool;
  const absl::Status hidden =
      WithoutHostPaths(absl::UnknownError(pool.error()), google::protobuf::Empty());
  pool.set_error(std::string(hidden.message()));
  return pool;
}

absl::StatusOr<RequestIds::Answer> AnswerWith(const absl::StatusOr<PoolPtr>& pool) {
  RETURN_IF_ERROR(pool.status());
  return RequestIds::Answer{(*pool)->uid(), (*pool)->SerializeAsString()};
}

// Likewise ChangeOnce, of pools.
template <typename Request, typename Execute>
absl::StatusOr<Pool> ChangePoolOnce(CallContext& call, const Request& request,
                                    const std::string& name, const Execute& execute) {
  const RequestOrigin origin = OriginOf(call.caller.principal, request, request.request_id());
  const auto recall = [&](const std::string& uid) -> absl::StatusOr<RequestIds::Answer> {
    const PoolPtr pool = call.pools.FindByUid(uid);
    if (pool == nullptr) return errors::PoolNotFound(name);
    return AnswerWith(pool);
  };
  ASSIGN_OR_RETURN(const std::string answer,
                   call.vms.request_ids().Once(
                       origin, [&] { return AnswerWith(execute(origin)); }, recall));
  Pool pool;
  pool.ParseFromString(answer);
  return Shown(call, std::move(pool));
}

// What is deleted counts no more when its deletion is answered.
void AwaitRemoval(CallContext& call, const std::string& pool_uid) {
  const auto deadline = VmRecords::Clock::now() + kRemovalPatience;
  while (VmRecords::Clock::now() < deadline && !call.is_cancelled()) {
    const VmRecords::Snapshot now = call.vms.records().List();
    const bool is_done = std::ranges::none_of(now.vms, [&pool_uid](const VmPtr& vm) {
      return vm->pool_uid() == pool_uid && IsInPool(*vm);
    });
    if (is_done) return;
    call.vms.records().WaitForRevisionAbove(now.revision, std::chrono::milliseconds(100));
  }
}

}  // namespace

absl::StatusOr<Pool> CreatePool(CallContext& call, const emud::v1::CreatePoolRequest& request) {
  RETURN_IF_ERROR(CheckFiles(call, request.spec()));
  emud::v1::CreatePoolRequest wanted = request;
  if (wanted.project().empty()) wanted.set_project(call.caller.home_project);
  if (request.validate_only()) {
    ASSIGN_OR_RETURN(const PoolPtr pool, call.pools.Create(wanted, {}));
    return *pool;
  }
  return ChangePoolOnce(call, request, request.name(), [&](const RequestOrigin& origin) {
    return call.pools.Create(wanted, origin);
  });
}

absl::StatusOr<Pool> GetPool(CallContext& call, const emud::v1::GetPoolRequest& request) {
  ASSIGN_OR_RETURN(const PoolPtr pool, call.pools.Find(request.name()));
  return Shown(call, *pool);
}

absl::StatusOr<emud::v1::ListPoolsResponse> ListPools(CallContext& call,
                                                      const emud::v1::ListPoolsRequest& request) {
  ASSIGN_OR_RETURN(ListPage<Pool> page,
                   PageOf(call.pools.List(), request, call.vms.page_tokens(),
                          [&call](const Pool& pool) { return call.caller.Sees(pool.project()); }));
  emud::v1::ListPoolsResponse response;
  for (const PoolPtr& pool : page.items) *response.add_pools() = Shown(call, *pool);
  response.set_next_page_token(std::move(page.next_page_token));
  return response;
}

absl::StatusOr<Pool> UpdatePool(CallContext& call, const emud::v1::UpdatePoolRequest& request) {
  return ChangePoolOnce(call, request, request.pool().name(), [&](const RequestOrigin& origin) {
    return call.pools.Update(request, origin);
  });
}

absl::Status DeletePool(CallContext& call, const emud::v1::DeletePoolRequest& request) {
  const RequestOrigin origin = OriginOf(call.caller.principal, request, request.request_id());
  const auto execute = [&]() -> absl::StatusOr<RequestIds::Answer> {
    ASSIGN_OR_RETURN(const PoolPtr pool, call.pools.Find(request.name()));
    RETURN_IF_ERROR(call.pools.Delete(request, origin));
    AwaitRemoval(call, pool->uid());
    return RequestIds::Answer{};
  };
  // It is gone as soon as it is noted that it shall be.
  const auto recall = [](const std::string&) -> absl::StatusOr<RequestIds::Answer> {
    return RequestIds::Answer{};
  };
  return call.vms.request_ids().Once(origin, execute, recall).status();
}

absl::StatusOr<emud::v1::Vm> AcquireVm(CallContext& call,
                                       const emud::v1::AcquireVmRequest& request) {
  // One that waited goes on by itself; one that was to be forked was perhaps only made.
  const auto start_if_made = [&](const VmPtr& vm,
                                 const RequestOrigin& origin) -> absl::StatusOr<VmPtr> {
    const bool is_made =
        vm->state() == emud::v1::Vm::SUSPENDED || vm->state() == emud::v1::Vm::STOPPED;
    if (!is_made || vm->has_start_time()) return vm;
    return call.vms.Start(vm->name(), VmTable::ChangedDisks::kRefuse, origin);
  };
  return ChangeOnce(
      call, request,
      [&](const RequestOrigin& origin) { return call.pools.Acquire(request, origin); },
      start_if_made);
}

}  // namespace emu::daemon
