// The tables projects, tokens and role_bindings: who may do what.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/database.h"
#include "emud/v1/access.pb.h"

namespace emu::daemon {

// As long as its transaction.
class AccessStore {
 public:
  explicit AccessStore(Transaction& transaction) : transaction_(transaction) {}

  absl::Status PutProject(const emud::v1::Project& project);
  // Its tokens and roles go with it.
  absl::Status RemoveProject(const std::string& name);
  absl::StatusOr<std::vector<emud::v1::Project>> LoadProjects();
  // PROJECT_NOT_FOUND.
  absl::StatusOr<emud::v1::Project> FindProject(const std::string& name);
  // Whether it has VMs, images or uploads.
  absl::StatusOr<bool> IsInUse(const std::string& project);

  absl::Status PutToken(const emud::v1::Token& token, const std::string& digest);
  absl::Status RemoveToken(const std::string& name);
  // By digest.
  absl::StatusOr<std::map<std::string, emud::v1::Token>> LoadTokens();

  absl::Status PutBinding(const emud::v1::RoleBinding& binding);
  absl::Status RemoveBinding(const std::string& principal, const std::string& project);
  absl::StatusOr<std::vector<emud::v1::RoleBinding>> LoadBindings();

 private:
  Transaction& transaction_;
};

}  // namespace emu::daemon
