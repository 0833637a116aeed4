#include "daemon/cgroups.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "vmm/base/log.h"

namespace emu::daemon {
namespace {

using Version = Cgroups::Hierarchy::Version;
using vm::v1::SandboxStep;

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr uint32_t kPeriodUs = 100'000;
// A process has closed its files before it leaves its groups.
constexpr milliseconds kPatience(2'000), kNextTry(5);

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool WriteTo(const std::string& path, const std::string& text) {
  const UniqueFd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return file && write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

int RemoveFolder(const std::string& folder) { return rmdir(folder.c_str()) == 0 ? 0 : errno; }

struct Controller {
  std::string_view name;
  SandboxStep step;
};
constexpr Controller kControllers[] = {{"cpu", SandboxStep::CPU_CGROUP},
                                       {"memory", SandboxStep::MEMORY_CGROUP},
                                       {"pids", SandboxStep::PIDS_CGROUP}};

bool Limit(std::string_view controller, Version version, const std::string& folder,
           const CgroupLimits& limits) {
  const bool is_second = version == Version::k2;
  if (controller == "pids") return WriteTo(folder + "/pids.max", absl::StrCat(limits.threads));
  if (controller == "memory") {
    const std::string bytes = absl::StrCat(limits.memory_bytes);
    const bool limited =
        WriteTo(folder + (is_second ? "/memory.max" : "/memory.limit_in_bytes"), bytes);
    // Not to grow into the swap instead. A host without one has no such file.
    WriteTo(folder + (is_second ? "/memory.swap.max" : "/memory.memsw.limit_in_bytes"), bytes);
    return limited;
  }
  const std::string quota = absl::StrCat(uint64_t{limits.cpu_millis} * kPeriodUs / 1000);
  if (is_second) return WriteTo(folder + "/cpu.max", absl::StrCat(quota, " ", kPeriodUs));
  return WriteTo(folder + "/cpu.cfs_period_us", absl::StrCat(kPeriodUs)) &&
         WriteTo(folder + "/cpu.cfs_quota_us", quota);
}

// A line of /proc/self/cgroup, without its number.
struct Membership {
  std::vector<std::string> controllers;  // none: version 2
  std::string path;
};

struct Mount {
  std::string root;
  std::string folder;
  std::vector<std::string> options;
  bool is_second;
};

// Fields as proc(5) has them: ID PARENT MAJOR:MINOR ROOT FOLDER ... - TYPE SOURCE OPTIONS
std::vector<Mount> ParseMounts(absl::string_view mountinfo) {
  std::vector<Mount> mounts;
  for (const absl::string_view line : absl::StrSplit(mountinfo, '\n')) {
    const std::vector<std::string> halves = absl::StrSplit(line, absl::MaxSplits(" - ", 1));
    if (halves.size() != 2) continue;
    const std::vector<std::string> where = absl::StrSplit(halves[0], ' ');
    const std::vector<std::string> what = absl::StrSplit(halves[1], ' ');
    if (where.size() < 5 || what.size() < 3 || !absl::StartsWith(what[0], "cgroup")) continue;
    mounts.push_back({where[3], where[4], absl::StrSplit(what[2], ','), what[0] == "cgroup2"});
  }
  return mounts;
}

// The folder of `path` where `mount` shows it.
std::string FolderOf(const Mount& mount, const std::string& path) {
  absl::string_view rest = path;
  if (mount.root != "/") absl::ConsumePrefix(&rest, mount.root);
  return mount.folder + (rest == "/" ? "" : std::string(rest));
}

}  // namespace

std::vector<Cgroups::Hierarchy> Cgroups::Parse(absl::string_view cgroup,
                                               absl::string_view mountinfo) {
  std::vector<Hierarchy> hierarchies;
  const std::vector<Mount> mounts = ParseMounts(mountinfo);
  for (const absl::string_view line : absl::StrSplit(cgroup, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> fields = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (fields.size() != 3) continue;
    const bool is_second = fields[1].empty();
    const std::vector<std::string> names = absl::StrSplit(fields[1], ',');
    const auto mount = std::ranges::find_if(mounts, [&](const Mount& candidate) {
      return candidate.is_second == is_second &&
             (is_second || std::ranges::count(candidate.options, names[0]) != 0);
    });
    if (mount == mounts.end()) continue;
    Hierarchy found = {is_second ? Version::k2 : Version::k1, "", {}};
    std::string path = fields[2];
    if (is_second && path != "/") path = std::filesystem::path(path).parent_path();
    found.folder = FolderOf(*mount, path);
    for (const Controller& known : kControllers) {
      const std::string name(known.name);
      if (is_second || std::ranges::count(names, name) != 0) found.controllers.push_back(name);
    }
    if (!found.controllers.empty()) hierarchies.push_back(std::move(found));
  }
  return hierarchies;
}

Cgroups Cgroups::Find() {
  return Cgroups(Parse(ReadAll("/proc/self/cgroup"), ReadAll("/proc/self/mountinfo")));
}

VmCgroups Cgroups::Make(const std::string& name, const CgroupLimits& limits) const {
  VmCgroups made;
  for (const Hierarchy& hierarchy : hierarchies_) {
    const bool is_second = hierarchy.version == Version::k2;
    const std::string folder = absl::StrCat(hierarchy.folder, "/", name);
    if (is_second) {
      for (const std::string& controller : hierarchy.controllers) {
        WriteTo(hierarchy.folder + "/cgroup.subtree_control", "+" + controller);
      }
    }
    if (mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) continue;
    made.folders.push_back(folder);
    VmCgroups::Entrance entrance;
    for (const Controller& known : kControllers) {
      if (std::ranges::count(hierarchy.controllers, known.name) == 0) continue;
      if (!Limit(known.name, hierarchy.version, folder, limits)) continue;
      entrance.limits.push_back(known.step);
      if (known.step != SandboxStep::MEMORY_CGROUP) continue;
      const char* const events = is_second ? "/memory.events" : "/memory.oom_control";
      made.memory_events = UniqueFd(open((folder + events).c_str(), O_RDONLY | O_CLOEXEC));
    }
    // To move one thread, and not a process, waits for nobody else (no RCU grace period).
    const std::string join = folder + (is_second ? "/cgroup.procs" : "/tasks");
    entrance.join = UniqueFd(open(join.c_str(), O_WRONLY | O_CLOEXEC));
    if (entrance.join && !entrance.limits.empty()) made.entrances.push_back(std::move(entrance));
  }
  return made;
}

bool Cgroups::Remove(const std::vector<std::string>& folders) {
  bool gone = true;
  const auto deadline = steady_clock::now() + kPatience;
  for (const std::string& folder : folders) {
    int error = 0;
    while ((error = RemoveFolder(folder)) == EBUSY && steady_clock::now() < deadline) {
      std::this_thread::sleep_for(kNextTry);
    }
    if (error == 0 || error == ENOENT) continue;
    LogWarning("cgroup-left", {{"folder", folder}, {"errno", error}});
    gone = false;
  }
  return gone;
}

}  // namespace emu::daemon
