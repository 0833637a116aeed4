// One free function for each RPC of AccessService. Whether the caller may is checked before.
#pragma once

#include "absl/status/statusor.h"
#include "daemon/handlers/vm_handlers.h"
#include "emud/v1/access.pb.h"

namespace emu::daemon {

absl::StatusOr<emud::v1::WhoAmIResponse> WhoAmI(CallContext& call,
                                                const emud::v1::WhoAmIRequest& request);

absl::StatusOr<emud::v1::Project> CreateProject(CallContext& call,
                                                const emud::v1::CreateProjectRequest& request);
absl::StatusOr<emud::v1::Project> GetProject(CallContext& call,
                                             const emud::v1::GetProjectRequest& request);
absl::StatusOr<emud::v1::ListProjectsResponse> ListProjects(
    CallContext& call, const emud::v1::ListProjectsRequest& request);
absl::StatusOr<emud::v1::Project> UpdateProject(CallContext& call,
                                                const emud::v1::UpdateProjectRequest& request);
absl::Status DeleteProject(CallContext& call, const emud::v1::DeleteProjectRequest& request);

absl::StatusOr<emud::v1::RoleBinding> BindRole(CallContext& call,
                                               const emud::v1::BindRoleRequest& request);
absl::Status UnbindRole(CallContext& call, const emud::v1::UnbindRoleRequest& request);
absl::StatusOr<emud::v1::ListRoleBindingsResponse> ListRoleBindings(
    CallContext& call, const emud::v1::ListRoleBindingsRequest& request);

absl::StatusOr<emud::v1::CreateTokenResponse> CreateToken(
    CallContext& call, const emud::v1::CreateTokenRequest& request);
absl::StatusOr<emud::v1::ListTokensResponse> ListTokens(CallContext& call,
                                                        const emud::v1::ListTokensRequest& request);
absl::Status RevokeToken(CallContext& call, const emud::v1::RevokeTokenRequest& request);

}  // namespace emu::daemon
