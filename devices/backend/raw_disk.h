// A raw disk image in a file or block device of the host.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "absl/status/statusor.h"
#include "devices/backend/disk_image.h"
#include "devices/backend/host_file.h"
#include "vmm/base/unique_fd.h"

namespace emu {

// Any thread may call anything at any time: what the file can do, this can.
class RawDisk final : public DiskImage {
 public:
  using Mode = HostFile::Mode;

  // HostFile::Open's errors.
  static absl::StatusOr<std::unique_ptr<DiskImage>> Open(UniqueFd file, Mode mode,
                                                         CacheMode cache = CacheMode::kWriteback);

  uint64_t size_bytes() const override { return file_->size_bytes(); }
  bool is_readonly() const override { return file_->is_readonly(); }
  void ForEachFile(const std::function<void(HostFile&)>& visit) override { visit(*file_); }
  Planned Plan(const DiskRequest& request, Effort effort,
               std::vector<FileTransfer>& transfers) override;
  bool PlanRead(std::span<const iovec> spans, uint64_t offset, Effort effort,
                std::vector<FileTransfer>& transfers) override;
  bool Read(std::span<iovec> spans, uint64_t offset) override;
  bool Write(std::span<iovec> spans, uint64_t offset) override {
    return file_->Write(spans, offset);
  }
  bool Flush() override { return file_->Sync(); }
  bool Discard(uint64_t offset, uint64_t size) override { return file_->PunchHole(offset, size); }
  bool WriteZeroes(uint64_t offset, uint64_t size, ZeroMode mode) override;

 private:
  explicit RawDisk(std::unique_ptr<HostFile> file) : file_(std::move(file)) {}

  std::unique_ptr<HostFile> file_;
};

}  // namespace emu
