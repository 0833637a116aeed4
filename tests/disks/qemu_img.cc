#include "tests/disks/qemu_img.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

namespace emu::disks {

Folder::Folder() {
  std::string made = (std::filesystem::temp_directory_path() / "emu-disks-XXXXXX").string();
  EXPECT_NE(mkdtemp(made.data()), nullptr);
  path_ = made;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

int QemuImg(const std::string& arguments, const std::vector<int>& expected) {
  const std::string command = "qemu-img " + arguments + " 2>&1";
  FILE* const pipe = popen(command.c_str(), "r");
  std::string said;
  for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe)) said.push_back(static_cast<char>(c));
  const int status = pclose(pipe);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  EXPECT_TRUE(std::ranges::find(expected, code) != expected.end())
      << command << "\nexit code " << code << "\n"
      << said;
  return code;
}

void ExpectSound(const std::string& path) { QemuImg("check -f qcow2 " + path); }

void ExpectNotCorrupt(const std::string& path) { QemuImg("check -f qcow2 " + path, {0, 3}); }

void ExpectHolds(const Folder& folder, const std::string& path, const Bytes& contents) {
  const std::string raw = folder.Path("expected.raw");
  WriteFile(raw, contents);
  QemuImg("compare -f raw -F qcow2 " + raw + " " + path);
}

void WriteFile(const std::string& path, const Bytes& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  // SAFETY: characters are bytes.
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  EXPECT_TRUE(file.good());
}

Bytes RandomBytes(uint64_t seed, size_t size) {
  std::mt19937_64 random(seed);
  Bytes bytes(size);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random() >> 32);
  return bytes;
}

UniqueFd OpenFd(const std::string& path, HostFile::Mode mode) {
  const bool is_readonly = mode == HostFile::Mode::kReadOnly;
  return UniqueFd(open(path.c_str(), (is_readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC));
}

std::unique_ptr<qcow2::Image> OpenQcow2(const std::string& path, HostFile::Mode mode,
                                        std::unique_ptr<DiskImage> backing) {
  auto image = qcow2::Image::Open(OpenFd(path, mode), mode, std::move(backing));
  EXPECT_TRUE(image.ok()) << path << ": " << image.status();
  return image.ok() ? *std::move(image) : nullptr;
}

bool ReadAt(DiskImage& image, uint64_t offset, std::span<uint8_t> into) {
  iovec span = {into.data(), into.size()};
  return image.Read(std::span(&span, 1), offset);
}

bool WriteAt(DiskImage& image, uint64_t offset, std::span<const uint8_t> from) {
  // Three spans, as a guest has its pages here and there.
  auto* const bytes = const_cast<uint8_t*>(from.data());
  const size_t third = from.size() / 3;
  iovec spans[] = {
      {bytes, third}, {bytes + third, third}, {bytes + 2 * third, from.size() - 2 * third}};
  return image.Write(spans, offset);
}

Bytes ReadAll(DiskImage& image) {
  Bytes bytes(image.size_bytes());
  EXPECT_TRUE(ReadAt(image, 0, bytes));
  return bytes;
}

}  // namespace emu::disks
