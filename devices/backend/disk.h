// A disk as a device sees it: it is asked, and answers later.
#pragma once

#include <errno.h>
#include <sys/uio.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace emu {

// Of a disk whose flushes will fail for ever: to try again is of no use.
inline constexpr int kLastingDiskError = ENOTRECOVERABLE;

// One request. Offsets and sizes are whole sectors inside the disk: the device has checked them.
struct DiskRequest {
  // kSettle: a flush, after which closing the disk writes nothing more.
  enum class Kind : uint8_t { kRead, kWrite, kFlush, kSettle, kDiscard, kWriteZeroes };
  struct Range {
    uint64_t offset;
    uint64_t size_bytes;
    bool may_unmap = false;  // of kWriteZeroes
  };

  Kind kind = Kind::kFlush;
  uint64_t offset = 0;             // of kRead and kWrite
  std::vector<iovec> spans = {};   // of kRead and kWrite: guest memory, used until the answer
  std::vector<Range> ranges = {};  // of kDiscard and kWriteZeroes
  bool is_durable = false;         // of what writes: answered when it has been flushed, too
  uint32_t queue = 0;              // the device's: Cancel names it
};

// All calls, and all answers, with the device lock held. Requests overtake each other; a flush
// covers what was answered before it was submitted.
class Disk {
 public:
  // With 0, or the errno of what went wrong at the host.
  using Done = std::function<void(int error)>;

  virtual ~Disk() = default;

  virtual uint64_t size_bytes() const = 0;
  virtual bool is_readonly() const = 0;

  // `done` may be called before this returns, and is not called after Cancel.
  virtual void Submit(DiskRequest request, Done done) = 0;

  // Forgets what came from `queue` and is not answered yet. On return none of it touches guest
  // memory any more; a write among it may have happened or not.
  virtual void Cancel(uint32_t queue) = 0;

  // Called after answers that came together and not from within Submit. Set once, before Submit.
  void SetAnsweredListener(std::function<void()> listener) { listener_ = std::move(listener); }

 protected:
  void NoteAnswered() {
    if (listener_) listener_();
  }

 private:
  std::function<void()> listener_;
};

}  // namespace emu
