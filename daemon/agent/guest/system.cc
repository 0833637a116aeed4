#include "daemon/agent/guest/system.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/random.h>
#include <mntent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <memory>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/agent/guest/file.h"
#include "daemon/agent/wire.h"

namespace emu::agent {
namespace {

constexpr useconds_t kHookWaitUs = 10'000;
constexpr int kMostHookWaits = 500;

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
  const TextFile file = OpenText(path.c_str());
  char word[256] = "";
  if (file != nullptr && fscanf(file.get(), "%255s", word) != 1) word[0] = 0;
  return word;
}

std::string DescribeSystem() {
  std::string text;
  const TextFile release = OpenText("/etc/os-release");
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

int ReseedRandomNumbers(std::span<const std::byte> seed) {
  const File file(open("/dev/urandom", O_WRONLY | O_CLOEXEC));
  if (!file) return errno;
  // RNDADDENTROPY's argument: bits, bytes, and these.
  std::vector<int> added(2 + (seed.size() + sizeof(int) - 1) / sizeof(int));
  added[0] = static_cast<int>(8 * seed.size());
  added[1] = static_cast<int>(seed.size());
  memcpy(&added[2], seed.data(), seed.size());
  if (ioctl(file.get(), RNDADDENTROPY, added.data()) != 0) return errno;
  return ioctl(file.get(), RNDRESEEDCRNG) == 0 ? 0 : errno;
}

void RunCloneHook(const std::string& generation, const std::string& vm_name) {
  if (access(kCloneHook, X_OK) != 0) return;
  const pid_t pid = fork();
  if (pid == 0) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    setenv("EMU_GENERATION_ID", generation.c_str(), 1);
    setenv("EMU_VM_NAME", vm_name.c_str(), 1);
    setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 0);
    execl(kCloneHook, kCloneHook, nullptr);
    _exit(127);
  }
  if (pid < 0) return;
  for (int i = 0; i < kMostHookWaits && waitpid(pid, nullptr, WNOHANG) == 0; ++i) {
    usleep(kHookWaitUs);
  }
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
