#include "daemon/audit/audit_log.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "daemon/store/audit_store.h"
#include "daemon/store/schema.h"

namespace emu::daemon {
namespace {

class AuditLogTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "audit-XXXXXX";
    directory_ = mkdtemp(name.data());
    Reopen();
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  // As the next daemon does.
  void Reopen() {
    log_.reset();
    database_ = *OpenStateDatabase(directory_ + "/state.db");
    log_ = std::make_unique<AuditLog>(directory_ + "/audit", *database_);
    ASSERT_TRUE(log_->Open().ok());
  }
  void Append(const std::string& resource) {
    emud::v1::AuditEntry entry;
    entry.set_resource(resource);
    log_->Append(entry);
  }
  std::string File() const {
    return std::filesystem::directory_iterator(directory_ + "/audit")->path();
  }
  std::string Resources() const {
    std::string all;
    for (const auto& entry : log_->Newest(100)) all += entry.resource();
    return all;
  }

  std::string directory_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<AuditLog> log_;
};

TEST_F(AuditLogTest, TheNextDaemonGoesOnWithTheChain) {
  Append("a");
  Append("b");
  Reopen();
  Append("c");
  EXPECT_EQ(Resources(), "abc");
  EXPECT_EQ(log_->Verify().problem(), "");
  EXPECT_EQ(log_->Verify().entries(), 3U);
}

TEST_F(AuditLogTest, ALineThatAKillCutOffIsDropped) {
  Append("a");
  std::ofstream(File(), std::ios::app) << "{\"number\":\"2\",\"resour";
  Reopen();
  Append("b");
  EXPECT_EQ(Resources(), "ab");
  EXPECT_EQ(log_->Verify().problem(), "");
}

TEST_F(AuditLogTest, ALineWhoseHeadAKillHasLostIsTakenUp) {
  Append("a");
  AuditChain head;
  {
    Transaction transaction(*database_, Durability::kDaemon);
    head = *AuditStore(transaction).LoadHead();
  }
  Append("b");
  {
    Transaction transaction(*database_, Durability::kDaemon);
    ASSERT_TRUE(AuditStore(transaction).PutHead(head).ok());
    ASSERT_TRUE(transaction.Commit().ok());
  }
  Reopen();
  Append("c");
  EXPECT_EQ(Resources(), "abc");
  EXPECT_EQ(log_->Verify().problem(), "");
}

TEST_F(AuditLogTest, AFileThatWasArchivedIsTold) {
  Append("a");
  Append("b");
  std::filesystem::remove(File());
  Reopen();
  Append("c");
  EXPECT_EQ(log_->Verify().problem(), "");
  EXPECT_EQ(log_->Verify().first(), 3U);
}

TEST_F(AuditLogTest, WhatWasTakenAwayIsMissed) {
  Append("a");
  Append("b");
  std::filesystem::remove(File());
  Reopen();
  EXPECT_NE(log_->Verify().problem(), "");
}

}  // namespace
}  // namespace emu::daemon
