#include "daemon/errors.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace emu::daemon {
namespace {

template <typename Detail>
Detail DetailOf(const absl::Status& status) {
  google::rpc::Status full;
  full.ParseFromString(errors::ToGrpc(status).error_details());
  Detail found;
  for (const auto& detail : full.details()) {
    if (detail.UnpackTo(&found)) return found;
  }
  return {};
}

TEST(ErrorsTest, AStartThatFailsForAFieldNamesItAsTheApiDoes) {
  const absl::Status status = errors::StartFailed(
      "a", absl::InvalidArgumentError("memory_bytes: 3 is not possible; give more"));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(),
            "a did not start: spec.machine.memory_mib: 3 is not possible; give more");
  const auto violation = DetailOf<google::rpc::BadRequest>(status).field_violations(0);
  EXPECT_EQ(violation.field(), "spec.machine.memory_mib");
  EXPECT_EQ(violation.description(), "3 is not possible; give more");
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  EXPECT_EQ(info.reason(), "START_FAILED");
  EXPECT_EQ(info.domain(), "emud.dev");
}

TEST(ErrorsTest, AStartThatFailsForTheHostKeepsItsCode) {
  for (const auto code : {absl::StatusCode::kResourceExhausted, absl::StatusCode::kInternal,
                          absl::StatusCode::kFailedPrecondition}) {
    EXPECT_EQ(errors::StartFailed("a", absl::Status(code, "fork failed")).code(), code);
  }
}

TEST(ErrorsTest, WhatTheHostLacksIsNoFaultOfTheClient) {
  EXPECT_EQ(errors::Host("emu-vm", ENOENT).code(), absl::StatusCode::kInternal);
  for (const int error : {EMFILE, ENFILE, ENOMEM, EAGAIN, ENOSPC}) {
    EXPECT_EQ(errors::Host("fork", error).code(), absl::StatusCode::kResourceExhausted);
  }
}

}  // namespace
}  // namespace emu::daemon
