#include "vmm/machine/boot/gzip_loader.h"

#include <zlib.h>

#include <algorithm>
#include <vector>

#include "vmm/base/status_macros.h"
#include "vmm/machine/boot/errors.h"

namespace emu::boot {
namespace {

constexpr size_t kChunkBytes = 256 * 1024;
constexpr int kGzipOnly = 16 + MAX_WBITS;  // inflateInit2: a gzip header is expected

struct InflateStream : z_stream {
  InflateStream() : z_stream{} { ready = inflateInit2(this, kGzipOnly) == Z_OK; }
  ~InflateStream() { inflateEnd(this); }
  bool ready;
};

}  // namespace

bool IsGzip(std::span<const std::byte> head) {
  return head.size() >= 2 && head[0] == std::byte{0x1f} && head[1] == std::byte{0x8b};
}

absl::StatusOr<uint64_t> LoadGzip(const BootFile& file, GuestMemory& memory, GuestPhysAddr base,
                                  GuestPhysAddr limit) {
  InflateStream stream;
  if (!stream.ready) return Malformed(file.field(), "it cannot be unpacked");
  std::vector<std::byte> packed(kChunkBytes);
  std::vector<std::byte> plain(kChunkBytes);
  uint64_t taken = 0;
  uint64_t unpacked = 0;
  for (int result = Z_OK; result != Z_STREAM_END;) {
    if (stream.avail_in == 0) {
      const uint64_t length = std::min<uint64_t>(kChunkBytes, file.size_bytes() - taken);
      if (length == 0) return Truncated(file.field(), taken + 1, file.size_bytes());
      RETURN_IF_ERROR(file.ReadAt(taken, std::span(packed).first(length)));
      taken += length;
      // SAFETY: bytes as zlib calls them.
      stream.next_in = reinterpret_cast<Bytef*>(packed.data());
      stream.avail_in = static_cast<uInt>(length);
    }
    // SAFETY: as above.
    stream.next_out = reinterpret_cast<Bytef*>(plain.data());
    stream.avail_out = kChunkBytes;
    result = inflate(&stream, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END) {
      return Malformed(file.field(), stream.msg != nullptr ? stream.msg : "bad gzip data");
    }
    const uint64_t count = kChunkBytes - stream.avail_out;
    if (count > limit - base - unpacked) {
      return TooLargeForMemory(file.field(), unpacked + count, limit - base);
    }
    if (!memory.Write(base + unpacked, std::span(plain).first(count))) {
      return OutsideMemory(file.field(), base.value, unpacked + count);
    }
    unpacked += count;
  }
  return unpacked;
}

}  // namespace emu::boot
