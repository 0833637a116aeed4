// Clusters that another program has compressed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "devices/backend/qcow2/image_file.h"

namespace emu::qcow2 {

// Remembers the one it read last: a guest reads a cluster piece by piece. Nothing is compressed
// here, so that what was read at a place stays true as long as an entry refers to it.
class CompressedReader {
 public:
  explicit CompressedReader(ImageFile& file) : file_(file) {}

  // The whole cluster, good until the next call. std::nullopt, and the image marked corrupt, if
  // `place` holds no such thing.
  std::optional<std::span<const std::byte>> Read(HostRange place);

 private:
  bool Inflate(std::span<const std::byte> packed);
  bool Decompress(std::span<const std::byte> packed);

  ImageFile& file_;
  uint64_t offset_ = UINT64_MAX;  // of what cluster_ holds
  std::vector<std::byte> cluster_;
};

}  // namespace emu::qcow2
