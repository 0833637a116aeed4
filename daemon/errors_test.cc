#include "daemon/errors.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>
#include <string>

#include "emud/v1/error_reason.pb.h"
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

// A reason that nothing answers with would be a promise about nothing.
TEST(ErrorsTest, EveryReasonOfTheApiIsAnsweredBySomeErrorAndNoOther) {
  const absl::Status all[] = {errors::InvalidField("f", "p", "r"),
                              errors::NameInUse("a"),
                              errors::VmNotFound("a"),
                              errors::WrongState("a", "start", "RUNNING", "r"),
                              errors::StartFailed("a", absl::InternalError("x")),
                              errors::DiskInUse("f", "/p"),
                              errors::VmNotResponding("a", "stop"),
                              errors::WaitTimedOut("a", "STOPPED"),
                              errors::TraceRuns("a"),
                              errors::NoMemory("a", 1),
                              errors::Storage("x"),
                              errors::Host("x", ENOENT),
                              errors::StorageFull("x"),
                              errors::RequestIdReused("id"),
                              errors::EtagMismatch("a"),
                              errors::VmProtected("a"),
                              errors::InvalidFilter("filter", 3, "p"),
                              errors::InvalidPageToken(),
                              errors::RevisionCompacted(1, 2),
                              errors::KeyboardHeld("a", "b"),
                              errors::Unauthenticated("p"),
                              errors::PermissionDenied("EDITOR", "p"),
                              errors::ProjectNotFound("p"),
                              errors::ProjectInUse("p"),
                              errors::TokenNotFound("t"),
                              errors::RoleNotFound("unix:1", "p"),
                              errors::AlreadyExists("token", "t"),
                              errors::QuotaExceeded("p", {"vms: 2 of 1"}),
                              errors::LocalOnly("a", "debug"),
                              errors::SandboxRefused("a", "x"),
                              errors::SuspendFailed("a", absl::ResourceExhaustedError("x")),
                              errors::RestoreFailed("a", absl::DataLossError("x")),
                              errors::RestoreFailed("a", absl::AbortedError("x")),
                              errors::OperationNotFound("x"),
                              errors::OperationRuns("x"),
                              errors::TooManyOperations(1),
                              errors::ImageNotFound("i"),
                              errors::ImageInUse("i", {"a", "b"}, {"v"}, {"s"}),
                              errors::VolumeNotFound("v"),
                              errors::VolumeInUse("v", {"a"}),
                              errors::SnapshotNotFound("s"),
                              errors::SnapshotNotReady("s"),
                              errors::SnapshotInUse("s", {"p"}),
                              errors::HostDraining("a"),
                              errors::PoolNotFound("p"),
                              errors::PoolExhausted("p", "x"),
                              errors::SnapshotFailed("a", absl::ResourceExhaustedError("x")),
                              errors::SnapshotFileRefused("m", absl::DataLossError("x")),
                              errors::ImageNotInFile("i", "sha256:0"),
                              errors::DigestMismatch("f", "sha256:0"),
                              errors::UploadNotFound("u"),
                              errors::UploadTakenOver("u"),
                              errors::RecipeNotFound("r", {"a", "b"}),
                              errors::NoImageBuilder(),
                              errors::ImageBuildFailed("i", "x"),
                              errors::NoAgent("a", "p"),
                              errors::AgentLost("a"),
                              errors::ExecNotStarted("a", "true", ENOENT),
                              errors::ExecNotFound("x"),
                              errors::GuestRefuses("a", "v", EPERM)};
  std::set<std::string> answered;
  for (const absl::Status& status : all) {
    const auto info = DetailOf<google::rpc::ErrorInfo>(status);
    EXPECT_EQ(info.domain(), "emud.dev");
    answered.insert(info.reason());
  }
  std::set<std::string> promised;
  const auto* const reasons = emud::v1::ErrorReason_descriptor();
  for (int i = 0; i < reasons->value_count(); ++i) {
    if (reasons->value(i)->number() != 0) promised.insert(reasons->value(i)->name());
  }
  EXPECT_EQ(answered, promised);
}

TEST(ErrorsTest, AFiltersMistakeIsAViolationOfItsField) {
  const absl::Status status = errors::InvalidFilter("filter", 3, "p");
  EXPECT_EQ(DetailOf<google::rpc::BadRequest>(status).field_violations(0).field(), "filter");
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).metadata().at("position"), "3");
}

TEST(ErrorsTest, WhatIsShortMayBeThereAgainLater) {
  for (const absl::Status& status :
       {errors::StorageFull("x"), errors::Host("fork", EAGAIN), errors::TooManyOperations(1),
        errors::PoolExhausted("p", "x"), errors::StartFailed("a", errors::Host("fork", EAGAIN))}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
    EXPECT_GT(DetailOf<google::rpc::RetryInfo>(status).retry_delay().seconds(), 0);
  }
}

TEST(ErrorsTest, TheReasonIsReadBack) {
  EXPECT_EQ(errors::ReasonOf(errors::OperationRuns("x")), "OPERATION_RUNS");
  EXPECT_EQ(errors::ReasonOf(absl::InternalError("x")), "");
}

TEST(ErrorsTest, WhatStandsInTheWayIsAPrecondition) {
  const auto protection = DetailOf<google::rpc::PreconditionFailure>(errors::VmProtected("a"));
  EXPECT_EQ(protection.violations(0).subject(), "a");
  const auto state =
      DetailOf<google::rpc::PreconditionFailure>(errors::WrongState("a", "start", "PAUSED", "r"));
  EXPECT_EQ(state.violations(0).type(), "STATE");
}

TEST(ErrorsTest, EachLimitThatIsMetIsAViolationOfTheQuota) {
  const absl::Status status = errors::QuotaExceeded("p", {"vms: 2 of 1", "cpus: 9 of 8"});
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  const auto failure = DetailOf<google::rpc::QuotaFailure>(status);
  ASSERT_EQ(failure.violations_size(), 2);
  EXPECT_EQ(failure.violations(1).subject(), "projects/p");
  EXPECT_EQ(failure.violations(1).description(), "cpus: 9 of 8");
}

}  // namespace
}  // namespace emu::daemon
