#include "daemon/access/authorizer.h"

#include <string>

#include "daemon/access/method_table.h"
#include "daemon/errors.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Role;

absl::Status RequireRole(const Caller& caller, Role role, const std::string& project) {
  if (caller.RoleIn(project) >= role) return absl::OkStatus();
  return errors::PermissionDenied(emud::v1::Role_Name(role), project);
}

}  // namespace

bool Authorizer::IsKnown(const Caller& caller, const google::protobuf::Message& request) const {
  const std::string id = TextAt(request, "request_id");
  return !id.empty() && records_.vms.request_ids().IsKnown(OriginOf(caller.principal, request, id));
}

template <typename Found>
absl::Status Authorizer::AuthorizeFor(const Caller& caller, Role role,
                                      const absl::StatusOr<Found>& found,
                                      const absl::Status& hidden,
                                      const google::protobuf::Message& request) const {
  if (!found.ok()) return IsKnown(caller, request) ? absl::OkStatus() : found.status();
  const std::string& project = (*found)->project();
  return caller.Sees(project) ? RequireRole(caller, role, project) : hidden;
}

absl::Status Authorizer::Authorize(const Caller& caller,
                                   const google::protobuf::Message& request) const {
  const MethodAccess* const row = FindMethodAccess(*request.GetDescriptor());
  if (row == nullptr) return errors::PermissionDenied("of nobody", kAllProjects);
  std::string name = TextAt(request, row->field);
  switch (row->scope) {
    case Scope::kCaller:
    case Scope::kFiltered:
    case Scope::kTargets:
      return absl::OkStatus();
    case Scope::kVm:
      return AuthorizeFor(caller, row->role, records_.vms.records().FindByName(name),
                          errors::VmNotFound(name), request);
    case Scope::kProject:
      if (name.empty()) name = caller.home_project;
      if (name != kAllProjects && !caller.Sees(name)) return errors::ProjectNotFound(name);
      return RequireRole(caller, row->role, name);
    case Scope::kImage:
      return AuthorizeFor(caller, row->role, records_.images.Find(name),
                          errors::ImageNotFound(name), request);
    case Scope::kVolume:
      return AuthorizeFor(caller, row->role, records_.volumes.Find(name),
                          errors::VolumeNotFound(name), request);
    case Scope::kSnapshot:
      return AuthorizeFor(caller, row->role, records_.snapshots.Find(name),
                          errors::SnapshotNotFound(name), request);
    case Scope::kPool:
      return AuthorizeFor(caller, row->role, records_.pools.Find(name), errors::PoolNotFound(name),
                          request);
    case Scope::kUpload: {
      ASSIGN_OR_RETURN(const std::string project, records_.images.uploads().ProjectOf(name));
      // Who uploads nothing there sees none.
      return caller.RoleIn(project) < row->role ? errors::UploadNotFound(name) : absl::OkStatus();
    }
    case Scope::kToken: {
      const absl::StatusOr<emud::v1::Token> token = records_.access.FindToken(name);
      if (!token.ok()) return token.status();
      // Who gives no tokens there sees none.
      if (caller.RoleIn(token->project()) < row->role) return errors::TokenNotFound(name);
      return absl::OkStatus();
    }
    case Scope::kHost:
      return RequireRole(caller, row->role, kAllProjects);
  }
  return errors::PermissionDenied("of nobody", kAllProjects);
}

}  // namespace emu::daemon
