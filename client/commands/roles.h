// Roles as people write them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "emud/v1/access.pb.h"

namespace emu::client {

inline const std::map<std::string, emud::v1::Role> kRoles = {{"viewer", emud::v1::VIEWER},
                                                             {"operator", emud::v1::OPERATOR},
                                                             {"editor", emud::v1::EDITOR},
                                                             {"admin", emud::v1::ADMIN}};

// From the least to the most.
inline std::vector<std::string> RoleWords() { return {"viewer", "operator", "editor", "admin"}; }

inline std::string RoleName(emud::v1::Role role) {
  for (const auto& [name, known] : kRoles) {
    if (known == role) return name;
  }
  return "-";
}

}  // namespace emu::client
