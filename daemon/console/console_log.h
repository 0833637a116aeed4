// A console's log on disk: the last of what it has said, in segments that rotate.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/console_reader.h"

namespace emu::daemon {

struct ConsoleLogLimits {
  uint64_t segment_bytes = 1 << 20;
  size_t segments = 8;
};

// For every thread; a call lasts as long as a file operation.
class ConsoleLog {
 public:
  // Takes up what lies in `directory`, which is made with the first byte.
  static std::shared_ptr<ConsoleLog> Open(const std::string& directory,
                                          const ConsoleLogLimits& limits = {});

  // `bytes` begin at `offset`, which is end() or, where some were lost, beyond it. What can't be
  // written is lost as well: the next append leaves a gap.
  absl::Status Append(uint64_t offset, std::string_view bytes);
  // At most `limit` bytes of one segment, from `offset` or from the first byte after it that is
  // kept; empty if there is none.
  ConsoleReader::Bytes Read(uint64_t offset, size_t limit) const;

  uint64_t begin() const;    // offset of the first byte that is kept; end() if none is
  uint64_t end() const;      // offset of the next byte
  uint64_t bytes() const;    // on disk
  uint64_t dropped() const;  // bytes before end() that were never here

 private:
  struct Segment {
    uint64_t offset;
    uint64_t dropped;  // before its first byte
    uint64_t size;
    uint64_t end() const { return offset + size; }
  };

  ConsoleLog(std::string directory, const ConsoleLogLimits& limits)
      : directory_(std::move(directory)), limits_(limits) {}
  std::string PathOf(const Segment& segment) const;
  void TakeUp();
  uint64_t EndLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void BeginSegment(uint64_t offset) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropOldest() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string directory_;
  const ConsoleLogLimits limits_;
  mutable std::mutex mutex_;
  std::vector<Segment> segments_ ABSL_GUARDED_BY(mutex_);  // by offset
};

}  // namespace emu::daemon
