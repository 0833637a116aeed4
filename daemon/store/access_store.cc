#include "daemon/store/access_store.h"

#include <utility>

#include "daemon/errors.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {

absl::Status AccessStore::PutProject(const emud::v1::Project& project) {
  return transaction_.Prepare("INSERT OR REPLACE INTO projects VALUES(?1, ?2)")
      .Bind(project.name())
      .BindBlob(project.SerializeAsString())
      .Run();
}

absl::Status AccessStore::RemoveProject(const std::string& name) {
  for (const char* sql :
       {"DELETE FROM projects WHERE name=?1", "DELETE FROM tokens WHERE project=?1",
        "DELETE FROM role_bindings WHERE project=?1"}) {
    RETURN_IF_ERROR(transaction_.Prepare(sql).Bind(name).Run());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<emud::v1::Project>> AccessStore::LoadProjects() {
  std::vector<emud::v1::Project> projects;
  Statement select = transaction_.Prepare("SELECT name, record FROM projects ORDER BY name");
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return projects;
    emud::v1::Project project;
    if (project.ParseFromString(select.Bytes(1))) {
      projects.push_back(std::move(project));
    } else {
      LogError("project-record-unreadable", {{"project", select.Bytes(0)}});
    }
  }
}

absl::StatusOr<emud::v1::Project> AccessStore::FindProject(const std::string& name) {
  Statement select = transaction_.Prepare("SELECT record FROM projects WHERE name=?1");
  ASSIGN_OR_RETURN(const bool has_row, select.Bind(name).Step());
  emud::v1::Project project;
  if (!has_row || !project.ParseFromString(select.Bytes(0))) return errors::ProjectNotFound(name);
  return project;
}

absl::StatusOr<bool> AccessStore::IsInUse(const std::string& project) {
  return transaction_
      .Prepare(
          "SELECT 1 FROM vms WHERE project=?1 UNION SELECT 1 FROM images WHERE project=?1 "
          "UNION SELECT 1 FROM uploads WHERE project=?1 "
          "UNION SELECT 1 FROM volumes WHERE project=?1 "
          "UNION SELECT 1 FROM snapshots WHERE project=?1 "
          "UNION SELECT 1 FROM pools WHERE project=?1 LIMIT 1")
      .Bind(project)
      .Step();
}

absl::Status AccessStore::PutToken(const emud::v1::Token& token, const std::string& digest) {
  return transaction_.Prepare("INSERT INTO tokens VALUES(?1, ?2, ?3, ?4)")
      .Bind(token.name())
      .Bind(token.project())
      .BindBlob(digest)
      .BindBlob(token.SerializeAsString())
      .Run();
}

absl::Status AccessStore::RemoveToken(const std::string& name) {
  return transaction_.Prepare("DELETE FROM tokens WHERE name=?1").Bind(name).Run();
}

absl::StatusOr<std::map<std::string, emud::v1::Token>> AccessStore::LoadTokens() {
  std::map<std::string, emud::v1::Token> tokens;
  Statement select = transaction_.Prepare("SELECT name, digest, record FROM tokens");
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return tokens;
    emud::v1::Token token;
    if (token.ParseFromString(select.Bytes(2))) {
      tokens[select.Bytes(1)] = std::move(token);
    } else {
      LogError("token-record-unreadable", {{"token", select.Bytes(0)}});
    }
  }
}

absl::Status AccessStore::PutBinding(const emud::v1::RoleBinding& binding) {
  return transaction_.Prepare("INSERT OR REPLACE INTO role_bindings VALUES(?1, ?2, ?3)")
      .Bind(binding.principal())
      .Bind(binding.project())
      .Bind(binding.role())
      .Run();
}

absl::Status AccessStore::RemoveBinding(const std::string& principal, const std::string& project) {
  return transaction_.Prepare("DELETE FROM role_bindings WHERE principal=?1 AND project=?2")
      .Bind(principal)
      .Bind(project)
      .Run();
}

absl::StatusOr<std::vector<emud::v1::RoleBinding>> AccessStore::LoadBindings() {
  std::vector<emud::v1::RoleBinding> bindings;
  Statement select = transaction_.Prepare(
      "SELECT principal, project, role FROM role_bindings ORDER BY project, principal");
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return bindings;
    emud::v1::RoleBinding& binding = bindings.emplace_back();
    binding.set_principal(select.Bytes(0));
    binding.set_project(select.Bytes(1));
    binding.set_role(static_cast<emud::v1::Role>(select.Number(2)));
  }
}

}  // namespace emu::daemon
