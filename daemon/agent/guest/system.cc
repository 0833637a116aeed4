#include "daemon/agent/guest/system.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <mntent.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <time.h>

#include <memory>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/agent/guest/file.h"
#include "daemon/agent/wire.h"

namespace emu::agent {
namespace {

using OpenFile = std::unique_ptr<FILE, decltype(&fclose)>;

// Each file system once, in the order in which they were mounted.
std::vector<std::string> FileSystemsOnDisks() {
  std::vector<std::string> folders;
  std::set<std::string> known;
  const std::unique_ptr<FILE, decltype(&endmntent)> mounts(setmntent("/proc/self/mounts", "re"),
                                                           &endmntent);
  while (const mntent* mount = mounts == nullptr ? nullptr : getmntent(mounts.get())) {
    if (std::string_view(mount->mnt_fsname).starts_with("/dev/") &&
        known.insert(mount->mnt_fsname).second) {
      folders.emplace_back(mount->mnt_dir);
    }
  }
  return folders;
}

int Ask(const std::string& folder, unsigned long request) {
  const File file(open(folder.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return errno;
  return ioctl(file.get(), request, 0) == 0 ? 0 : errno;
}

}  // namespace

std::string FirstWordOf(const std::string& path) {
  const OpenFile file(fopen(path.c_str(), "re"), &fclose);
  char word[256] = "";
  if (file != nullptr && fscanf(file.get(), "%255s", word) != 1) word[0] = 0;
  return word;
}

std::string DescribeSystem() {
  std::string text;
  const OpenFile release(fopen("/etc/os-release", "re"), &fclose);
  char line[1024];
  while (release != nullptr && fgets(line, sizeof(line), release.get()) != nullptr) {
    if (line[0] != '#') text += line;
  }
  if (!text.empty() && text.back() != '\n') text += '\n';
  utsname kernel = {};
  uname(&kernel);
  const std::pair<const char*, std::string> own[] = {
      {"AGENT_VERSION", std::to_string(kVersion)},
      {"HOSTNAME", kernel.nodename},
      {"KERNEL", kernel.release},
      {"MACHINE", kernel.machine},
      {"BOOT_ID", FirstWordOf("/proc/sys/kernel/random/boot_id")},
      {"UPTIME_SECONDS", FirstWordOf("/proc/uptime")}};
  for (const auto& [name, value] : own) text += std::string(name) + "=" + value + "\n";
  return text;
}

int SetTime(uint64_t since_1970_ns) {
  const timespec time = {.tv_sec = static_cast<time_t>(since_1970_ns / 1'000'000'000),
                         .tv_nsec = static_cast<long>(since_1970_ns % 1'000'000'000)};
  return clock_settime(CLOCK_REALTIME, &time) == 0 ? 0 : errno;
}

int FreezeFileSystems(bool is_to_freeze) {
  std::vector<std::string> folders = FileSystemsOnDisks();
  int error = 0;
  std::vector<std::string> frozen;
  // What is mounted on another goes first, and comes back last.
  while (!folders.empty()) {
    const std::string folder = std::move(is_to_freeze ? folders.back() : folders.front());
    folders.erase(is_to_freeze ? folders.end() - 1 : folders.begin());
    const int refused = Ask(folder, is_to_freeze ? FIFREEZE : FITHAW);
    // It has no such thing as standing still; it stood still; it did not.
    if (refused == EOPNOTSUPP || refused == EBUSY || refused == EINVAL) continue;
    if (refused != 0) {
      error = refused;
      if (is_to_freeze) break;
    } else if (is_to_freeze) {
      frozen.push_back(folder);
    }
  }
  if (error != 0) {
    for (const std::string& folder : frozen) Ask(folder, FITHAW);
  }
  return error;
}

}  // namespace emu::agent
