#include "daemon/console_reader.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "daemon/errors.h"
#include "vmm/base/unique_fd.h"

namespace emu::daemon {
namespace {

// Where the bytes that are certainly whole begin, given how far writers have announced to write.
uint64_t OldestOffset(uint64_t writing) {
  return writing > kConsoleRingBytes ? writing - kConsoleRingBytes : 0;
}

}  // namespace

absl::Status ConsoleReader::CreateFile(const std::string& path) {
  const UniqueFd file(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  const uint64_t magic = kConsoleRingMagic;
  // Allocated now: a full disk must not become a SIGBUS in a running VM.
  if (!file || posix_fallocate(file.get(), 0, sizeof(ConsoleRingLayout)) != 0 ||
      pwrite(file.get(), &magic, sizeof(magic), 0) != sizeof(magic)) {
    return errors::Host("the console ring can't be made", errno);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<ConsoleReader>> ConsoleReader::Open(const std::string& path) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info = {};
  if (!file || fstat(file.get(), &info) != 0 ||
      info.st_size < static_cast<off_t>(sizeof(ConsoleRingLayout))) {
    return errors::Host("the console ring is missing", errno);
  }
  void* map = mmap(nullptr, sizeof(ConsoleRingLayout), PROT_READ, MAP_SHARED, file.get(), 0);
  if (map == MAP_FAILED) return errors::Host("the console ring can't be mapped", errno);
  return std::shared_ptr<ConsoleReader>(
      new ConsoleReader(static_cast<const ConsoleRingLayout*>(map)));
}

ConsoleReader::~ConsoleReader() {
  munmap(const_cast<ConsoleRingLayout*>(ring_), sizeof(ConsoleRingLayout));
}

ConsoleReader::Bytes ConsoleReader::Read(uint64_t offset, size_t limit) const {
  const uint64_t end = head();
  uint64_t begin = std::max(offset, OldestOffset(ring_->writing.load(std::memory_order_relaxed)));
  if (begin >= end) return {std::min(begin, end), ""};
  Bytes bytes = {begin, std::string(std::min<uint64_t>(end - begin, limit), '\0')};
  for (size_t i = 0; i < bytes.data.size(); ++i) {
    bytes.data[i] = static_cast<char>(ring_->data[(begin + i) % kConsoleRingBytes]);
  }
  // What was overwritten meanwhile is dropped.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  const uint64_t oldest = OldestOffset(ring_->writing.load(std::memory_order_relaxed));
  if (oldest > begin) {
    bytes.data.erase(0, std::min<uint64_t>(oldest - begin, bytes.data.size()));
    bytes.offset = oldest;
  }
  return bytes;
}

std::string ConsoleReader::Tail(size_t limit) const {
  const uint64_t end = head();
  return Read(end > limit ? end - limit : 0, limit).data;
}

}  // namespace emu::daemon
