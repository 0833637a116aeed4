// qemu-img, and images in a folder that goes when the test does.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "devices/backend/disk_image.h"
#include "devices/backend/qcow2/image.h"
#include "vmm/base/unique_fd.h"

namespace emu::disks {

using Bytes = std::vector<uint8_t>;

class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string Path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Runs `qemu-img arguments`; its exit code. What it said is printed if it is not among `expected`.
int QemuImg(const std::string& arguments, const std::vector<int>& expected = {0});

// Finds nothing: no error, no leak.
void ExpectSound(const std::string& path);
// Finds leaks at worst.
void ExpectNotCorrupt(const std::string& path);
// qemu-img reads the same from it.
void ExpectHolds(const Folder& folder, const std::string& path, const Bytes& contents);

void WriteFile(const std::string& path, const Bytes& bytes);
Bytes RandomBytes(uint64_t seed, size_t size);

UniqueFd OpenFd(const std::string& path, HostFile::Mode mode);
std::unique_ptr<qcow2::Image> OpenQcow2(const std::string& path, HostFile::Mode mode,
                                        std::unique_ptr<DiskImage> backing = nullptr);

bool ReadAt(DiskImage& image, uint64_t offset, std::span<uint8_t> into);
bool WriteAt(DiskImage& image, uint64_t offset, std::span<const uint8_t> from);
Bytes ReadAll(DiskImage& image);

}  // namespace emu::disks
