#include "daemon/operations/operations.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "daemon/errors.h"
#include "daemon/operations/progress.h"
#include "daemon/store/operation_store.h"
#include "daemon/store/request_store.h"
#include "daemon/store/schema.h"

namespace emu::daemon {
namespace {

using emud::v1::Operation;
using emud::v1::OperationMetadata;
using emud::v1::Vm;
using emud::v1::VmResult;

const auto kNobodyCancels = [] { return false; };

class OperationsTest : public testing::Test {
 protected:
  OperationsTest() {
    std::string name = testing::TempDir() + "operations-XXXXXX";
    directory_ = mkdtemp(name.data());
    database_ = *OpenStateDatabase(directory_ + "/state.db");
  }
  ~OperationsTest() override {
    // Runners are detached: they are over when all is done.
    for (const OperationPtr& operation : operations_->List()) WaitFor(operation->id());
    std::filesystem::remove_all(directory_);
  }
  void Open(Operations::Act act, Operations::Whole whole = {}) {
    operations_ = std::make_unique<Operations>(*database_, std::move(act), std::move(whole));
    ASSERT_TRUE(operations_->Load().ok());
  }
  absl::StatusOr<OperationPtr> Begin(int count, const RequestOrigin& origin = {}) {
    std::vector<std::shared_ptr<const Vm>> vms;
    for (int i = 0; i < count; ++i) {
      auto vm = std::make_shared<Vm>();
      vm->set_name("vm" + std::to_string(i));
      vm->set_uid("uid" + std::to_string(i));
      vms.push_back(vm);
    }
    OperationMetadata wanted;
    wanted.set_verb(emud::v1::STOP);
    return operations_->Begin(wanted, vms, origin);
  }
  absl::StatusOr<OperationPtr> BeginWhole() {
    OperationMetadata wanted;
    wanted.set_verb(emud::v1::PULL_IMAGE);
    wanted.set_target("debian");
    return operations_->Begin(wanted, {}, {});
  }
  Operation WaitFor(const std::string& id) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    const auto operation = operations_->Wait(id, deadline, kNobodyCancels);
    return operation.ok() ? **operation : Operation();
  }
  Operation Stored(const std::string& id) {
    Transaction transaction(*database_, Durability::kDaemon);
    const std::vector<Operation> all = *OperationStore(transaction).LoadAll();
    for (const Operation& operation : all) {
      if (operation.id() == id) return operation;
    }
    return {};
  }

  std::string directory_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Operations> operations_;
};

TEST_F(OperationsTest, ALongJobSaysHowFarItIs) {
  std::mutex goes_on;
  goes_on.lock();
  Open({}, [&goes_on](const Operation& operation, const Operations::Job& job) {
    EXPECT_EQ(operation.metadata().target(), "debian");
    job.report("download", 40);
    goes_on.lock();
    return absl::OkStatus();
  });
  const std::string id = (*BeginWhole())->id();
  while (Stored(id).metadata().progress_percent() != 40) std::this_thread::yield();
  EXPECT_EQ((*operations_->Find(id))->metadata().stage(), "download");
  EXPECT_FALSE((*operations_->Find(id))->done());
  goes_on.unlock();
  const Operation done = WaitFor(id);
  EXPECT_TRUE(done.done() && !done.has_error());
  EXPECT_EQ(done.metadata().stage(), "done");
  EXPECT_EQ(done.metadata().progress_percent(), 100u);
}

TEST_F(OperationsTest, ALongJobThatFailsSaysWhereAndWhy) {
  Open({}, [](const Operation&, const Operations::Job& job) {
    job.report("install", 7);
    return absl::UnavailableError("no package");
  });
  const Operation done = WaitFor((*BeginWhole())->id());
  EXPECT_EQ(done.error().message(), "no package");
  EXPECT_EQ(done.metadata().stage(), "install");
  EXPECT_EQ(done.metadata().progress_percent(), 7u);
}

TEST_F(OperationsTest, ALongJobHearsThatItIsCancelled) {
  Open({}, [](const Operation&, const Operations::Job& job) {
    while (!job.is_cancelled()) std::this_thread::yield();
    return absl::CancelledError("as was wanted");
  });
  const std::string id = (*BeginWhole())->id();
  EXPECT_TRUE(operations_->Cancel(id).ok());
  EXPECT_EQ(WaitFor(id).error().code(), static_cast<int>(absl::StatusCode::kCancelled));
}

TEST_F(OperationsTest, ALongJobOfADaemonThatDiedIsDoneByTheNext) {
  Open({}, [](const Operation&, const Operations::Job&) { return absl::OkStatus(); });
  Operation begun;
  begun.set_id("the-id");
  begun.mutable_metadata()->set_verb(emud::v1::PULL_IMAGE);
  {
    Transaction transaction(*database_, Durability::kDaemon);
    ASSERT_TRUE(OperationStore(transaction).Put(begun).ok());
    ASSERT_TRUE(transaction.Commit().ok());
  }
  int times = 0;
  Open({}, [&times](const Operation&, const Operations::Job&) {
    ++times;
    return absl::OkStatus();
  });
  EXPECT_TRUE(WaitFor("the-id").done());
  EXPECT_EQ(times, 1);
}

TEST_F(OperationsTest, EveryVmIsDoneOnce) {
  std::atomic<int> done = 0;
  Open([&done](const auto&, const auto&, const auto&) {
    ++done;
    return absl::OkStatus();
  });
  const Operation operation = WaitFor((*Begin(50, {"unix:7", "BeginOperation", "", ""}))->id());
  EXPECT_TRUE(operation.done());
  EXPECT_FALSE(operation.has_error());
  EXPECT_EQ(done, 50);
  EXPECT_EQ(operation.metadata().vms_done(), 50U);
  EXPECT_EQ(operation.metadata().progress_percent(), 100U);
  EXPECT_EQ(operation.metadata().principal(), "unix:7");
  EXPECT_TRUE(Stored(operation.id()).done());
}

TEST_F(OperationsTest, NothingToDoIsDone) {
  Open([](const auto&, const auto&, const auto&) { return absl::OkStatus(); });
  EXPECT_TRUE(WaitFor((*Begin(0))->id()).done());
}

TEST_F(OperationsTest, OneThatFailsKeepsNoOtherFromBeingDone) {
  Open([](const auto&, const VmResult& vm, const auto&) {
    return vm.vm() == "vm1" ? errors::VmProtected("vm1") : absl::OkStatus();
  });
  const Operation operation = WaitFor((*Begin(3))->id());
  EXPECT_EQ(operation.error().reason(), "VM_PROTECTED");
  EXPECT_EQ(operation.results(1).state(), VmResult::FAILED);
  EXPECT_EQ(operation.results(2).state(), VmResult::SUCCEEDED);
}

TEST_F(OperationsTest, ACancelledOneFinishesWhatHasBegunAndBeginsNothingMore) {
  std::atomic<bool> may_end = false;
  std::atomic<int> begun = 0;
  Open([&](const auto&, const auto&, const auto&) {
    ++begun;
    while (!may_end) std::this_thread::yield();
    return absl::OkStatus();
  });
  const std::string id = (*Begin(20))->id();
  while (begun == 0) std::this_thread::yield();
  EXPECT_TRUE((*operations_->Cancel(id))->metadata().requested_cancellation());
  EXPECT_FALSE((*operations_->Find(id))->done());
  EXPECT_EQ(operations_->Delete(id).code(), absl::StatusCode::kFailedPrecondition);
  may_end = true;
  const Operation operation = WaitFor(id);
  EXPECT_EQ(operation.error().code(), static_cast<int>(absl::StatusCode::kCancelled));
  EXPECT_LT(begun, 20);
  int cancelled = 0;
  for (const VmResult& vm : operation.results()) cancelled += vm.state() == VmResult::CANCELLED;
  EXPECT_EQ(cancelled, 20 - begun);
  EXPECT_TRUE(operations_->Delete(id).ok());
  EXPECT_TRUE(absl::IsNotFound(operations_->Find(id).status()));
}

TEST_F(OperationsTest, ANewDaemonDoesWhatWasNotDone) {
  Operation left;
  left.set_id("0-left");
  left.mutable_metadata()->set_verb(emud::v1::STOP);
  for (const VmResult::State state : {VmResult::SUCCEEDED, VmResult::RUNNING, VmResult::PENDING}) {
    VmResult& vm = *left.add_results();
    vm.set_vm("vm" + std::to_string(left.results_size()));
    vm.set_state(state);
  }
  {
    Transaction transaction(*database_, Durability::kDaemon);
    ASSERT_TRUE(OperationStore(transaction).Put(left).ok());
    ASSERT_TRUE(transaction.Commit().ok());
  }
  std::mutex mutex;
  std::set<std::string> done;
  Open([&](const auto&, const VmResult& vm, const auto&) {
    std::lock_guard lock(mutex);
    done.insert(vm.vm());
    return absl::OkStatus();
  });
  EXPECT_TRUE(WaitFor("0-left").done());
  EXPECT_EQ(done, (std::set<std::string>{"vm2", "vm3"}));
}

TEST_F(OperationsTest, TheRequestIsStoredWithWhatItBegan) {
  Open([](const auto&, const auto&, const auto&) { return absl::OkStatus(); });
  const RequestOrigin origin = {"unix:7", "BeginOperation", "one", "fingerprint"};
  const std::string id = (*Begin(1, origin))->id();
  WaitFor(id);
  Transaction transaction(*database_, Durability::kDaemon);
  const auto row = RequestStore(transaction).Find(origin, std::chrono::system_clock::now());
  ASSERT_TRUE(row.ok() && row->has_value());
  EXPECT_EQ((*row)->vm_uid, id);
}

TEST_F(OperationsTest, ThereAreOnlySoManyAtOnce) {
  std::atomic<bool> may_end = false;
  Open([&](const auto&, const auto&, const auto&) {
    while (!may_end) std::this_thread::yield();
    return absl::OkStatus();
  });
  for (size_t i = 0; i < Operations::kMaxRunning; ++i) EXPECT_TRUE(Begin(1).ok());
  EXPECT_EQ(errors::ReasonOf(Begin(1).status()), "TOO_MANY_OPERATIONS");
  may_end = true;
  for (const OperationPtr& operation : operations_->List()) WaitFor(operation->id());
}

TEST_F(OperationsTest, TheOldestDoneOnesMakeRoom) {
  {
    Transaction transaction(*database_, Durability::kDaemon);
    OperationStore store(transaction);
    for (size_t i = 0; i < Operations::kMaxKept + 5; ++i) {
      Operation old;
      old.set_id("0-" + std::to_string(10'000 + i));
      old.set_done(true);
      old.mutable_metadata()->mutable_end_time()->set_seconds(int64_t{1} << 33);
      ASSERT_TRUE(store.Put(old).ok());
    }
    Operation forgotten;
    forgotten.set_id("0-99999");
    forgotten.set_done(true);
    forgotten.mutable_metadata()->mutable_end_time()->set_seconds(1);
    ASSERT_TRUE(store.Put(forgotten).ok());
    ASSERT_TRUE(transaction.Commit().ok());
  }
  Open([](const auto&, const auto&, const auto&) { return absl::OkStatus(); });
  const std::string id = (*Begin(0))->id();
  WaitFor(id);
  EXPECT_TRUE(absl::IsNotFound(operations_->Find("0-99999").status()));
  EXPECT_TRUE(absl::IsNotFound(operations_->Find("0-10000").status()));
  EXPECT_LE(operations_->List().size(), Operations::kMaxKept + 1);
  EXPECT_TRUE(Stored("0-10000").id().empty());
}

TEST(ProgressTest, CountsAndNamesWhatItIsAt) {
  Operation operation;
  operation.mutable_metadata()->set_verb(emud::v1::DELETE);
  for (const VmResult::State state :
       {VmResult::SUCCEEDED, VmResult::RUNNING, VmResult::RUNNING, VmResult::PENDING}) {
    VmResult& vm = *operation.add_results();
    vm.set_vm("vm" + std::to_string(operation.results_size()));
    vm.set_state(state);
  }
  CountProgress(operation);
  EXPECT_EQ(operation.metadata().progress_percent(), 25U);
  EXPECT_EQ(operation.metadata().stage(), "delete vm2 and 1 more");
}

}  // namespace
}  // namespace emu::daemon
