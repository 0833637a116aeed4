// A disk of which an input says when and how it answers.
#pragma once

#include <cstring>
#include <deque>
#include <string_view>
#include <utility>

#include "devices/backend/disk.h"
#include "tests/fuzz/fuzz_target.h"

namespace emu::fuzz {

// Touches the memory that it is lent when it answers, as a host would. Fails if it is asked for
// what it has not.
class SlowDisk final : public Disk {
 public:
  static constexpr uint64_t kBytes = 1 << 20;

  explicit SlowDisk(bool is_readonly) : is_readonly_(is_readonly) {}

  uint64_t size_bytes() const override { return kBytes; }
  bool is_readonly() const override { return is_readonly_; }
  void Submit(DiskRequest request, Done done) override {
    uint64_t size = 0;
    for (const iovec& span : request.spans) size += span.iov_len;
    Check(request.offset, size);
    for (const DiskRequest::Range& range : request.ranges) Check(range.offset, range.size_bytes);
    if (is_readonly_ && request.kind != DiskRequest::Kind::kRead &&
        request.kind != DiskRequest::Kind::kFlush && request.kind != DiskRequest::Kind::kSettle) {
      Fail("a disk that is only read is written to");
    }
    waiting_.push_back({std::move(request), std::move(done)});
  }
  void Cancel(uint32_t queue) override {
    std::erase_if(waiting_, [queue](const Waiting& one) { return one.request.queue == queue; });
  }

  // Up to 15 requests, oldest first, with one errno.
  void AnswerSome(uint8_t choice, std::string_view) {
    static constexpr int kErrors[] = {0, 0, EIO, ENOSPC, kLastingDiskError};
    const int error = kErrors[choice / 16 % std::size(kErrors)];
    for (int left = choice % 16; left > 0 && !waiting_.empty(); --left) {
      const Waiting one = std::move(waiting_.front());
      waiting_.pop_front();
      for (const iovec& span : one.request.spans) {
        if (one.request.kind == DiskRequest::Kind::kRead) {
          memset(span.iov_base, 0x5a, span.iov_len);
        }
      }
      one.done(error);
    }
    NoteAnswered();
  }

 private:
  struct Waiting {
    DiskRequest request;
    Done done;
  };

  static void Check(uint64_t offset, uint64_t size) {
    if (offset > kBytes || size > kBytes - offset) Fail("a request beyond the disk");
  }

  const bool is_readonly_;
  std::deque<Waiting> waiting_;
};

}  // namespace emu::fuzz
