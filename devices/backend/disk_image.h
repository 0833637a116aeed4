// An image of a disk: calls that wait for the host.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <span>

#include "devices/backend/disk.h"

namespace emu {

// Every function answers false after an error of the host or of the image, which has been logged.
// Not thread-safe.
class DiskImage {
 public:
  enum class ZeroMode : uint8_t { kMayUnmap, kKeepAllocated };

  virtual ~DiskImage() = default;

  virtual uint64_t size_bytes() const = 0;
  virtual bool is_readonly() const = 0;

  // Whatever `request` asks for; its spans are used up.
  [[nodiscard]] bool Perform(DiskRequest& request);

  // Whole transfers; spans are used up. The caller keeps offset and length within size_bytes().
  [[nodiscard]] virtual bool Read(std::span<iovec> spans, uint64_t offset) = 0;
  [[nodiscard]] virtual bool Write(std::span<iovec> spans, uint64_t offset) = 0;

  // Everything written before is on the host's disk. Once this has failed it fails for ever.
  [[nodiscard]] virtual bool Flush() = 0;
  // The same, and the image's files are as they will be when it has been closed.
  [[nodiscard]] virtual bool Settle() { return Flush(); }

  // The range's contents do not matter any more; they read as zeroes where that can be done.
  [[nodiscard]] virtual bool Discard(uint64_t offset, uint64_t size) = 0;
  [[nodiscard]] virtual bool WriteZeroes(uint64_t offset, uint64_t size, ZeroMode mode) = 0;
};

}  // namespace emu
