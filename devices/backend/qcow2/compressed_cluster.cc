#include "devices/backend/qcow2/compressed_cluster.h"

#include <zlib.h>
#include <zstd.h>

#include <memory>

namespace emu::qcow2 {
namespace {

// Raw deflate, without header or checksum; any window that deflate has.
constexpr int kRawWindowBits = -15;
// What a frame may make us remember: four of the largest clusters.
constexpr int kZstdWindowLog = 23;

}  // namespace

std::optional<std::span<const std::byte>> CompressedReader::Read(HostRange place) {
  if (place.offset == offset_) return cluster_;
  if (!file_.Holds(place.offset, place.bytes)) {
    file_.Corrupt("a compressed cluster behind the end of the file", place.offset);
    return std::nullopt;
  }
  offset_ = UINT64_MAX;
  std::vector<std::byte> packed(place.bytes);
  if (!file_.Read(packed, place.offset)) return std::nullopt;
  cluster_.resize(file_.cluster_bytes());
  const bool is_good =
      file_.header().compression == Compression::kZlib ? Inflate(packed) : Decompress(packed);
  if (!is_good) {
    file_.Corrupt("a compressed cluster that can't be decompressed", place.offset);
    return std::nullopt;
  }
  offset_ = place.offset;
  return cluster_;
}

// The packed bytes may go on behind the end of the stream, up to a whole sector.
bool CompressedReader::Inflate(std::span<const std::byte> packed) {
  z_stream stream = {};
  if (inflateInit2(&stream, kRawWindowBits) != Z_OK) return false;
  // SAFETY: zlib's bytes are ours; it does not write to its input.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  // SAFETY: the same.
  stream.next_out = reinterpret_cast<Bytef*>(cluster_.data());
  stream.avail_out = static_cast<uInt>(cluster_.size());
  const int result = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  return (result == Z_STREAM_END || result == Z_BUF_ERROR) && stream.avail_out == 0;
}

bool CompressedReader::Decompress(std::span<const std::byte> packed) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                     &ZSTD_freeDCtx);
  if (context == nullptr) return false;
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kZstdWindowLog);
  ZSTD_inBuffer in = {packed.data(), packed.size(), 0};
  ZSTD_outBuffer out = {cluster_.data(), cluster_.size(), 0};
  while (out.pos < out.size) {
    const size_t in_before = in.pos;
    const size_t out_before = out.pos;
    if (ZSTD_isError(ZSTD_decompressStream(context.get(), &out, &in)) != 0) return false;
    if (in.pos == in_before && out.pos == out_before) return false;  // the frame is cut short
  }
  return true;
}

}  // namespace emu::qcow2
