#include "daemon/pools/pools.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/errors.h"
#include "daemon/pools/membership.h"
#include "daemon/pools/pool_filler.h"
#include "daemon/store/access_store.h"
#include "daemon/store/schema.h"
#include "daemon/store/vm_store.h"

namespace emu::daemon {
namespace {

using emud::v1::Pool;
using emud::v1::Snapshot;
using emud::v1::Vm;

// With a snapshot "warm", and VMs without processes.
class PoolsTest : public testing::Test {
 protected:
  PoolsTest() {
    std::string name = testing::TempDir() + "pools-XXXXXX";
    directory_ = mkdtemp(name.data());
    std::filesystem::create_directory(directory_ + "/vms");
    std::ofstream(directory_ + "/firmware") << "x";
    Open();
    TakeSnapshot();
  }
  ~PoolsTest() override { std::filesystem::remove_all(directory_); }

  // As a daemon that begins.
  void Open() {
    pools_.reset();
    table_.reset();
    std::unique_ptr<Database> database = *OpenStateDatabase(directory_ + "/state.db");
    database_ = database.get();
    images_.emplace(directory_, *database);
    ASSERT_TRUE(images_->Load().ok());
    volumes_.emplace(directory_, *database, *images_);
    ASSERT_TRUE(volumes_->Load().ok());
    snapshots_.emplace(directory_, *database);
    ASSERT_TRUE(snapshots_->Load().ok());
    table_ = std::make_unique<VmTable>(directory_, Jailer::Options{.vm_program = "/bin/false"},
                                       std::move(database), *images_, *volumes_);
    ASSERT_TRUE(table_->Recover().ok());
    pools_.emplace(*database_, *table_, *snapshots_);
    ASSERT_TRUE(pools_->Load().ok());
  }
  void TakeSnapshot() {
    Snapshot wanted;
    wanted.set_name("warm");
    wanted.set_project("default");
    wanted.set_has_memory(true);
    wanted.mutable_spec()->mutable_machine()->set_arch("riscv64");
    wanted.mutable_spec()->mutable_machine()->set_memory_mib(64);
    wanted.mutable_spec()->mutable_boot()->set_firmware(directory_ + "/firmware");
    const SnapshotPtr begun = *snapshots_->Begin(wanted);
    const SnapshotFolder folder(directory_, begun->uid());
    ASSERT_TRUE(folder.Create().ok());
    std::ofstream(folder.state_path()) << "state";
    ASSERT_TRUE(snapshots_->Finish(*begun).ok());
  }
  static emud::v1::CreatePoolRequest Request(const std::string& name, uint32_t size,
                                             uint32_t max = 0) {
    emud::v1::CreatePoolRequest request;
    request.set_name(name);
    request.set_project("default");
    request.set_snapshot("warm");
    request.set_size(size);
    request.set_max(max);
    return request;
  }
  PoolPtr Create(const std::string& name, uint32_t size, uint32_t max = 0) {
    return *pools_->Create(Request(name, size, max), {});
  }
  absl::StatusOr<PoolPtr> Update(const Pool& pool, const std::vector<std::string>& paths) {
    emud::v1::UpdatePoolRequest request;
    *request.mutable_pool() = pool;
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    return pools_->Update(request, {});
  }
  // Of the next daemon, which has a VM more that waits. Its process there is none.
  void AddWaiting(const std::string& name, const Pool& pool) {
    Vm vm;
    vm.set_uid("uid-of-" + name);
    vm.set_name(name);
    vm.set_project("default");
    vm.set_state(Vm::SUSPENDED);
    vm.set_pool(pool.name());
    vm.set_pool_uid(pool.uid());
    vm.mutable_spec()->mutable_lifecycle()->set_protected_(true);
    {
      Transaction transaction(*database_, Durability::kDaemon);
      ASSERT_TRUE(VmStore(transaction).Put(vm).ok());
      ASSERT_TRUE(transaction.Commit().ok());
    }
    Open();
    for (const VmPtr& other : table_->records().List().vms) {
      Edit(other->uid(), [](Vm& now) {
        if (!IsInPool(now)) return;
        now.set_state(Vm::PAUSED);
        now.set_state_reason(kWaiting);
      });
    }
  }
  void Edit(const std::string& uid, const std::function<void(Vm&)>& edit) {
    const VmRecords::Cause cause = {VmRecords::Kind::kIntent, emud::v1::Event::VM_UPDATED, {}};
    const auto change = [&edit](Vm& vm) -> absl::StatusOr<bool> {
      edit(vm);
      return true;
    };
    ASSERT_TRUE(table_->records().Change(uid, cause, change).ok());
  }
  absl::StatusOr<VmPtr> Acquire(const std::string& pool, const std::string& name = "") {
    emud::v1::AcquireVmRequest request;
    request.set_pool(pool);
    request.set_name(name);
    request.mutable_ttl()->set_seconds(60);
    (*request.mutable_labels())["for"] = "me";
    return pools_->Acquire(request, {});
  }
  void SetQuota(uint32_t vms) {
    emud::v1::Project project;
    project.set_name("default");
    project.mutable_quota()->set_vms(vms);
    Transaction transaction(*database_, Durability::kDaemon);
    ASSERT_TRUE(AccessStore(transaction).PutProject(project).ok());
    ASSERT_TRUE(transaction.Commit().ok());
  }

  std::string directory_;
  Database* database_ = nullptr;
  std::optional<Images> images_;
  std::optional<Volumes> volumes_;
  std::optional<Snapshots> snapshots_;
  std::unique_ptr<VmTable> table_;
  std::optional<Pools> pools_;
};

TEST_F(PoolsTest, APoolIsThereForTheNextDaemon) {
  const PoolPtr made = Create("ci", 3, 9);
  Open();
  const PoolPtr found = *pools_->Find("ci");
  EXPECT_EQ(found->SerializeAsString(), made->SerializeAsString());
  EXPECT_EQ(found->max(), 9U);
  EXPECT_EQ(pools_->FindByUid(made->uid())->name(), "ci");
  EXPECT_EQ(errors::ReasonOf(pools_->Find("other").status()), "POOL_NOT_FOUND");
}

TEST_F(PoolsTest, WhatCanNotBeMadeIsRefusedAtOnce) {
  Create("ci", 1);
  const auto reason = [this](const emud::v1::CreatePoolRequest& request) {
    return errors::ReasonOf(pools_->Create(request, {}).status());
  };
  EXPECT_EQ(reason(Request("ci", 1)), "ALREADY_EXISTS");
  EXPECT_EQ(reason(Request("a", 3, 2)), "INVALID_FIELD");
  EXPECT_EQ(reason(Request("a", 1001)), "INVALID_FIELD");
  EXPECT_EQ(reason(Request("A", 1)), "INVALID_FIELD");
  EXPECT_EQ(reason(Request(std::string(55, 'a'), 1)), "INVALID_FIELD");
  emud::v1::CreatePoolRequest request = Request("a", 1);
  request.mutable_spec()->mutable_machine()->set_cpus(2);
  EXPECT_EQ(reason(request), "INVALID_FIELD");
  request = Request("a", 1);
  request.set_snapshot("cold");
  EXPECT_EQ(reason(request), "SNAPSHOT_NOT_FOUND");
  request = Request("a", 1);
  request.set_project("elsewhere");
  EXPECT_EQ(reason(request), "SNAPSHOT_NOT_FOUND");
  EXPECT_TRUE(pools_->Create(Request(std::string(54, 'a'), 1), {}).ok());
}

TEST_F(PoolsTest, WhatIsOnlyCheckedIsNotMade) {
  emud::v1::CreatePoolRequest request = Request("ci", 1);
  request.set_validate_only(true);
  EXPECT_EQ((*pools_->Create(request, {}))->snapshot(), "warm");
  EXPECT_TRUE(pools_->List().empty());
}

TEST_F(PoolsTest, ASnapshotStaysAsLongAsAPoolMakesVmsOfIt) {
  Create("ci", 1);
  emud::v1::DeleteSnapshotRequest request;
  request.set_name("warm");
  const absl::Status refused = snapshots_->Delete(request, {});
  EXPECT_EQ(errors::ReasonOf(refused), "SNAPSHOT_IN_USE");
  EXPECT_NE(refused.message().find("ci"), std::string::npos);
  emud::v1::DeletePoolRequest removal;
  removal.set_name("ci");
  removal.set_etag("\"old\"");
  EXPECT_EQ(errors::ReasonOf(pools_->Delete(removal, {})), "ETAG_MISMATCH");
  removal.clear_etag();
  ASSERT_TRUE(pools_->Delete(removal, {}).ok());
  EXPECT_TRUE(snapshots_->Delete(request, {}).ok());
  Open();
  EXPECT_TRUE(pools_->List().empty());
}

TEST_F(PoolsTest, AnUpdateChangesWhatItsMaskNames) {
  const PoolPtr before = Create("ci", 2, 5);
  Pool wanted;
  wanted.set_name("ci");
  wanted.set_size(0);
  wanted.set_max(7);
  const PoolPtr shrunk = *Update(wanted, {"size"});
  EXPECT_EQ(shrunk->size(), 0U);
  EXPECT_EQ(shrunk->max(), 5U);
  EXPECT_NE(shrunk->etag(), before->etag());
  (*wanted.mutable_labels())["team"] = "a";
  EXPECT_EQ((*Update(wanted, {}))->max(), 7U);
  EXPECT_EQ((*pools_->Find("ci"))->labels().at("team"), "a");
  EXPECT_EQ(errors::ReasonOf(Update(wanted, {"snapshot"}).status()), "INVALID_FIELD");
  wanted.set_size(8);
  EXPECT_EQ(errors::ReasonOf(Update(wanted, {"size"}).status()), "INVALID_FIELD");
  wanted.set_etag(before->etag());
  EXPECT_EQ(errors::ReasonOf(Update(wanted, {"max"}).status()), "ETAG_MISMATCH");
  Open();
  EXPECT_EQ((*pools_->Find("ci"))->max(), 7U);
}

TEST_F(PoolsTest, WhoeverAcquiresHasOneThatWaitedUnderTheNameThatHeSays) {
  const PoolPtr pool = Create("ci", 2);
  AddWaiting("ci-1", *pool);
  AddWaiting("ci-2", *pool);
  EXPECT_EQ((*pools_->Find("ci"))->waiting(), 2U);
  const VmPtr named = *Acquire("ci", "mine");
  EXPECT_EQ(named->uid(), "uid-of-ci-1");
  EXPECT_EQ(named->name(), "mine");
  EXPECT_EQ(named->labels().at("for"), "me");
  EXPECT_EQ(named->expire_time().seconds(), named->acquire_time().seconds() + 60);
  EXPECT_FALSE(IsInPool(*named));
  EXPECT_EQ((*Acquire("ci"))->name(), "ci-2");
  EXPECT_EQ((*pools_->Find("ci"))->acquired(), 2U);
  EXPECT_TRUE(absl::IsNotFound(table_->records().FindByName("ci-1").status()));
  Open();
  EXPECT_EQ((*table_->records().FindByName("mine"))->uid(), "uid-of-ci-1");
  MetricsText text;
  pools_->WriteMetrics(text);
  EXPECT_NE(text.text().find("emud_pool_acquired{pool=\"ci\"} 2\n"), std::string::npos);
}

TEST_F(PoolsTest, ANameThatAnotherHasLeavesItWaiting) {
  const PoolPtr pool = Create("ci", 1);
  AddWaiting("ci-1", *pool);
  Vm other;
  other.set_uid("other");
  other.set_name("taken");
  other.set_project("default");
  ASSERT_TRUE(table_->records().Insert(other, {}).ok());
  EXPECT_EQ(errors::ReasonOf(Acquire("ci", "taken").status()), "NAME_IN_USE");
  EXPECT_EQ(errors::ReasonOf(Acquire("ci", "No").status()), "INVALID_FIELD");
  EXPECT_EQ((*pools_->Find("ci"))->waiting(), 1U);
}

TEST_F(PoolsTest, WhatNobodyMayHaveAnyMoreIsNotHandedOut) {
  const PoolPtr pool = Create("ci", 1, 1);
  AddWaiting("ci-1", *pool);
  Edit("uid-of-ci-1", [](Vm& vm) { vm.set_state_reason(kRetired); });
  EXPECT_EQ(*table_->Acquire("uid-of-ci-1", [](Vm&) {}, {}), nullptr);
  EXPECT_EQ(errors::ReasonOf(Acquire("ci").status()), "POOL_EXHAUSTED");
  EXPECT_EQ(*table_->Acquire("uid-of-nobody", [](Vm&) {}, {}), nullptr);
}

TEST_F(PoolsTest, WhoHasAcquiredOneKeepsIt) {
  const PoolPtr pool = Create("ci", 1);
  AddWaiting("ci-1", *pool);
  ASSERT_TRUE(Acquire("ci", "mine").ok());
  EXPECT_TRUE(table_->Retire("uid-of-ci-1").ok());
  EXPECT_TRUE(table_->records().FindByName("mine").ok());
}

TEST_F(PoolsTest, OneThatNobodyWillHaveGoesThoughItsSpecProtectsIt) {
  const PoolPtr pool = Create("ci", 1);
  AddWaiting("ci-1", *pool);
  Edit("uid-of-ci-1", [](Vm& vm) { vm.set_state(Vm::CRASHED); });
  EXPECT_TRUE(table_->Retire("uid-of-ci-1").ok());
  EXPECT_TRUE(table_->records().List().vms.empty());
}

TEST_F(PoolsTest, WhereThePoolsMaxIsReachedNoneIsForked) {
  const PoolPtr pool = Create("ci", 1, 1);
  AddWaiting("ci-1", *pool);
  ASSERT_TRUE(Acquire("ci").ok());
  const absl::Status refused = Acquire("ci").status();
  EXPECT_EQ(errors::ReasonOf(refused), "POOL_EXHAUSTED");
  EXPECT_EQ(errors::ReasonOf(pools_->MakeWaiting(*pool)), "POOL_EXHAUSTED");
  EXPECT_EQ(table_->records().List().vms.size(), 1U);
}

TEST_F(PoolsTest, WhereTheProjectsQuotaIsUsedUpNoneIsForked) {
  const PoolPtr pool = Create("ci", 1);
  AddWaiting("ci-1", *pool);
  SetQuota(1);
  ASSERT_TRUE(Acquire("ci").ok());
  const absl::Status refused = Acquire("ci").status();
  EXPECT_EQ(errors::ReasonOf(refused), "POOL_EXHAUSTED");
  EXPECT_NE(refused.message().find("vms: 2 of 1"), std::string::npos) << refused;
}

TEST_F(PoolsTest, WhoseStartFailsIsNotLeft) {
  Create("ci", 0);
  EXPECT_FALSE(Acquire("ci", "mine").ok());  // /bin/false is no emu-vm
  EXPECT_TRUE(table_->records().List().vms.empty());
}

TEST_F(PoolsTest, APoolThatIsGoneGetsNoVm) {
  const PoolPtr pool = Create("ci", 1);
  emud::v1::DeletePoolRequest removal;
  removal.set_name("ci");
  ASSERT_TRUE(pools_->Delete(removal, {}).ok());
  EXPECT_EQ(errors::ReasonOf(pools_->MakeWaiting(*pool)), "POOL_NOT_FOUND");
  EXPECT_TRUE(table_->records().List().vms.empty());
}

TEST_F(PoolsTest, WhatKeepsItFromBeingFullIsShown) {
  const PoolPtr pool = Create("ci", 1);
  pools_->NoteFilling(pool->uid(), absl::InternalError("no luck"));
  EXPECT_EQ((*pools_->Find("ci"))->error(), "no luck");
  pools_->NoteFilling(pool->uid(), absl::OkStatus());
  EXPECT_EQ((*pools_->Find("ci"))->error(), "");
}

class PlanFillingTest : public testing::Test {
 protected:
  PlanFillingTest() {
    pool_.set_uid("p");
    pool_.set_size(2);
  }
  void Add(const std::string& uid, Vm::State state, const std::string& reason = "",
           bool is_acquired = false) {
    auto vm = std::make_shared<Vm>();
    vm->set_uid(uid);
    vm->set_pool_uid("p");
    vm->set_state(state);
    vm->set_state_reason(reason);
    if (is_acquired) vm->mutable_acquire_time()->set_seconds(1);
    vms_.push_back(std::move(vm));
  }

  Pool pool_;
  std::vector<VmPtr> vms_;
};

TEST_F(PlanFillingTest, AsManyAreMadeAsShallWait) {
  EXPECT_TRUE(PlanFilling(&pool_, vms_).is_one_missing);
  Add("a", Vm::PAUSED, kWaiting);
  EXPECT_TRUE(PlanFilling(&pool_, vms_).is_one_missing);
  Add("b", Vm::RESTORING, kWaiting);  // of an earlier daemon: it comes
  EXPECT_FALSE(PlanFilling(&pool_, vms_).is_one_missing);
  EXPECT_TRUE(PlanFilling(&pool_, vms_).retire.empty());
}

TEST_F(PlanFillingTest, WhoseWaitIsOverIsReplaced) {
  Add("a", Vm::PAUSED, kWaiting);
  for (const Vm::State state :
       {Vm::CRASHED, Vm::STOPPED, Vm::SUSPENDED, Vm::FAILED, Vm::DELETING, Vm::UNKNOWN}) {
    vms_.resize(1);
    Add("b", state);
    const Filling filling = PlanFilling(&pool_, vms_);
    EXPECT_EQ(filling.retire, std::vector<std::string>{"b"}) << Vm::State_Name(state);
    EXPECT_TRUE(filling.is_one_missing);
  }
  vms_.resize(1);
  Add("b", Vm::PAUSED, kRetired);
  EXPECT_EQ(PlanFilling(&pool_, vms_).retire, std::vector<std::string>{"b"});
}

TEST_F(PlanFillingTest, WhatWasAcquiredIsLeftAloneWhateverItDoes) {
  Add("a", Vm::CRASHED, "", true);
  Add("b", Vm::PAUSED, kAcquired, true);
  EXPECT_TRUE(PlanFilling(&pool_, vms_).retire.empty());
  EXPECT_TRUE(PlanFilling(nullptr, vms_).retire.empty());
}

TEST_F(PlanFillingTest, OfThoseThatAreTooManyTheLastGo) {
  Add("a", Vm::PAUSED, kWaiting);
  Add("b", Vm::PAUSED, kWaiting);
  Add("c", Vm::PAUSED, kWaiting);
  EXPECT_EQ(PlanFilling(&pool_, vms_).retire, std::vector<std::string>{"c"});
  EXPECT_EQ(PlanFilling(nullptr, vms_).retire.size(), 3U);
}

TEST_F(PlanFillingTest, ThoseThatWereAcquiredCountForTheMax) {
  pool_.set_max(3);
  Add("a", Vm::RUNNING, "", true);
  Add("b", Vm::RUNNING, "", true);
  Add("c", Vm::PAUSED, kWaiting);
  EXPECT_FALSE(PlanFilling(&pool_, vms_).is_one_missing);
  pool_.set_max(2);
  EXPECT_EQ(PlanFilling(&pool_, vms_).retire, std::vector<std::string>{"c"});
}

}  // namespace
}  // namespace emu::daemon
