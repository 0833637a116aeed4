#include "daemon/vm_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "daemon/cgroups.h"
#include "daemon/console_reader.h"
#include "daemon/errors.h"
#include "daemon/state_sources.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

// A socket's path may have 107 bytes only; one through a descriptor is always short.
sockaddr_un AddressIn(int directory_fd, const char* name) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", directory_fd,
                name);
  return address;
}

UniqueFd OpenDirectory(const std::string& path) {
  return UniqueFd(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

}  // namespace

absl::Status VmDirectory::Create() const {
  if (mkdir(path_.c_str(), 0700) != 0) return errors::Host("the VM's directory", errno);
  return ConsoleReader::CreateFile(console_path());
}

void VmDirectory::Remove() const {
  RemoveCgroups();
  // Again where a console's log has begun a segment meanwhile: with its directory gone it can't.
  std::error_code error;
  for (int i = 0; i < 3; ++i) {
    std::filesystem::remove_all(path_, error);
    if (!error) return;
  }
}

absl::StatusOr<UniqueFd> VmDirectory::ListenForControl() const { return ListenAtSocket("ctl"); }

absl::StatusOr<UniqueFd> VmDirectory::ListenAtSocket(const std::string& name) const {
  const UniqueFd directory = OpenDirectory(path_);
  UniqueFd listener(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!directory || !listener) return errors::Host("the control socket can't be made", errno);
  const sockaddr_un address = AddressIn(directory.get(), name.c_str());
  unlink(address.sun_path);
  if (bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(listener.get(), 8) != 0) {
    return errors::Host("the control socket can't be made", errno);
  }
  return listener;
}

absl::StatusOr<UniqueFd> VmDirectory::ListenForGdb() const {
  if (gdb_path().size() >= sizeof(sockaddr_un::sun_path)) {
    return errors::Host("the path of the socket for gdb is too long: " + gdb_path(), ENAMETOOLONG);
  }
  const UniqueFd directory = OpenDirectory(path_);
  UniqueFd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!directory || !listener) return errors::Host("the socket for gdb can't be made", errno);
  const sockaddr_un address = AddressIn(directory.get(), "gdb");
  unlink(address.sun_path);
  // Nobody else enters the directory, so the moment before chmod harms nothing.
  if (bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      chmod(gdb_path().c_str(), 0600) != 0 || listen(listener.get(), 8) != 0) {
    return errors::Host("the socket for gdb can't be made", errno);
  }
  return listener;
}

absl::StatusOr<UniqueFd> VmDirectory::ConnectToControl() const { return ConnectToSocket("ctl"); }

absl::StatusOr<UniqueFd> VmDirectory::ConnectToSocket(const std::string& name) const {
  const UniqueFd directory = OpenDirectory(path_);
  UniqueFd peer(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!directory || !peer) return errors::Host("the VM's control socket", errno);
  const sockaddr_un address = AddressIn(directory.get(), name.c_str());
  if (connect(peer.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return errors::Host("the VM's control socket", errno);
  }
  return peer;
}

void VmDirectory::RemoveSockets() const {
  unlink((path_ + "/ctl").c_str());
  unlink(gdb_path().c_str());
}

absl::Status VmDirectory::NoteCgroups(const std::vector<std::string>& folders) const {
  if (folders.empty()) return absl::OkStatus();
  std::ofstream file(path_ + "/cgroups");
  for (const std::string& folder : folders) file << folder << '\n';
  file.close();
  return file ? absl::OkStatus() : errors::Host("the note of the VM's control groups", errno);
}

void VmDirectory::RemoveCgroups() const {
  std::ifstream file(path_ + "/cgroups");
  std::vector<std::string> folders;
  for (std::string folder; std::getline(file, folder);) folders.push_back(folder);
  if (Cgroups::Remove(folders)) unlink((path_ + "/cgroups").c_str());
}

absl::StatusOr<UniqueFd> VmDirectory::OpenVariables() const {
  UniqueFd variables(open(variables_path().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!variables) return errors::Host("the file for the firmware's variables", errno);
  return variables;
}

absl::StatusOr<UniqueFd> VmDirectory::OpenSeed() const {
  UniqueFd seed(open(seed_path().c_str(), O_RDONLY | O_CLOEXEC));
  if (!seed) return errors::Host("the VM's seed of cloud-init", errno);
  return seed;
}

absl::StatusOr<UniqueFd> VmDirectory::NewState() const {
  RETURN_IF_ERROR(RemoveState());
  UniqueFd state(open(state_path().c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!state) return errors::Host("the file for the VM's state", errno);
  return state;
}

absl::StatusOr<UniqueFd> VmDirectory::OpenState() const {
  const std::string path = HasStateOfSnapshot() ? snapshot_state_path() : state_path();
  UniqueFd state(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!state) return errors::Host("the VM's saved state", errno);
  return state;
}

absl::StatusOr<std::vector<UniqueFd>> VmDirectory::OpenStateSources() const {
  // One that was suspended has all of its memory itself.
  if (!HasStateOfSnapshot()) return std::vector<UniqueFd>();
  return daemon::OpenStateSources(snapshot_state_path());
}

UniqueFd VmDirectory::OpenSnapshotCode() const {
  return UniqueFd(open(snapshot_code_path().c_str(), O_RDONLY | O_CLOEXEC));
}

bool VmDirectory::HasState() const {
  return access(state_path().c_str(), F_OK) == 0 || HasStateOfSnapshot();
}

bool VmDirectory::HasStateOfSnapshot() const {
  return access(snapshot_state_path().c_str(), F_OK) == 0;
}

absl::Status VmDirectory::RemoveState() const {
  bool was_there = false;
  for (const std::string& path : {state_path(), snapshot_state_path(), snapshot_code_path()}) {
    if (unlink(path.c_str()) == 0) {
      was_there = true;
    } else if (errno != ENOENT) {
      return errors::Host("the VM's saved state", errno);
    }
  }
  RETURN_IF_ERROR(RemoveStateSources(snapshot_state_path()));
  if (!was_there) return absl::OkStatus();
  const UniqueFd directory(open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fsync(directory.get()) != 0) return errors::Host("the VM's directory", errno);
  return absl::OkStatus();
}

absl::StatusOr<UniqueFd> VmDirectory::LockNewRecord() const {
  UniqueFd record(open(record_path().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!record) return errors::Host("the process record can't be made", errno);
  if (flock(record.get(), LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError("a process of this VM is still alive");
  }
  if (ftruncate(record.get(), 0) != 0 ||
      ftruncate(record.get(), sizeof(ProcessRecordLayout)) != 0) {
    return errors::Host("the process record can't be emptied", errno);
  }
  return record;
}

bool VmDirectory::IsRecordHeld() const {
  const UniqueFd record(open(record_path().c_str(), O_RDONLY | O_CLOEXEC));
  return record.is_valid() && flock(record.get(), LOCK_EX | LOCK_NB) != 0;
}

ProcessRecordLayout VmDirectory::ReadRecord() const {
  ProcessRecordLayout layout = {};
  const UniqueFd record(open(record_path().c_str(), O_RDONLY | O_CLOEXEC));
  if (!record || pread(record.get(), &layout, sizeof(layout), 0) < ssize_t{kShortRecordBytes}) {
    return {};
  }
  return layout;
}

}  // namespace emu::daemon
