#include "daemon/request_ids.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <thread>
#include <vector>

#include "daemon/store/schema.h"

namespace emu::daemon {
namespace {

class RequestIdsTest : public testing::Test {
 protected:
  void SetUp() override {
    char path[] = "/tmp/requests-XXXXXX";
    directory_ = mkdtemp(path);
    database_ = *OpenStateDatabase(directory_ + "/state.db");
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  absl::StatusOr<std::string> Ask(RequestIds& ids, const std::string& id,
                                  const std::string& body = "body") {
    return ids.Once(
        {"me", "CreateVm", id, body},
        [&]() -> absl::StatusOr<RequestIds::Answer> {
          std::this_thread::sleep_for(std::chrono::milliseconds(20));
          const int count = ++executions_;
          if (fails_) return absl::InternalError("failed");
          return RequestIds::Answer{"uid", "answer " + std::to_string(count)};
        },
        [](const std::string& uid) -> absl::StatusOr<RequestIds::Answer> {
          return RequestIds::Answer{uid, "recalled " + uid};
        });
  }

  std::string directory_;
  std::unique_ptr<Database> database_;
  std::atomic<int> executions_ = 0;
  bool fails_ = false;
};

TEST_F(RequestIdsTest, TenAtOnceAreDoneOnceAndAnsweredAlike) {
  RequestIds ids(*database_);
  std::vector<std::thread> callers;
  callers.reserve(10);
  for (int i = 0; i < 10; ++i) {
    callers.emplace_back([&] { EXPECT_EQ(*Ask(ids, "one"), "answer 1"); });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(executions_, 1);
}

TEST_F(RequestIdsTest, ANewDaemonAnswersTheSame) {
  RequestIds before(*database_);
  EXPECT_EQ(*Ask(before, "one"), "answer 1");
  RequestIds after(*database_);
  EXPECT_EQ(*Ask(after, "one"), "answer 1");
}

TEST_F(RequestIdsTest, AnotherBodyIsRefused) {
  RequestIds ids(*database_);
  EXPECT_TRUE(Ask(ids, "one").ok());
  EXPECT_TRUE(absl::IsInvalidArgument(Ask(ids, "one", "other").status()));
  EXPECT_EQ(executions_, 1);
}

TEST_F(RequestIdsTest, WithoutAnIdEachIsDone) {
  RequestIds ids(*database_);
  EXPECT_EQ(*Ask(ids, ""), "answer 1");
  EXPECT_EQ(*Ask(ids, ""), "answer 2");
}

TEST_F(RequestIdsTest, WhatFailedMayBeTriedAgain) {
  RequestIds ids(*database_);
  fails_ = true;
  EXPECT_FALSE(Ask(ids, "one").ok());
  fails_ = false;
  EXPECT_EQ(*Ask(ids, "one"), "answer 2");
}

TEST_F(RequestIdsTest, OneThatADaemonDidNotLiveToAnswerIsRecalledAndNotDoneAgain) {
  {
    Transaction transaction(*database_, Durability::kDaemon);
    ASSERT_TRUE(
        RequestStore(transaction)
            .Begin({"me", "CreateVm", "one", "body"}, "uid", std::chrono::system_clock::now())
            .ok());
    ASSERT_TRUE(transaction.Commit().ok());
  }
  RequestIds ids(*database_);
  EXPECT_TRUE(ids.IsKnown({"me", "CreateVm", "one", "body"}));
  EXPECT_FALSE(ids.IsKnown({"me", "CreateVm", "two", "body"}));
  EXPECT_FALSE(ids.IsKnown({"another", "CreateVm", "one", "body"}));
  EXPECT_EQ(*Ask(ids, "one"), "recalled uid");
  EXPECT_EQ(executions_, 0);
}

TEST_F(RequestIdsTest, AnIdIsShortAndPlain) {
  RequestIds ids(*database_);
  EXPECT_TRUE(absl::IsInvalidArgument(Ask(ids, "a b").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Ask(ids, std::string(65, 'a')).status()));
  EXPECT_TRUE(Ask(ids, "6f1c2d1e-8a4b-4c3d-9e2f-0a1b2c3d4e5f").ok());
}

}  // namespace
}  // namespace emu::daemon
