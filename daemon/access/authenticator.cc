#include "daemon/access/authenticator.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/errors.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

constexpr char kProjectKey[] = "emud-project";

std::string ValueOf(const Authenticator::Metadata& metadata, const char* key) {
  const auto it = metadata.find(key);
  return it == metadata.end() ? "" : std::string(it->second.data(), it->second.size());
}

// Of a certificate that our client CA has signed: gRPC tells of no other.
std::string CertificateName(const grpc::AuthContext& connection) {
  for (const char* property : {"x509_subject_alternative_name", "x509_common_name"}) {
    const std::vector<grpc::string_ref> values = connection.FindPropertyValues(property);
    if (!values.empty()) return {values.front().data(), values.front().size()};
  }
  return "";
}

}  // namespace

absl::StatusOr<Caller> Authenticator::RemoteCaller(const Metadata& metadata,
                                                   const grpc::AuthContext& connection) const {
  Caller caller;
  caller.origin = Origin::kRemote;
  const std::string authorization = ValueOf(metadata, "authorization");
  absl::string_view secret = authorization;
  if (absl::ConsumePrefix(&secret, "Bearer ")) {
    ASSIGN_OR_RETURN(const emud::v1::Token token,
                     records_.Authenticate(std::string(secret), absl::Now()));
    caller.principal = absl::StrCat("token:", token.name());
    caller.roles[token.project()] = token.role();
    if (token.project() != kAllProjects) caller.home_project = token.project();
    return caller;
  }
  if (!authorization.empty()) return errors::Unauthenticated("authorization is no Bearer token");
  const std::string name = CertificateName(connection);
  if (name.empty()) return errors::Unauthenticated("the daemon does not know who calls");
  caller.principal = absl::StrCat("cert:", name);
  caller.roles = records_.RolesOf(caller.principal);
  return caller;
}

absl::StatusOr<Caller> Authenticator::CallerOf(const grpc::ServerContextBase& context) const {
  Caller caller;
  if (const std::string peer = context.peer(); absl::StartsWith(peer, "fd:")) {
    const LocalPeer local = peers_.Find(peer);
    caller.principal = absl::StrCat("unix:", local.uid);
    caller.roles = records_.RolesOf(caller.principal);
    if (local.is_admin) caller.roles[kAllProjects] = emud::v1::ADMIN;
  } else {
    ASSIGN_OR_RETURN(caller, RemoteCaller(context.client_metadata(), *context.auth_context()));
  }
  caller.only_project = ValueOf(context.client_metadata(), kProjectKey);
  if (!caller.only_project.empty()) caller.home_project = caller.only_project;
  return caller;
}

grpc::Status CallGate::Process(const InputMetadata& metadata, grpc::AuthContext* connection,
                               OutputMetadata* /*consumed*/, OutputMetadata* /*response*/) {
  return errors::ToGrpc(authenticator_.RemoteCaller(metadata, *connection).status());
}

}  // namespace emu::daemon
