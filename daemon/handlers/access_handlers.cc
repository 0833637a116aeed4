#include "daemon/handlers/access_handlers.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "daemon/quota.h"
#include "daemon/vm_files.h"
#include "daemon/wall_clock.h"
#include "google/protobuf/util/time_util.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Project;
using emud::v1::Role;
using google::protobuf::util::TimeUtil;

constexpr int64_t kDaySeconds = 24 * 60 * 60;
constexpr int64_t kDefaultTtlSeconds = 90 * kDaySeconds;
constexpr int64_t kMaxTtlSeconds = 3650 * kDaySeconds;
constexpr size_t kMaxPrincipalBytes = 256;

absl::Status CheckRole(const std::string& field, Role role) {
  if (role >= emud::v1::VIEWER && role <= emud::v1::ADMIN) return absl::OkStatus();
  return errors::InvalidField(field, "it is none", "give VIEWER, OPERATOR, EDITOR or ADMIN");
}

absl::Status CheckPrincipal(const std::string& principal) {
  const bool is_known =
      absl::StartsWith(principal, "unix:") || absl::StartsWith(principal, "cert:");
  if (is_known && principal.size() <= kMaxPrincipalBytes) return absl::OkStatus();
  return errors::InvalidField("binding.principal", "it is none that roles are given to",
                              "give unix:UID or cert:NAME; a token has its role from its making");
}

Project WithUsage(CallContext& call, Project project) {
  project.mutable_usage();
  for (const VmPtr& vm : call.vms.records().List().vms) {
    if (vm->project() == project.name()) AddTo(*project.mutable_usage(), UsageOf(*vm));
  }
  emud::v1::Quota stored;
  stored.set_disk_mib(call.images.DiskMibOf(project.name()) +
                      call.volumes.DiskMibOf(project.name()) +
                      call.snapshots.DiskMibOf(project.name()));
  AddTo(*project.mutable_usage(), stored);
  return project;
}

}  // namespace

absl::StatusOr<emud::v1::WhoAmIResponse> WhoAmI(CallContext& call, const emud::v1::WhoAmIRequest&) {
  emud::v1::WhoAmIResponse response;
  response.set_principal(call.caller.principal);
  for (const auto& [project, role] : call.caller.roles) {
    emud::v1::RoleBinding& binding = *response.add_roles();
    binding.set_principal(call.caller.principal);
    binding.set_project(project);
    binding.set_role(role);
  }
  return response;
}

absl::StatusOr<Project> CreateProject(CallContext& call,
                                      const emud::v1::CreateProjectRequest& request) {
  RETURN_IF_ERROR(CheckName(request.project().name(), "project.name"));
  ASSIGN_OR_RETURN(Project project, call.access.CreateProject(request.project()));
  return WithUsage(call, std::move(project));
}

absl::StatusOr<Project> GetProject(CallContext& call, const emud::v1::GetProjectRequest& request) {
  ASSIGN_OR_RETURN(Project project, call.access.FindProject(request.name()));
  return WithUsage(call, std::move(project));
}

absl::StatusOr<emud::v1::ListProjectsResponse> ListProjects(CallContext& call,
                                                            const emud::v1::ListProjectsRequest&) {
  emud::v1::ListProjectsResponse response;
  for (Project& project : call.access.Projects()) {
    if (!call.caller.Sees(project.name())) continue;
    *response.add_projects() = WithUsage(call, std::move(project));
  }
  return response;
}

absl::StatusOr<Project> UpdateProject(CallContext& call,
                                      const emud::v1::UpdateProjectRequest& request) {
  ASSIGN_OR_RETURN(Project project, call.access.UpdateProject(request));
  return WithUsage(call, std::move(project));
}

absl::Status DeleteProject(CallContext& call, const emud::v1::DeleteProjectRequest& request) {
  if (request.name() == kDefaultProject) {
    return errors::InvalidField("name", "the project default stays", "name another");
  }
  return call.access.DeleteProject(request.name());
}

absl::StatusOr<emud::v1::RoleBinding> BindRole(CallContext& call,
                                               const emud::v1::BindRoleRequest& request) {
  emud::v1::RoleBinding binding = request.binding();
  if (binding.project().empty()) binding.set_project(call.caller.home_project);
  RETURN_IF_ERROR(CheckRole("binding.role", binding.role()));
  RETURN_IF_ERROR(CheckPrincipal(binding.principal()));
  RETURN_IF_ERROR(call.access.Bind(binding));
  return binding;
}

absl::Status UnbindRole(CallContext& call, const emud::v1::UnbindRoleRequest& request) {
  return call.access.Unbind(request.principal(), request.project().empty()
                                                     ? call.caller.home_project
                                                     : request.project());
}

absl::StatusOr<emud::v1::ListRoleBindingsResponse> ListRoleBindings(
    CallContext& call, const emud::v1::ListRoleBindingsRequest&) {
  emud::v1::ListRoleBindingsResponse response;
  for (emud::v1::RoleBinding& binding : call.access.Bindings()) {
    if (call.caller.RoleIn(binding.project()) < emud::v1::ADMIN) continue;
    *response.add_bindings() = std::move(binding);
  }
  return response;
}

absl::StatusOr<emud::v1::CreateTokenResponse> CreateToken(
    CallContext& call, const emud::v1::CreateTokenRequest& request) {
  RETURN_IF_ERROR(CheckName(request.name(), "name"));
  RETURN_IF_ERROR(CheckRole("role", request.role()));
  const int64_t ttl_seconds = request.has_ttl() ? request.ttl().seconds() : kDefaultTtlSeconds;
  if (ttl_seconds < 1 || ttl_seconds > kMaxTtlSeconds) {
    return errors::InvalidField("ttl", absl::StrCat(ttl_seconds, " s is not possible"),
                                "give 1 s to 3650 days");
  }
  emud::v1::CreateTokenResponse response;
  emud::v1::Token& token = *response.mutable_token();
  token.set_name(request.name());
  token.set_project(request.project().empty() ? call.caller.home_project : request.project());
  token.set_role(request.role());
  token.set_creator(call.caller.principal);
  *token.mutable_expire_time() = WallClockNow() + TimeUtil::SecondsToDuration(ttl_seconds);
  ASSIGN_OR_RETURN(*response.mutable_secret(), call.access.CreateToken(token));
  return response;
}

absl::StatusOr<emud::v1::ListTokensResponse> ListTokens(CallContext& call,
                                                        const emud::v1::ListTokensRequest&) {
  emud::v1::ListTokensResponse response;
  for (emud::v1::Token& token : call.access.Tokens()) {
    if (call.caller.RoleIn(token.project()) < emud::v1::ADMIN) continue;
    *response.add_tokens() = std::move(token);
  }
  return response;
}

absl::Status RevokeToken(CallContext& call, const emud::v1::RevokeTokenRequest& request) {
  return call.access.RevokeToken(request.name());
}

}  // namespace emu::daemon
