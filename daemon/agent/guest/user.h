// Who a program runs as. Reads /etc/passwd and /etc/group itself: a static program has no name
// service.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace emu::agent {

struct User {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
  std::string name = "root";
  std::string home = "/";
  std::string shell = "/bin/sh";
};

// `name` is a name or a number; empty: root. Nothing if there is no such name. A number and root
// need no entry.
std::optional<User> FindUser(const std::string& name);

}  // namespace emu::agent
