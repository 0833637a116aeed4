#include "daemon/access/access_records.h"

#include <errno.h>
#include <google/protobuf/util/field_mask_util.h>
#include <sys/random.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/access/caller.h"
#include "daemon/digest.h"
#include "daemon/errors.h"
#include "daemon/wall_clock.h"
#include "google/protobuf/util/time_util.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Project;
using emud::v1::Role;
using emud::v1::RoleBinding;
using emud::v1::Token;
using google::protobuf::util::FieldMaskUtil;
using google::protobuf::util::TimeUtil;

constexpr char kTokenPrefix[] = "emt_";
constexpr size_t kTokenBytes = 32;

// All of `write`, on disk, or nothing.
template <typename Write>
absl::Status Commit(Database& database, const Write& write) {
  Transaction transaction(database, Durability::kPowerFailure);
  AccessStore store(transaction);
  RETURN_IF_ERROR(write(store));
  return transaction.Commit();
}

absl::StatusOr<google::protobuf::FieldMask> MaskOf(const emud::v1::UpdateProjectRequest& request) {
  google::protobuf::FieldMask mask = request.update_mask();
  if (mask.paths().empty()) {
    if (!request.project().description().empty()) mask.add_paths("description");
    if (request.project().has_quota()) mask.add_paths("quota");
  }
  for (const std::string& path : mask.paths()) {
    const bool may_change =
        path == "description" || path == "quota" || absl::StartsWith(path, "quota.");
    if (may_change && FieldMaskUtil::IsValidPath<Project>(path)) continue;
    return errors::InvalidField("update_mask", absl::StrCat(path, " can't be updated"),
                                "give description, quota or what is below it");
  }
  return mask;
}

}  // namespace

absl::Status AccessRecords::Load() {
  Transaction transaction(database_, Durability::kDaemon);
  AccessStore store(transaction);
  ASSIGN_OR_RETURN(const std::vector<Project> projects, store.LoadProjects());
  ASSIGN_OR_RETURN(const std::vector<RoleBinding> bindings, store.LoadBindings());
  std::lock_guard lock(mutex_);
  ASSIGN_OR_RETURN(tokens_, store.LoadTokens());
  for (const Project& project : projects) projects_[project.name()] = project;
  for (const RoleBinding& binding : bindings) {
    bindings_[{binding.project(), binding.principal()}] = binding.role();
  }
  return transaction.Commit();
}

absl::Status AccessRecords::PutProject(const Project& project) {
  RETURN_IF_ERROR(Commit(database_, [&](AccessStore& store) { return store.PutProject(project); }));
  std::lock_guard lock(mutex_);
  projects_[project.name()] = project;
  return absl::OkStatus();
}

absl::StatusOr<Project> AccessRecords::CreateProject(Project project) {
  std::lock_guard change(change_mutex_);
  if (FindProject(project.name()).ok()) return errors::AlreadyExists("project", project.name());
  project.clear_usage();
  *project.mutable_create_time() = WallClockNow();
  RETURN_IF_ERROR(PutProject(project));
  return project;
}

absl::StatusOr<Project> AccessRecords::UpdateProject(
    const emud::v1::UpdateProjectRequest& request) {
  std::lock_guard change(change_mutex_);
  ASSIGN_OR_RETURN(Project project, FindProject(request.project().name()));
  ASSIGN_OR_RETURN(const google::protobuf::FieldMask mask, MaskOf(request));
  FieldMaskUtil::MergeOptions options;
  options.set_replace_message_fields(true);
  FieldMaskUtil::MergeMessageTo(request.project(), mask, options, &project);
  RETURN_IF_ERROR(PutProject(project));
  return project;
}

absl::Status AccessRecords::DeleteProject(const std::string& name) {
  std::lock_guard change(change_mutex_);
  RETURN_IF_ERROR(FindProject(name).status());
  const auto remove = [&name](AccessStore& store) -> absl::Status {
    // In the transaction: no VM comes in between.
    ASSIGN_OR_RETURN(const bool is_in_use, store.IsInUse(name));
    if (is_in_use) return errors::ProjectInUse(name);
    return store.RemoveProject(name);
  };
  RETURN_IF_ERROR(Commit(database_, remove));
  std::lock_guard lock(mutex_);
  projects_.erase(name);
  std::erase_if(bindings_, [&](const auto& entry) { return entry.first.first == name; });
  std::erase_if(tokens_, [&](const auto& entry) { return entry.second.project() == name; });
  return absl::OkStatus();
}

absl::StatusOr<Project> AccessRecords::FindProject(const std::string& name) const {
  std::lock_guard lock(mutex_);
  const auto it = projects_.find(name);
  if (it == projects_.end()) return errors::ProjectNotFound(name);
  return it->second;
}

std::vector<Project> AccessRecords::Projects() const {
  std::lock_guard lock(mutex_);
  std::vector<Project> all;
  for (const auto& [name, project] : projects_) all.push_back(project);
  return all;
}

absl::Status AccessRecords::CheckProject(const std::string& name) const {
  return name == kAllProjects ? absl::OkStatus() : FindProject(name).status();
}

absl::Status AccessRecords::Bind(const RoleBinding& binding) {
  std::lock_guard change(change_mutex_);
  RETURN_IF_ERROR(CheckProject(binding.project()));
  RETURN_IF_ERROR(Commit(database_, [&](AccessStore& store) { return store.PutBinding(binding); }));
  std::lock_guard lock(mutex_);
  bindings_[{binding.project(), binding.principal()}] = binding.role();
  return absl::OkStatus();
}

absl::Status AccessRecords::Unbind(const std::string& principal, const std::string& project) {
  std::lock_guard change(change_mutex_);
  if (!RolesOf(principal).contains(project)) return errors::RoleNotFound(principal, project);
  RETURN_IF_ERROR(Commit(
      database_, [&](AccessStore& store) { return store.RemoveBinding(principal, project); }));
  std::lock_guard lock(mutex_);
  bindings_.erase({project, principal});
  return absl::OkStatus();
}

std::vector<RoleBinding> AccessRecords::Bindings() const {
  std::lock_guard lock(mutex_);
  std::vector<RoleBinding> all;
  for (const auto& [key, role] : bindings_) {
    RoleBinding& binding = all.emplace_back();
    binding.set_project(key.first);
    binding.set_principal(key.second);
    binding.set_role(role);
  }
  return all;
}

std::map<std::string, Role> AccessRecords::RolesOf(const std::string& principal) const {
  std::lock_guard lock(mutex_);
  std::map<std::string, Role> roles;
  for (const auto& [key, role] : bindings_) {
    if (key.second == principal) roles[key.first] = role;
  }
  return roles;
}

absl::StatusOr<std::string> AccessRecords::CreateToken(Token& token) {
  std::lock_guard change(change_mutex_);
  RETURN_IF_ERROR(CheckProject(token.project()));
  if (FindToken(token.name()).ok()) return errors::AlreadyExists("token", token.name());
  std::string drawn(kTokenBytes, '\0');
  if (getrandom(drawn.data(), drawn.size(), 0) != static_cast<ssize_t>(drawn.size())) {
    return errors::Host("random numbers", errno);
  }
  const std::string secret = absl::StrCat(kTokenPrefix, absl::BytesToHexString(drawn));
  const std::string digest = Sha256(secret);
  *token.mutable_create_time() = WallClockNow();
  RETURN_IF_ERROR(
      Commit(database_, [&](AccessStore& store) { return store.PutToken(token, digest); }));
  std::lock_guard lock(mutex_);
  tokens_[digest] = token;
  return secret;
}

absl::Status AccessRecords::RevokeToken(const std::string& name) {
  std::lock_guard change(change_mutex_);
  RETURN_IF_ERROR(FindToken(name).status());
  RETURN_IF_ERROR(Commit(database_, [&](AccessStore& store) { return store.RemoveToken(name); }));
  std::lock_guard lock(mutex_);
  std::erase_if(tokens_, [&](const auto& entry) { return entry.second.name() == name; });
  return absl::OkStatus();
}

std::vector<Token> AccessRecords::Tokens() const {
  std::vector<Token> all;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [digest, token] : tokens_) all.push_back(token);
  }
  std::sort(all.begin(), all.end(),
            [](const Token& left, const Token& right) { return left.name() < right.name(); });
  return all;
}

absl::StatusOr<Token> AccessRecords::FindToken(const std::string& name) const {
  std::lock_guard lock(mutex_);
  for (const auto& [digest, token] : tokens_) {
    if (token.name() == name) return token;
  }
  return errors::TokenNotFound(name);
}

absl::StatusOr<Token> AccessRecords::Authenticate(const std::string& secret, absl::Time now) const {
  // What a guesser could learn from the time it takes is of a digest, not of a secret.
  const std::string digest = Sha256(secret);
  std::lock_guard lock(mutex_);
  const auto it = tokens_.find(digest);
  if (it == tokens_.end()) return errors::Unauthenticated("the token is not, or no longer, known");
  if (TimeUtil::TimestampToSeconds(it->second.expire_time()) <= absl::ToUnixSeconds(now)) {
    return errors::Unauthenticated(absl::StrCat("the token ", it->second.name(), " has expired"));
  }
  return it->second;
}

}  // namespace emu::daemon
