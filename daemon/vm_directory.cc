#include "daemon/vm_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <system_error>

#include "daemon/console_reader.h"
#include "daemon/errors.h"

namespace emu::daemon {
namespace {

// A socket's path may have 107 bytes only; one through a descriptor is always short.
sockaddr_un ControlAddress(int directory_fd) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/ctl", directory_fd);
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
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

absl::StatusOr<UniqueFd> VmDirectory::ListenForControl() const {
  const UniqueFd directory = OpenDirectory(path_);
  UniqueFd listener(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const sockaddr_un address = ControlAddress(directory.get());
  unlink(address.sun_path);
  if (!directory || !listener ||
      bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(listener.get(), 8) != 0) {
    return errors::Host("the control socket can't be made", errno);
  }
  return listener;
}

absl::StatusOr<UniqueFd> VmDirectory::ConnectToControl() const {
  const UniqueFd directory = OpenDirectory(path_);
  UniqueFd peer(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const sockaddr_un address = ControlAddress(directory.get());
  if (connect(peer.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return errors::Host("the VM's control socket", errno);
  }
  return peer;
}

void VmDirectory::RemoveControl() const { unlink((path_ + "/ctl").c_str()); }

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
  if (!record || pread(record.get(), &layout, sizeof(layout), 0) != sizeof(layout)) return {};
  return layout;
}

}  // namespace emu::daemon
