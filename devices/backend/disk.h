// A disk as a device sees it: it is asked, and answers later.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace emu {

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
};

// All calls, and all answers, with the device lock held. Requests of one disk are carried out in
// the order in which they were submitted; a flush covers all before it.
class Disk {
 public:
  // False after an error of the host.
  using Done = std::function<void(bool ok)>;

  virtual ~Disk() = default;

  virtual uint64_t size_bytes() const = 0;
  virtual bool is_readonly() const = 0;

  // `done` may be called before this returns, and is not called after Cancel.
  virtual void Submit(DiskRequest request, Done done) = 0;

  // Forgets what is not answered yet. On return none of it touches guest memory any more; a write
  // among it may have happened or not.
  virtual void Cancel() = 0;
};

}  // namespace emu
