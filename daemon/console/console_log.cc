#include "daemon/console/console_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "daemon/errors.h"
#include "vmm/base/unique_fd.h"

namespace emu::daemon {

std::shared_ptr<ConsoleLog> ConsoleLog::Open(const std::string& directory,
                                             const ConsoleLogLimits& limits) {
  std::shared_ptr<ConsoleLog> log(new ConsoleLog(directory, limits));
  log->TakeUp();
  return log;
}

std::string ConsoleLog::PathOf(const Segment& segment) const {
  char name[64];
  std::snprintf(name, sizeof(name), "/%020" PRIu64 "-%" PRIu64, segment.offset, segment.dropped);
  return directory_ + name;
}

void ConsoleLog::TakeUp() {
  std::lock_guard lock(mutex_);
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, error)) {
    Segment segment = {};
    const std::string name = entry.path().filename().string();
    const int fields =
        std::sscanf(name.c_str(), "%" SCNu64 "-%" SCNu64, &segment.offset, &segment.dropped);
    std::error_code ignored;
    segment.size = entry.file_size(ignored);
    if (fields == 2 && !ignored) segments_.push_back(segment);
  }
  std::sort(segments_.begin(), segments_.end(),
            [](const Segment& a, const Segment& b) { return a.offset < b.offset; });
}

uint64_t ConsoleLog::EndLocked() const { return segments_.empty() ? 0 : segments_.back().end(); }

void ConsoleLog::BeginSegment(uint64_t offset) {
  const uint64_t dropped = segments_.empty() ? 0 : segments_.back().dropped;
  segments_.push_back({offset, dropped + (offset - EndLocked()), 0});
}

void ConsoleLog::DropOldest() {
  while (segments_.size() > limits_.segments) {
    unlink(PathOf(segments_.front()).c_str());
    segments_.erase(segments_.begin());
  }
}

absl::Status ConsoleLog::Append(uint64_t offset, std::string_view bytes) {
  std::lock_guard lock(mutex_);
  while (!bytes.empty()) {
    if (segments_.empty()) mkdir(directory_.c_str(), 0700);
    if (segments_.empty() || offset > EndLocked() ||
        segments_.back().size >= limits_.segment_bytes) {
      BeginSegment(offset);
    }
    Segment& segment = segments_.back();
    const size_t count = std::min<uint64_t>(bytes.size(), limits_.segment_bytes - segment.size);
    const UniqueFd file(
        open(PathOf(segment).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    const ssize_t put = file.is_valid() ? write(file.get(), bytes.data(), count) : -1;
    if (put <= 0) {
      if (segment.size == 0) segments_.pop_back();
      return errors::Host("the console's log can't be written", errno);
    }
    segment.size += static_cast<uint64_t>(put);
    offset += static_cast<uint64_t>(put);
    bytes.remove_prefix(static_cast<size_t>(put));
    DropOldest();  // only now: a disk that is full costs no old byte
  }
  return absl::OkStatus();
}

ConsoleReader::Bytes ConsoleLog::Read(uint64_t offset, size_t limit) const {
  std::lock_guard lock(mutex_);
  const auto segment =
      std::find_if(segments_.begin(), segments_.end(),
                   [offset](const Segment& candidate) { return candidate.end() > offset; });
  if (segment == segments_.end()) return {EndLocked(), ""};
  const uint64_t begin = std::max(offset, segment->offset);
  ConsoleReader::Bytes bytes = {
      begin, std::string(std::min<uint64_t>(limit, segment->end() - begin), '\0')};
  const UniqueFd file(open(PathOf(*segment).c_str(), O_RDONLY | O_CLOEXEC));
  const ssize_t got = file.is_valid() ? pread(file.get(), bytes.data.data(), bytes.data.size(),
                                              static_cast<off_t>(begin - segment->offset))
                                      : 0;
  bytes.data.resize(static_cast<size_t>(std::max<ssize_t>(got, 0)));
  return bytes;
}

uint64_t ConsoleLog::begin() const {
  std::lock_guard lock(mutex_);
  return segments_.empty() ? 0 : segments_.front().offset;
}

uint64_t ConsoleLog::end() const {
  std::lock_guard lock(mutex_);
  return EndLocked();
}

uint64_t ConsoleLog::bytes() const {
  std::lock_guard lock(mutex_);
  uint64_t sum = 0;
  for (const Segment& segment : segments_) sum += segment.size;
  return sum;
}

uint64_t ConsoleLog::dropped() const {
  std::lock_guard lock(mutex_);
  return segments_.empty() ? 0 : segments_.back().dropped;
}

}  // namespace emu::daemon
