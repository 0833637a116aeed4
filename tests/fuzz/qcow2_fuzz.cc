// QCOW2 images: each is opened and used, or refused; none harms more than itself.
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <iterator>

#include "devices/backend/qcow2/image.h"
#include "tests/fuzz/fuzz_target.h"
#include "vmm/base/log.h"

namespace emu::fuzz {
namespace {

constexpr uint64_t kMostBytes = 1 << 16;

std::string MakeImage(const std::string& folder, const std::string& how) {
  const std::string path = folder + "/image";
  const std::string command =
      "cd " + folder + " && " + how + " && rm -rf source && qemu-img check -q image";
  if (system(command.c_str()) != 0) Fail("qemu-img makes no image: " + command);
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// What becomes of the requests is the image's business.
void Use(DiskImage& image, bool is_writer) {
  std::vector<std::byte> bytes(std::min(image.size_bytes(), kMostBytes), std::byte{0x5a});
  const uint64_t end = image.size_bytes() - bytes.size();
  for (const uint64_t offset : {uint64_t{0}, end / 2, end}) {
    iovec span = {bytes.data(), bytes.size()};
    (void)image.Read(std::span(&span, 1), offset);
    if (!is_writer) continue;
    const uint64_t size = bytes.size() / 2;
    span = {bytes.data(), size};
    (void)image.Write(std::span(&span, 1), offset + size / 2);
    (void)image.Discard(offset, size / 3);
    (void)image.WriteZeroes(offset + size, size / 2, DiskImage::ZeroMode::kKeepAllocated);
    (void)image.Flush();
  }
}

}  // namespace

std::vector<std::string> Seeds() {
  InitializeLogging(LogLevel::kError);
  std::string folder = "/tmp/emu-qcow2-fuzz-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) Fail("no folder for images");
  const std::string convert = "head -c 20000 /usr/bin/env > source && qemu-img convert -f raw -O ";
  std::vector<std::string> seeds = {
      MakeImage(folder, "qemu-img create -q -f qcow2 -o cluster_size=512 image 300k"),
      MakeImage(folder, convert + "qcow2 -o cluster_size=512 source image"),
      MakeImage(folder, convert + "qcow2 -c -o cluster_size=1k source image"),
      MakeImage(folder, convert + "qcow2 -c -o cluster_size=1k,compression_type=zstd source image"),
      MakeImage(folder, convert + "qcow2 -o cluster_size=512,refcount_bits=1 source image"),
      MakeImage(folder, convert + "qcow2 -o cluster_size=512,compat=0.10 source image && "
                                  "qemu-img snapshot -c a image"),
      MakeImage(folder, convert + "qcow2 -o cluster_size=16k,extended_l2=on source image")};
  // One whose writer died: its counts are made anew.
  std::string dirty = seeds[1];
  dirty[qcow2::kIncompatibleAt + 7] = 1;
  dirty[qcow2::kCompatibleAt + 7] = 1;
  seeds.push_back(dirty);
  (void)system(("rm -rf " + folder).c_str());
  return seeds;
}

void TryInput(std::string_view input) {
  const UniqueFd file(memfd_create("image", MFD_CLOEXEC));
  if (write(file.get(), input.data(), input.size()) != static_cast<ssize_t>(input.size())) {
    Fail("the input can't be written");
  }
  for (const auto mode : {HostFile::Mode::kReadOnly, HostFile::Mode::kReadWrite}) {
    auto image = qcow2::Image::Open(UniqueFd(dup(file.get())), mode, nullptr);
    if (!image.ok()) {
      if (image.status().message().empty()) Fail("refused without a word");
      continue;
    }
    (void)(*image)->Snapshots();
    Use(**image, mode == HostFile::Mode::kReadWrite);
  }
}

}  // namespace emu::fuzz
