#include "devices/backend/open_image.h"

#include <utility>

#include "devices/backend/qcow2/image.h"
#include "devices/backend/raw_disk.h"
#include "vmm/base/status_macros.h"
#include "vmm/disk_files/errors.h"

namespace emu {
namespace {

absl::StatusOr<std::unique_ptr<DiskImage>> OpenLayer(ImageLayer layer, HostFile::Mode mode,
                                                     CacheMode cache,
                                                     std::unique_ptr<DiskImage> backing) {
  switch (layer.format) {
    case ImageFormat::kRaw:
      if (backing != nullptr) return disk_files::RawHasNoBackingFile();
      return RawDisk::Open(std::move(layer.file), mode, cache);
    case ImageFormat::kQcow2:
      return qcow2::Image::Open(std::move(layer.file), mode, std::move(backing), cache);
  }
  return disk_files::RawHasNoBackingFile();
}

}  // namespace

absl::StatusOr<std::unique_ptr<DiskImage>> OpenImage(std::vector<ImageLayer> layers,
                                                     HostFile::Mode mode, CacheMode cache) {
  std::unique_ptr<DiskImage> image;
  for (; !layers.empty(); layers.pop_back()) {
    const bool is_top = layers.size() == 1;
    ASSIGN_OR_RETURN(
        image, OpenLayer(std::move(layers.back()), is_top ? mode : HostFile::Mode::kReadOnly, cache,
                         std::move(image)));
  }
  return image;
}

}  // namespace emu
