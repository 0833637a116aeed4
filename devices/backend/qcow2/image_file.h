// The file of one QCOW2 image with its header: what all parts of the image read and write through.
#pragma once

#include <sys/uio.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "devices/backend/host_file.h"
#include "vmm/disk_files/qcow2_header.h"

namespace emu::qcow2 {

// A part of the file.
struct HostRange {
  uint64_t offset = 0;
  uint64_t bytes = 0;
};

// Functions that answer false have logged why. What the image's tables say is not believed: who
// follows an offset asks Holds first.
class ImageFile {
 public:
  ImageFile(std::unique_ptr<HostFile> file, Header header)
      : file_(std::move(file)), header_(std::move(header)), end_bytes_(file_->size_bytes()) {}

  HostFile& host() { return *file_; }

  const Header& header() const { return header_; }
  uint64_t cluster_bytes() const { return header_.cluster_bytes(); }
  bool is_readonly() const { return file_->is_readonly(); }
  // Not once the image has been found to be corrupt.
  bool is_writable() const { return !is_readonly() && !is_corrupt_; }

  // What lies behind the file's end reads as zeroes. Spans are used up.
  [[nodiscard]] bool Read(std::span<iovec> spans, uint64_t offset) {
    return file_->Read(spans, offset, HostFile::PastEnd::kReadsZeroes);
  }
  [[nodiscard]] bool Read(std::span<std::byte> bytes, uint64_t offset);
  [[nodiscard]] bool Write(std::span<iovec> spans, uint64_t offset);
  [[nodiscard]] bool Write(std::span<const std::byte> bytes, uint64_t offset);
  [[nodiscard]] bool Sync() { return file_->Sync(); }
  [[nodiscard]] bool PunchHole(uint64_t offset, uint64_t size) {
    return file_->PunchHole(offset, size);
  }

  // A write to [offset, offset + bytes) is about to be made past this.
  void NoteWrite(uint64_t offset, uint64_t bytes) {
    end_bytes_ = std::max(end_bytes_, offset + bytes);
  }

  // Where the file ends by now; the cluster it ends in may be cut short.
  uint64_t end_bytes() const { return end_bytes_; }
  // From here on nothing has ever been written: clusters there are zeroes.
  uint64_t untouched_from() const;
  // True if [offset, offset + bytes) is in clusters of the file.
  bool Holds(uint64_t offset, uint64_t bytes) const;

  // Writes the feature bits of `mask` into the header, set or cleared.
  enum class Feature : uint8_t { kSet, kClear };
  [[nodiscard]] bool WriteIncompatible(uint64_t mask, Feature feature);
  [[nodiscard]] bool ClearAutoclear();
  // Points the header to another refcount table.
  [[nodiscard]] bool WriteRefcountTablePlace(uint64_t offset, uint32_t clusters);

  // Notes that `what` at `offset` can't be true: from now on nothing is written, and the image says
  // so itself. Always false, for the caller to return.
  bool Corrupt(std::string_view what, uint64_t offset);

 private:
  std::unique_ptr<HostFile> file_;
  Header header_;
  uint64_t end_bytes_;
  bool is_corrupt_ = false;
};

}  // namespace emu::qcow2
