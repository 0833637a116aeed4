// What errors are made of: google.rpc's details, beside the message.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "emud/v1/error_reason.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace emu::daemon::errors {

inline constexpr char kDetailTypePrefix[] = "type.googleapis.com/";

template <typename Detail>
void Attach(const Detail& detail, absl::Status& status) {
  status.SetPayload(absl::StrCat(kDetailTypePrefix, Detail::descriptor()->full_name()),
                    absl::Cord(detail.SerializeAsString()));
}

using Reason = emud::v1::ErrorReason;

absl::Status Make(absl::StatusCode code, Reason reason, const std::string& message,
                  const std::map<std::string, std::string>& metadata);
// `list` shows what there is of that kind.
absl::Status NoSuch(Reason reason, const std::string& kind, const std::string& name,
                    const std::string& list);

void AttachViolation(const std::string& field, const std::string& description,
                     absl::Status& status);
void AddViolations(const std::string& type, const std::vector<std::string>& subjects,
                   const std::string& description, google::rpc::PreconditionFailure& failure);
void AttachPreconditions(const std::string& type, const std::vector<std::string>& subjects,
                         const std::string& description, absl::Status& status);

// How long what is short needs, to be there again perhaps.
inline constexpr int64_t kRetryOperation = 1, kRetryHost = 5, kRetryStorage = 30;

void AttachRetry(int64_t seconds, absl::Status& status);

}  // namespace emu::daemon::errors
