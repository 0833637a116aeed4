// Projects, tokens and roles: in memory for every call, in the store for the next daemon.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/store/access_store.h"
#include "daemon/store/database.h"
#include "emud/v1/access.pb.h"

namespace emu::daemon {

// For every thread. Changes wait for the disk, one after the other; readers never do.
class AccessRecords {
 public:
  explicit AccessRecords(Database& database) : database_(database) {}
  // Reads what an earlier daemon stored. First of all.
  absl::Status Load();

  // ALREADY_EXISTS; the time of creation is set here.
  absl::StatusOr<emud::v1::Project> CreateProject(emud::v1::Project project);
  // Those fields of `wanted` that `mask` names, or that are set. PROJECT_NOT_FOUND.
  absl::StatusOr<emud::v1::Project> UpdateProject(const emud::v1::UpdateProjectRequest& request);
  // PROJECT_NOT_FOUND, PROJECT_IN_USE.
  absl::Status DeleteProject(const std::string& name);
  absl::StatusOr<emud::v1::Project> FindProject(const std::string& name) const;
  std::vector<emud::v1::Project> Projects() const;  // by name

  // PROJECT_NOT_FOUND.
  absl::Status Bind(const emud::v1::RoleBinding& binding);
  // ROLE_NOT_FOUND.
  absl::Status Unbind(const std::string& principal, const std::string& project);
  std::vector<emud::v1::RoleBinding> Bindings() const;  // by project, then principal
  std::map<std::string, emud::v1::Role> RolesOf(const std::string& principal) const;

  // `token` by its name, project, role, creator and time of expiry. Answers with the secret, which
  // is kept nowhere. ALREADY_EXISTS, PROJECT_NOT_FOUND.
  absl::StatusOr<std::string> CreateToken(emud::v1::Token& token);
  // TOKEN_NOT_FOUND.
  absl::Status RevokeToken(const std::string& name);
  std::vector<emud::v1::Token> Tokens() const;  // by name
  absl::StatusOr<emud::v1::Token> FindToken(const std::string& name) const;
  // Whose secret it is. UNAUTHENTICATED if nobody's, or if its time is over.
  absl::StatusOr<emud::v1::Token> Authenticate(const std::string& secret, absl::Time now) const;

 private:
  // Also for kAllProjects, which is none.
  absl::Status CheckProject(const std::string& name) const;
  absl::Status PutProject(const emud::v1::Project& project);

  Database& database_;
  std::mutex change_mutex_;  // before mutex_
  mutable std::mutex mutex_;
  std::map<std::string, emud::v1::Project> projects_ ABSL_GUARDED_BY(mutex_);
  // By project and principal.
  std::map<std::pair<std::string, std::string>, emud::v1::Role> bindings_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, emud::v1::Token> tokens_ ABSL_GUARDED_BY(mutex_);  // by digest
};

}  // namespace emu::daemon
