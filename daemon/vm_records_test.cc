// VMs and their revisions, without any process.
#include "daemon/vm_records.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <thread>

#include "daemon/errors.h"
#include "daemon/store/access_store.h"
#include "daemon/store/schema.h"
#include "daemon/vm_states.h"

namespace emu::daemon {
namespace {

using emud::v1::Event;
using emud::v1::Vm;
using Kind = VmRecords::Kind;

class VmRecordsTest : public testing::Test {
 protected:
  void SetUp() override {
    char path[] = "/tmp/records-XXXXXX";
    directory_ = mkdtemp(path);
    Reopen();
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  // As the next daemon does.
  void Reopen() {
    records_.reset();
    database_ = *OpenStateDatabase(directory_ + "/state.db");
    records_ = std::make_unique<VmRecords>(*database_);
    ASSERT_TRUE(records_->Load().ok());
  }
  static Vm Make(const std::string& name, uint32_t cpus = 1) {
    Vm vm;
    vm.set_name(name);
    vm.set_uid("uid-" + name);
    vm.set_project("default");
    vm.set_state(Vm::STOPPED);
    vm.mutable_spec()->mutable_machine()->set_cpus(cpus);
    return vm;
  }
  VmPtr Insert(const std::string& name) { return *records_->Insert(Make(name), {}); }
  void SetQuota(uint32_t vms, uint32_t cpus) {
    emud::v1::Project project;
    project.set_name("default");
    project.mutable_quota()->set_vms(vms);
    project.mutable_quota()->set_cpus(cpus);
    Transaction transaction(*database_, Durability::kDaemon);
    ASSERT_TRUE(AccessStore(transaction).PutProject(project).ok());
    ASSERT_TRUE(transaction.Commit().ok());
  }
  absl::Status SetCpus(const std::string& name, uint32_t cpus) {
    return records_
        ->Change("uid-" + name, {Kind::kIntent, Event::VM_UPDATED, {}},
                 [&](Vm& vm) -> absl::StatusOr<bool> {
                   vm.mutable_spec()->mutable_machine()->set_cpus(cpus);
                   return true;
                 })
        .status();
  }
  absl::StatusOr<VmPtr> SetReason(const std::string& name, const std::string& reason,
                                  Kind kind = Kind::kIntent) {
    return records_->Change("uid-" + name, {kind, Event::VM_UPDATED, {}},
                            [&](Vm& vm) -> absl::StatusOr<bool> {
                              const bool differs = vm.state_reason() != reason;
                              vm.set_state_reason(reason);
                              return differs;
                            });
  }
  void LimitPages(const std::string& count) {
    Transaction transaction(*database_, Durability::kDaemon);
    ASSERT_TRUE(transaction.Execute(("PRAGMA max_page_count=" + count).c_str()).ok());
  }

  std::string directory_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<VmRecords> records_;
};

TEST_F(VmRecordsTest, EveryChangeHasTheNextRevisionAndAnEtagOfItsOwn) {
  const VmPtr a = Insert("a");
  const VmPtr b = Insert("b");
  EXPECT_EQ(b->revision(), a->revision() + 1);
  const VmPtr changed = *SetReason("a", "x");
  EXPECT_EQ(changed->revision(), b->revision() + 1);
  EXPECT_NE(changed->etag(), a->etag());
  EXPECT_EQ((*SetReason("a", "x"))->revision(), changed->revision());
}

TEST_F(VmRecordsTest, AnotherNameIsOneThatNobodyHasAndTheOldOneIsFree) {
  const VmPtr a = Insert("a");
  Insert("b");
  const auto rename = [this](const std::string& name) {
    return records_->Change("uid-a", {Kind::kIntent, Event::VM_UPDATED, {}},
                            [&name](Vm& vm) -> absl::StatusOr<bool> {
                              vm.set_name(name);
                              return true;
                            });
  };
  EXPECT_EQ(errors::ReasonOf(rename("b").status()), "NAME_IN_USE");
  EXPECT_EQ((*records_->FindByName("b"))->uid(), "uid-b");
  ASSERT_TRUE(rename("c").ok());
  Reopen();
  EXPECT_EQ((*records_->FindByName("c"))->uid(), "uid-a");
  EXPECT_TRUE(absl::IsNotFound(records_->FindByName("a").status()));
  Vm other = Make("a");
  other.set_uid("uid-other");
  EXPECT_TRUE(records_->Insert(other, {}).ok());
  EXPECT_EQ(records_->ChangesAfter(a->revision(), 10)->size(), 3U);
}

TEST_F(VmRecordsTest, ANewDaemonGoesOnCounting) {
  Insert("a");
  ASSERT_TRUE(records_->Erase("uid-a", {}).ok());
  const uint64_t newest = records_->newest_revision();
  Reopen();
  EXPECT_EQ(records_->newest_revision(), newest);
  EXPECT_EQ(Insert("a")->revision(), newest + 1);
}

TEST_F(VmRecordsTest, ChangesComeOnceEachInTheirNewestVersionAndOrder) {
  Insert("a");
  Insert("b");
  const uint64_t seen = records_->newest_revision();
  SetReason("a", "1").IgnoreError();
  SetReason("b", "1").IgnoreError();
  SetReason("a", "2").IgnoreError();
  const auto deltas = *records_->ChangesAfter(seen, 10);
  ASSERT_EQ(deltas.size(), 2U);
  EXPECT_EQ(deltas[0].vm->name(), "b");
  EXPECT_EQ(deltas[1].vm->state_reason(), "2");
  EXPECT_EQ(records_->ChangesAfter(seen, 1)->size(), 1U);
}

TEST_F(VmRecordsTest, ADeletionIsAChangeThatANewDaemonKnowsToo) {
  Insert("a");
  const uint64_t seen = records_->newest_revision();
  ASSERT_TRUE(records_->Erase("uid-a", {}).ok());
  for (int daemon = 0; daemon < 2; ++daemon) {
    const auto deltas = *records_->ChangesAfter(seen, 10);
    ASSERT_EQ(deltas.size(), 1U);
    EXPECT_EQ(deltas[0].kind, VmDelta::Kind::kDeleted);
    EXPECT_EQ(deltas[0].vm->uid(), "uid-a");
    Reopen();
  }
}

TEST_F(VmRecordsTest, WhatIsForgottenIsSaidAndNotPassedOver) {
  RevisionIndex index(10);
  const auto version = [](uint64_t revision) {
    Vm vm;
    vm.set_uid("a");
    vm.set_revision(revision);
    return std::make_shared<const Vm>(vm);
  };
  for (uint64_t revision = 1; revision <= 30; ++revision) {
    index.Change(version(revision), revision - 1);
  }
  EXPECT_TRUE(index.IsKnown(30));
  EXPECT_TRUE(index.IsKnown(20));
  EXPECT_FALSE(index.IsKnown(19));
  EXPECT_FALSE(index.IsKnown(31));
  EXPECT_EQ(index.After(0, 100).size(), 1U);
  const auto answer = records_->ChangesAfter(5, 10);
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kOutOfRange);
}

TEST_F(VmRecordsTest, EveryChangeIsAnEvent) {
  Insert("a");
  ASSERT_TRUE(records_
                  ->Change("uid-a",
                           {Kind::kIntent, Event::VM_UPDATED, {"me", "UpdateVm", "id", ""}},
                           [](Vm& vm) -> absl::StatusOr<bool> {
                             vm.set_state_reason("x");
                             return true;
                           })
                  .ok());
  ASSERT_TRUE(records_->Erase("uid-a", {}).ok());
  const auto events = *records_->EventsAfter(0, 10);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].type(), Event::VM_CREATED);
  EXPECT_EQ(events[1].type(), Event::VM_UPDATED);
  EXPECT_EQ(events[1].principal(), "me");
  EXPECT_EQ(events[1].request_id(), "id");
  EXPECT_EQ(events[2].type(), Event::VM_DELETED);
  EXPECT_EQ(events[2].revision(), records_->newest_revision());
}

TEST_F(VmRecordsTest, AnIntentThatTheDiskRefusesIsNotSo) {
  Insert("a");
  LimitPages("1");
  const auto changed = SetReason("a", std::string(50'000, 'x'));
  EXPECT_EQ(changed.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(records_->Find("uid-a")->state_reason(), "");
  LimitPages("100000");
  EXPECT_TRUE(SetReason("a", "y").ok());
}

TEST_F(VmRecordsTest, AFactThatTheDiskRefusesIsBelievedAndStoredLater) {
  Insert("a");
  Insert("b");
  LimitPages("1");
  const std::string reason(50'000, 'x');
  ASSERT_TRUE(SetReason("a", reason, Kind::kFact).ok());
  EXPECT_EQ(records_->Find("uid-a")->state_reason(), reason);
  LimitPages("100000");
  ASSERT_TRUE(SetReason("b", "y").ok());
  Reopen();
  EXPECT_EQ(records_->Find("uid-a")->state_reason(), reason);
  EXPECT_EQ(records_->EventsAfter(0, 10)->size(), 4U);
}

TEST_F(VmRecordsTest, AWaitEndsWithTheVm) {
  Insert("a");
  std::thread eraser([this] { ASSERT_TRUE(records_->Erase("uid-a", {}).ok()); });
  const auto never = [](const Vm&) { return false; };
  const auto deadline = VmRecords::Clock::now() + std::chrono::seconds(10);
  EXPECT_TRUE(absl::IsNotFound(records_->Wait("uid-a", never, deadline).status()));
  eraser.join();
}

TEST_F(VmRecordsTest, WhatAProjectMayNotHaveIsNotStored) {
  SetQuota(2, 4);
  Insert("a");
  EXPECT_EQ(errors::ReasonOf(records_->Insert(Make("b", 4), {}).status()), "QUOTA_EXCEEDED");
  Insert("b");
  EXPECT_EQ(errors::ReasonOf(records_->Insert(Make("c"), {}).status()), "QUOTA_EXCEEDED");
  EXPECT_EQ(errors::ReasonOf(SetCpus("a", 4)), "QUOTA_EXCEEDED");
  EXPECT_TRUE(SetCpus("a", 3).ok());
  Reopen();
  EXPECT_EQ(records_->List().vms.size(), 2U);
  ASSERT_TRUE(records_->Erase("uid-b", {}).ok());
  Insert("c");
}

TEST_F(VmRecordsTest, AQuotaThatWasLoweredStandsInTheWayOfNothingButMore) {
  Insert("a");
  ASSERT_TRUE(SetCpus("a", 4).ok());
  SetQuota(1, 2);
  EXPECT_TRUE(SetReason("a", "b").ok());
  EXPECT_TRUE(SetCpus("a", 3).ok());
  EXPECT_EQ(errors::ReasonOf(SetCpus("a", 4)), "QUOTA_EXCEEDED");
}

TEST_F(VmRecordsTest, AVmOfAProjectThatIsNotThereIsNotStored) {
  Vm vm = Make("a");
  vm.set_project("nothing");
  EXPECT_EQ(errors::ReasonOf(records_->Insert(vm, {}).status()), "PROJECT_NOT_FOUND");
}

}  // namespace
}  // namespace emu::daemon
