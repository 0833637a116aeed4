#include "daemon/pools/pool_filler.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "daemon/pools/membership.h"
#include "daemon/vm_states.h"
#include "vmm/base/log.h"

namespace emu::daemon {
namespace {

using emud::v1::Pool;
using emud::v1::Vm;
using std::chrono::milliseconds;

// How late a change of a pool, which no revision tells of, is seen.
constexpr milliseconds kPeriod(100);
constexpr milliseconds kShortestPause(500);
constexpr milliseconds kLongestPause(10'000);

// It may wait soon, or will say what has become of it: a new daemon takes it up, say.
bool IsOnItsWay(const Vm& vm) {
  if (vm.state() == Vm::PAUSED || vm.state() == Vm::UNKNOWN) return false;
  return vm.state() == Vm::CREATING || HasProcess(vm.state());
}

}  // namespace

Filling PlanFilling(const Pool* pool, const std::vector<VmPtr>& vms) {
  Filling filling;
  std::vector<std::string> waiting;
  uint64_t coming = 0;
  uint64_t acquired = 0;
  for (const VmPtr& vm : vms) {
    if (!IsInPool(*vm)) {
      ++acquired;
    } else if (pool != nullptr && IsWaiting(*vm)) {
      waiting.push_back(vm->uid());
    } else if (IsOnItsWay(*vm)) {
      ++coming;
    } else {
      filling.retire.push_back(vm->uid());
    }
  }
  if (pool == nullptr) return filling;
  uint64_t wanted = pool->size();
  if (pool->max() != 0) {
    const uint64_t max = pool->max();
    wanted = std::min(wanted, max - std::min(acquired, max));
  }
  while (waiting.size() > wanted) {
    filling.retire.push_back(waiting.back());
    waiting.pop_back();
  }
  filling.is_one_missing = waiting.size() + coming < wanted;
  return filling;
}

PoolFiller::PoolFiller(VmTable& vms, Pools& pools) : vms_(vms), pools_(pools) {
  std::thread([this] { Main(); }).detach();
}

void PoolFiller::Main() {
  while (true) {
    const uint64_t revision = vms_.records().newest_revision();
    if (!LookAtAll()) vms_.records().WaitForRevisionAbove(revision, kPeriod);
  }
}

bool PoolFiller::LookAtAll() {
  std::map<std::string, std::vector<VmPtr>> vms;  // by their pools' uids
  for (const VmPtr& vm : vms_.records().List().vms) {
    if (!vm->pool_uid().empty()) vms[vm->pool_uid()].push_back(vm);
  }
  std::map<std::string, PoolPtr> pools;
  for (const PoolPtr& pool : pools_.List()) {
    pools[pool->uid()] = pool;
    vms[pool->uid()];
  }
  std::erase_if(backoffs_, [&vms](const auto& row) { return !vms.contains(row.first); });
  bool has_done = false;
  for (const auto& [uid, its_vms] : vms) {
    const PoolPtr pool = pools[uid];
    Filling filling = PlanFilling(pool.get(), its_vms);
    if (vms_.drain().is_on()) filling.is_one_missing = false;
    if (filling.retire.empty() && !filling.is_one_missing) {
      // What has failed is wanted no more.
      if (backoffs_.erase(uid) != 0) pools_.NoteFilling(uid, absl::OkStatus());
      continue;
    }
    const std::string etag = pool == nullptr ? "" : pool->etag();
    if (IsHeldUp(uid, etag)) continue;
    NoteOutcome(uid, etag, Fill(pool.get(), filling));
    has_done = true;
  }
  return has_done;
}

absl::Status PoolFiller::Fill(const Pool* pool, const Filling& filling) {
  absl::Status done;
  for (const std::string& vm : filling.retire) done.Update(vms_.Retire(vm));
  if (filling.is_one_missing) done.Update(pools_.MakeWaiting(*pool));
  return done;
}

bool PoolFiller::IsHeldUp(const std::string& uid, const std::string& etag) const {
  const auto it = backoffs_.find(uid);
  return it != backoffs_.end() && it->second.etag == etag && Clock::now() < it->second.next;
}

void PoolFiller::NoteOutcome(const std::string& uid, const std::string& etag,
                             const absl::Status& outcome) {
  pools_.NoteFilling(uid, outcome);
  if (outcome.ok()) {
    backoffs_.erase(uid);
    return;
  }
  Backoff& backoff = backoffs_[uid];
  backoff.etag = etag;
  backoff.pause = std::clamp(2 * backoff.pause, kShortestPause, kLongestPause);
  backoff.next = Clock::now() + backoff.pause;
  LogWarning("pool-not-filled", {{"uid", uid}, {"error", outcome.message()}});
}

}  // namespace emu::daemon
