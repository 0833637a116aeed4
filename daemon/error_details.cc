#include "daemon/error_details.h"

#include "absl/strings/ascii.h"

namespace emu::daemon::errors {
namespace {

constexpr char kDomain[] = "emud.dev";

}  // namespace

absl::Status Make(absl::StatusCode code, Reason reason, const std::string& message,
                  const std::map<std::string, std::string>& metadata) {
  absl::Status status(code, message);
  google::rpc::ErrorInfo info;
  info.set_reason(emud::v1::ErrorReason_Name(reason));
  info.set_domain(kDomain);
  for (const auto& [key, value] : metadata) (*info.mutable_metadata())[key] = value;
  Attach(info, status);
  return status;
}

absl::Status NoSuch(Reason reason, const std::string& kind, const std::string& name,
                    const std::string& list) {
  return Make(absl::StatusCode::kNotFound, reason,
              absl::StrCat("there is no ", kind, " ", name, "; ", list, " shows those there are"),
              {{absl::AsciiStrToLower(kind), name}});
}

void AttachViolation(const std::string& field, const std::string& description,
                     absl::Status& status) {
  google::rpc::BadRequest bad;
  auto* violation = bad.add_field_violations();
  violation->set_field(field);
  violation->set_description(description);
  Attach(bad, status);
}

void AddViolations(const std::string& type, const std::vector<std::string>& subjects,
                   const std::string& description, google::rpc::PreconditionFailure& failure) {
  for (const std::string& subject : subjects) {
    auto* violation = failure.add_violations();
    violation->set_type(type);
    violation->set_subject(subject);
    violation->set_description(description);
  }
}

void AttachPreconditions(const std::string& type, const std::vector<std::string>& subjects,
                         const std::string& description, absl::Status& status) {
  google::rpc::PreconditionFailure failure;
  AddViolations(type, subjects, description, failure);
  Attach(failure, status);
}

void AttachRetry(int64_t seconds, absl::Status& status) {
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(seconds);
  Attach(retry, status);
}

}  // namespace emu::daemon::errors
