#include "daemon/vm_table.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "daemon/store/schema.h"

namespace emu::daemon {
namespace {

using emud::v1::Vm;

// A state directory in which no VM can be made, and no row can be removed while `Hold` says so.
class UnmakeTest : public testing::Test {
 protected:
  UnmakeTest() {
    std::string name = testing::TempDir() + "unmake-XXXXXX";
    directory_ = mkdtemp(name.data());
    std::ofstream(directory_ + "/vms") << "no directory";
    std::ofstream(directory_ + "/firmware") << "x";
    Open();
  }
  ~UnmakeTest() override { std::filesystem::remove_all(directory_); }

  void Open() {
    table_.reset();
    std::unique_ptr<Database> database = *OpenStateDatabase(directory_ + "/state.db");
    database_ = database.get();
    images_.emplace(directory_, *database);
    ASSERT_TRUE(images_->Load().ok());
    volumes_.emplace(directory_, *database, *images_);
    ASSERT_TRUE(volumes_->Load().ok());
    table_ = std::make_unique<VmTable>(directory_, Jailer::Options{.vm_program = "/bin/false"},
                                       std::move(database), *images_, *volumes_);
    ASSERT_TRUE(table_->Recover().ok());
  }
  void Execute(const char* sql) {
    Transaction transaction(*database_, Durability::kDaemon);
    ASSERT_TRUE(transaction.Execute(sql).ok());
    ASSERT_TRUE(transaction.Commit().ok());
  }
  void HoldRows() {
    Execute("CREATE TRIGGER hold BEFORE DELETE ON vms BEGIN SELECT RAISE(ABORT, 'held'); END");
  }
  absl::Status Create() {
    emud::v1::CreateVmRequest request;
    request.set_name("a");
    request.mutable_spec()->mutable_machine()->set_arch("riscv64");
    request.mutable_spec()->mutable_boot()->set_firmware(directory_ + "/firmware");
    return table_->Create(request, {}).status();
  }
  absl::Status Delete() {
    emud::v1::DeleteVmRequest request;
    request.set_name("a");
    return table_->Delete(request, {});
  }

  std::string directory_;
  Database* database_ = nullptr;
  std::optional<Images> images_;
  std::optional<Volumes> volumes_;
  std::unique_ptr<VmTable> table_;
};

TEST_F(UnmakeTest, AVmThatCanNotBeMadeIsGone) {
  EXPECT_FALSE(Create().ok());
  EXPECT_TRUE(absl::IsNotFound(table_->records().FindByName("a").status()));
}

TEST_F(UnmakeTest, OneThatCanNotBeTakenBackHasFailedAndIsDeletedLater) {
  HoldRows();
  EXPECT_FALSE(Create().ok());
  const VmPtr vm = *table_->records().FindByName("a");
  EXPECT_EQ(vm->state(), Vm::FAILED);
  EXPECT_EQ(vm->state_reason(), "CREATION_FAILED");
  EXPECT_NE(vm->last_exit().message().find("held"), std::string::npos);
  EXPECT_EQ(table_->Start("a", VmTable::ChangedDisks::kRefuse, {}).status().code(),
            absl::StatusCode::kFailedPrecondition);
  Open();
  EXPECT_EQ((*table_->records().FindByName("a"))->state(), Vm::FAILED);
  Execute("DROP TRIGGER hold");
  EXPECT_TRUE(Delete().ok());
}

TEST_F(UnmakeTest, WhatAnEarlierDaemonLeftUnmadeKeepsNobodyFromServing) {
  HoldRows();
  EXPECT_FALSE(Create().ok());
  {
    const auto back_to_creating = [](Vm& now) -> absl::StatusOr<bool> {
      now.set_state(Vm::CREATING);
      return true;
    };
    const std::string uid = (*table_->records().FindByName("a"))->uid();
    const VmRecords::Cause cause = {VmRecords::Kind::kIntent, emud::v1::Event::VM_UPDATED, {}};
    ASSERT_TRUE(table_->records().Change(uid, cause, back_to_creating).ok());
  }
  Open();
  EXPECT_EQ((*table_->records().FindByName("a"))->state(), Vm::FAILED);
}

}  // namespace
}  // namespace emu::daemon
