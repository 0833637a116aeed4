// What a watch is told, without a stream.
#include "daemon/watch/cursor.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "daemon/store/access_store.h"
#include "daemon/store/schema.h"

namespace emu::daemon {
namespace {

using emud::v1::Event;
using emud::v1::Vm;
using emud::v1::WatchEventsResponse;
using emud::v1::WatchVmsResponse;

bool SeesAll(const std::string& /*project*/) { return true; }

class CursorTest : public testing::Test {
 protected:
  void SetUp() override {
    char path[] = "/tmp/cursor-XXXXXX";
    directory_ = mkdtemp(path);
    database_ = *OpenStateDatabase(directory_ + "/state.db");
    records_ = std::make_unique<VmRecords>(*database_);
    ASSERT_TRUE(records_->Load().ok());
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  void AddProject(const std::string& name) {
    emud::v1::Project project;
    project.set_name(name);
    Transaction transaction(*database_, Durability::kDaemon);
    ASSERT_TRUE(AccessStore(transaction).PutProject(project).ok());
    ASSERT_TRUE(transaction.Commit().ok());
  }
  void Insert(const std::string& name, const std::string& project = "default") {
    Vm vm;
    vm.set_name(name);
    vm.set_uid("uid-" + name);
    vm.set_project(project);
    vm.set_state(Vm::STOPPED);
    ASSERT_TRUE(records_->Insert(vm, {}).ok());
  }
  void SetReason(const std::string& name, const std::string& reason) {
    const auto edit = [&](Vm& vm) -> absl::StatusOr<bool> {
      vm.set_state_reason(reason);
      return true;
    };
    ASSERT_TRUE(
        records_->Change("uid-" + name, {VmRecords::Kind::kIntent, Event::VM_UPDATED, {}}, edit)
            .ok());
  }

  // Everything there is to tell, each as "TYPE NAME REASON".
  static std::vector<std::string> Told(Cursor<WatchVmsResponse>& cursor) {
    std::vector<std::string> told;
    while (const std::optional<WatchVmsResponse> next = *cursor.Next()) {
      std::string line = WatchVmsResponse::Type_Name(next->type());
      for (const std::string& word : {next->vm().name(), next->vm().state_reason()}) {
        if (!word.empty()) line += " " + word;
      }
      told.push_back(line);
    }
    return told;
  }
  using Lines = std::vector<std::string>;

  std::string directory_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<VmRecords> records_;
};

TEST_F(CursorTest, AWatchBeginsWithWhatThereIs) {
  Insert("a");
  Insert("b");
  SetReason("a", "later");
  const auto cursor = WatchVmsFrom(*records_, 0, SeesAll);
  EXPECT_EQ(Told(*cursor), (Lines{"CHANGED b", "CHANGED a later", "SYNCED"}));
  SetReason("b", "1");
  SetReason("b", "2");
  EXPECT_EQ(Told(*cursor), (Lines{"CHANGED b 2"}));
  EXPECT_EQ(Told(*cursor), Lines{});
}

TEST_F(CursorTest, AWatchThatResumesIsToldWhatItMissed) {
  Insert("a");
  Insert("b");
  const uint64_t revision = records_->newest_revision();
  ASSERT_TRUE(records_->Erase("uid-a", {}).ok());
  Insert("c");
  const auto cursor = WatchVmsFrom(*records_, revision, SeesAll);
  EXPECT_EQ(Told(*cursor), (Lines{"DELETED a", "CHANGED c", "SYNCED"}));
}

TEST_F(CursorTest, AResumedWatchIsSyncedWhereNothingWasMissed) {
  Insert("a");
  const auto cursor = WatchVmsFrom(*records_, records_->newest_revision(), SeesAll);
  EXPECT_EQ(Told(*cursor), (Lines{"SYNCED"}));
}

TEST_F(CursorTest, ARevisionThatNeverWasIsRefused) {
  const auto cursor = WatchVmsFrom(*records_, 1'000'000, SeesAll);
  EXPECT_EQ(cursor->Next().status().code(), absl::StatusCode::kOutOfRange);
}

TEST_F(CursorTest, WhatTheWatcherMayNotSeeIsNotTold) {
  AddProject("theirs");
  AddProject("ours");
  Insert("a", "theirs");
  Insert("b", "ours");
  const auto sees = [](const std::string& project) { return project == "ours"; };
  const auto cursor = WatchVmsFrom(*records_, 0, sees);
  EXPECT_EQ(Told(*cursor), (Lines{"CHANGED b", "SYNCED"}));
  SetReason("a", "secret");
  SetReason("b", "open");
  EXPECT_EQ(Told(*cursor), (Lines{"CHANGED b open"}));
}

TEST_F(CursorTest, EventsAreToldOneByOneAndOnceSynced) {
  Insert("a");
  SetReason("a", "1");
  const auto cursor = WatchEventsFrom(*records_, 0, SeesAll);
  EXPECT_EQ((*cursor->Next())->event().type(), Event::VM_CREATED);
  EXPECT_EQ((*cursor->Next())->event().type(), Event::VM_UPDATED);
  EXPECT_TRUE((*cursor->Next())->has_synced());
  EXPECT_FALSE(cursor->Next()->has_value());
  SetReason("a", "2");
  SetReason("a", "3");
  EXPECT_TRUE((*cursor->Next())->has_event());
  EXPECT_TRUE((*cursor->Next())->has_event());
  EXPECT_FALSE(cursor->Next()->has_value());
}

}  // namespace
}  // namespace emu::daemon
