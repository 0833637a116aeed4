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
  return !id.empty() && vms_.request_ids().IsKnown(OriginOf(caller.principal, request, id));
}

absl::Status Authorizer::AuthorizeForImage(const Caller& caller, Role role, const std::string& name,
                                           const google::protobuf::Message& request) const {
  const absl::StatusOr<ImagePtr> image = images_.Find(name);
  if (!image.ok()) return IsKnown(caller, request) ? absl::OkStatus() : image.status();
  if (!caller.Sees((*image)->project())) return errors::ImageNotFound(name);
  return RequireRole(caller, role, (*image)->project());
}

absl::Status Authorizer::AuthorizeForVolume(const Caller& caller, Role role,
                                            const std::string& name,
                                            const google::protobuf::Message& request) const {
  const absl::StatusOr<VolumePtr> volume = volumes_.Find(name);
  if (!volume.ok()) return IsKnown(caller, request) ? absl::OkStatus() : volume.status();
  if (!caller.Sees((*volume)->project())) return errors::VolumeNotFound(name);
  return RequireRole(caller, role, (*volume)->project());
}

absl::Status Authorizer::AuthorizeForSnapshot(const Caller& caller, Role role,
                                              const std::string& name,
                                              const google::protobuf::Message& request) const {
  const absl::StatusOr<SnapshotPtr> snapshot = snapshots_.Find(name);
  if (!snapshot.ok()) return IsKnown(caller, request) ? absl::OkStatus() : snapshot.status();
  if (!caller.Sees((*snapshot)->project())) return errors::SnapshotNotFound(name);
  return RequireRole(caller, role, (*snapshot)->project());
}

absl::Status Authorizer::AuthorizeForVm(const Caller& caller, Role role, const std::string& name,
                                        const google::protobuf::Message& request) const {
  const absl::StatusOr<VmPtr> vm = vms_.records().FindByName(name);
  if (!vm.ok()) return IsKnown(caller, request) ? absl::OkStatus() : vm.status();
  const std::string& project = (*vm)->project();
  if (!caller.Sees(project)) return errors::VmNotFound(name);
  return RequireRole(caller, role, project);
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
      return AuthorizeForVm(caller, row->role, name, request);
    case Scope::kProject:
      if (name.empty()) name = caller.home_project;
      if (name != kAllProjects && !caller.Sees(name)) return errors::ProjectNotFound(name);
      return RequireRole(caller, row->role, name);
    case Scope::kImage:
      return AuthorizeForImage(caller, row->role, name, request);
    case Scope::kVolume:
      return AuthorizeForVolume(caller, row->role, name, request);
    case Scope::kSnapshot:
      return AuthorizeForSnapshot(caller, row->role, name, request);
    case Scope::kUpload: {
      ASSIGN_OR_RETURN(const std::string project, images_.uploads().ProjectOf(name));
      // Who uploads nothing there sees none.
      return caller.RoleIn(project) < row->role ? errors::UploadNotFound(name) : absl::OkStatus();
    }
    case Scope::kToken: {
      const absl::StatusOr<emud::v1::Token> token = access_.FindToken(name);
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
