// Who calls, and which roles he has where.
#pragma once

#include <algorithm>
#include <map>
#include <string>

#include "emud/v1/access.pb.h"

namespace emu::daemon {

inline constexpr char kAllProjects[] = "*";
inline constexpr char kDefaultProject[] = "default";

enum class Origin : uint8_t { kHost, kRemote };

// As a call found it when it began.
struct Caller {
  std::string principal;  // "unix:1000", "cert:NAME", "token:NAME"
  Origin origin = Origin::kHost;
  std::map<std::string, emud::v1::Role> roles = {};  // by project, kAllProjects too
  std::string only_project = {};                     // what else there is he does not see
  std::string home_project = kDefaultProject;        // of what names none

  // ROLE_UNSPECIFIED: he does not see it.
  emud::v1::Role RoleIn(const std::string& project) const {
    const bool is_hidden =
        !only_project.empty() && project != only_project && project != kAllProjects;
    if (is_hidden) return emud::v1::ROLE_UNSPECIFIED;
    return std::max(Find(project), Find(kAllProjects));
  }
  bool Sees(const std::string& project) const { return RoleIn(project) >= emud::v1::VIEWER; }
  bool IsHostAdmin() const { return Find(kAllProjects) == emud::v1::ADMIN; }

 private:
  emud::v1::Role Find(const std::string& project) const {
    const auto it = roles.find(project);
    return it == roles.end() ? emud::v1::ROLE_UNSPECIFIED : it->second;
  }
};

}  // namespace emu::daemon
