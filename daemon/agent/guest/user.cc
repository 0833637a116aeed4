#include "daemon/agent/guest/user.h"

#include <grp.h>
#include <pwd.h>

#include <charconv>

#include "daemon/agent/guest/file.h"

namespace emu::agent {
namespace {

void AddGroups(User& user) {
  user.groups = {user.gid};
  const TextFile lines = OpenText("/etc/group");
  while (const group* entry = lines == nullptr ? nullptr : fgetgrent(lines.get())) {
    for (char** member = entry->gr_mem; *member != nullptr; ++member) {
      if (user.name == *member && entry->gr_gid != user.gid) user.groups.push_back(entry->gr_gid);
    }
  }
}

}  // namespace

std::optional<User> FindUser(const std::string& name) {
  User user;
  const bool is_number = std::from_chars(name.data(), name.data() + name.size(), user.uid).ptr ==
                             name.data() + name.size() &&
                         !name.empty();
  const std::string wanted = name.empty() ? "root" : name;
  const TextFile lines = OpenText("/etc/passwd");
  while (const passwd* entry = lines == nullptr ? nullptr : fgetpwent(lines.get())) {
    if (is_number ? entry->pw_uid != user.uid : wanted != entry->pw_name) continue;
    user = {.uid = entry->pw_uid,
            .gid = entry->pw_gid,
            .groups = {},
            .name = entry->pw_name,
            .home = entry->pw_dir,
            .shell = entry->pw_shell};
    AddGroups(user);
    return user;
  }
  if (is_number) {
    user.gid = user.uid;
    user.name = user.uid == 0 ? "root" : name;
    user.groups = {user.gid};
    return user;
  }
  return wanted == "root" ? std::optional(user) : std::nullopt;
}

}  // namespace emu::agent
