// What this program does to one file, call by call, and what a power cut can leave of it.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "tests/disks/qemu_img.h"

namespace emu::disks {

// The calls that change files (pwrite, pwritev, fallocate, fdatasync) are wrapped by the linker.
class RecordedFile {
 public:
  // Records what is done to the file behind `fd` from now on; one at a time.
  explicit RecordedFile(int fd);
  ~RecordedFile();
  RecordedFile(const RecordedFile&) = delete;
  RecordedFile& operator=(const RecordedFile&) = delete;

  struct Change {
    uint64_t offset = 0;
    Bytes bytes = {};
    bool is_sync = false;  // what came before is on the disk
  };
  size_t size() const { return changes_.size(); }
  void Add(Change change) { changes_.push_back(std::move(change)); }

  // What a power cut after `count` changes can leave: all that was synced, and of the rest any
  // sectors. Every choice of whole changes where those are few, else some at random.
  std::vector<Bytes> AfterPowerCut(size_t count, std::mt19937_64& random) const;

 private:
  Bytes before_;
  std::vector<Change> changes_;
};

}  // namespace emu::disks
