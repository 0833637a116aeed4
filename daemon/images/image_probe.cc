#include "daemon/images/image_probe.h"

#include <unistd.h>

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "daemon/images/sparse_file.h"
#include "vmm/base/status_macros.h"
#include "vmm/disk_files/overlay.h"
#include "vmm/disk_files/qcow2_header.h"

namespace emu::daemon {
namespace {

using namespace std::string_view_literals;
using emud::v1::Image;

// Files that begin like one of these are no disks, or none that is supported.
struct Foreign {
  uint64_t offset;
  std::string_view bytes;
  const char* name;
  const char* remedy;
};

constexpr char kConvert[] = "convert it, with qemu-img convert -O qcow2";
constexpr char kUnpack[] = "unpack it first";

constexpr Foreign kForeign[] = {
    {0, "KDMV"sv, "a VMDK image", kConvert},
    {0, "# Disk DescriptorFile"sv, "a VMDK descriptor", kConvert},
    {0, "vhdxfile"sv, "a VHDX image", kConvert},
    {0, "conectix"sv, "a VHD image", kConvert},
    {64, "\x7f\x10\xda\xbe"sv, "a VDI image", kConvert},
    {0, "QED\0"sv, "a QED image", kConvert},
    {0, "LUKS\xba\xbe"sv, "encrypted (LUKS)", "decrypt it first"},
    {0, "\x1f\x8b"sv, "compressed with gzip", kUnpack},
    {0,
     "\xfd"
     "7zXZ\0"sv,
     "compressed with xz", kUnpack},
    {0, "\x28\xb5\x2f\xfd"sv, "compressed with zstd", kUnpack},
    {0, "BZh"sv, "compressed with bzip2", kUnpack},
    {257, "ustar"sv, "a tar archive", kUnpack},
};

constexpr Foreign kQcow2 = {0, "QFI\xfb"sv, "", ""};
// ECMA-119 s. 8.1: the first volume descriptor is in the 17th sector of 2048 bytes.
constexpr Foreign kIso = {16 * 2048 + 1, "CD001"sv, "", ""};

constexpr uint64_t kSectorBytes = 512;

bool Begins(int file, const Foreign& kind) {
  std::string found(kind.bytes.size(), '\0');
  return pread(file, found.data(), found.size(), static_cast<off_t>(kind.offset)) ==
             static_cast<ssize_t>(found.size()) &&
         found == kind.bytes;
}

absl::StatusOr<Image::Format> Detect(int file) {
  if (Begins(file, kQcow2)) return Image::QCOW2;
  if (Begins(file, kIso)) return Image::ISO;
  for (const Foreign& kind : kForeign) {
    if (!Begins(file, kind)) continue;
    return absl::InvalidArgumentError(absl::StrCat("is ", kind.name, "; ", kind.remedy,
                                                   ", or state the format raw if it is a disk"));
  }
  return Image::RAW;
}

absl::StatusOr<uint64_t> Qcow2Size(int file) {
  ASSIGN_OR_RETURN(const qcow2::Header header, qcow2::ReadHeader(file));
  if (!header.backing_name.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("has a backing file; make one image of both, with qemu-img convert -O qcow2"));
  }
  if (header.is_corrupt()) {
    return absl::InvalidArgumentError(
        "is marked as corrupt; repair it, with qemu-img check -r all");
  }
  return header.size_bytes;
}

}  // namespace

absl::StatusOr<DiskFacts> ProbeDisk(int file, Image::Format stated) {
  DiskFacts facts = {stated, LengthOf(file)};
  if (stated == Image::FORMAT_UNSPECIFIED) {
    ASSIGN_OR_RETURN(facts.format, Detect(file));
  }
  if (facts.format == Image::QCOW2) {
    ASSIGN_OR_RETURN(facts.virtual_size_bytes, Qcow2Size(file));
  } else if (facts.format == Image::ISO && !Begins(file, kIso)) {
    return absl::InvalidArgumentError("is no ISO 9660 image; state its true format");
  }
  if (facts.virtual_size_bytes < kSectorBytes) {
    return absl::InvalidArgumentError("holds not even a sector; give another file");
  }
  if (facts.virtual_size_bytes > disk_files::kMostOverlayBytes - kSectorBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("is a disk of ", facts.virtual_size_bytes, " bytes; give a smaller one"));
  }
  return facts;
}

}  // namespace emu::daemon
