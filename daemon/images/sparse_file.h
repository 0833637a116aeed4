// Files whose zeros take no space: writing, copying, measuring and hashing them.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace emu::daemon {

// Asked again and again by what takes long; true ends it with CANCELLED.
using IsCancelled = std::function<bool()>;

// Appends to a file. What is zero for a whole block is left out.
class SparseAppender {
 public:
  // Begins at `offset`; what the file has behind that is cut off.
  static absl::StatusOr<SparseAppender> At(int file, uint64_t offset);

  // STORAGE_FULL, or what else the host says.
  absl::Status Append(std::string_view bytes);
  // As many zeros.
  void Skip(uint64_t length) { offset_ += length; }
  // The file is then as long as what was appended, and the disk has it.
  absl::Status Sync();
  uint64_t offset() const { return offset_; }

 private:
  SparseAppender(int file, uint64_t offset) : file_(file), offset_(offset) {}

  int file_;
  uint64_t offset_;
};

// Bytes of a file, none of which is in a hole.
struct DataRun {
  uint64_t offset = 0;
  uint64_t length = 0;
  uint64_t end() const { return offset + length; }
};
// The first from `offset` on; an empty one at the file's end, which is at `length`, if there is
// none.
DataRun NextData(int file, uint64_t offset, uint64_t length);

// All of `bytes`, from `offset` on. HOST, also for a file that ends before.
absl::Status ReadWhole(int file, std::span<char> bytes, uint64_t offset);

// Makes the empty `to` what `from` is: a clone where the file system has those, else a copy.
absl::Status CopySparse(int from, int to, const IsCancelled& is_cancelled);

// "sha256:" and the digits, of all of the file's bytes. What are holes is not read.
absl::StatusOr<std::string> DigestOfFile(int file, const IsCancelled& is_cancelled);

uint64_t LengthOf(int file);
uint64_t DiskBytesOf(int file);  // that it takes

// Whether the file system of `folder` has so much left. STORAGE_FULL.
absl::Status CheckRoom(const std::string& folder, uint64_t bytes);

// What the host says of a file: STORAGE_FULL of a full disk, else HOST.
absl::Status FileError(const std::string& what, int error);

}  // namespace emu::daemon
