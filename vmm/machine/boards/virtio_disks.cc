#include "vmm/machine/boards/virtio_disks.h"

#include <fcntl.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "devices/backend/async_disk.h"
#include "devices/backend/inline_disk.h"
#include "devices/backend/open_image.h"
#include "devices/virtio/block.h"
#include "devices/virtio/scsi.h"
#include "vmm/base/status_macros.h"
#include "vmm/machine/boards/pci_root.h"

namespace emu {
namespace {

std::unique_ptr<Disk> ToDisk(std::unique_ptr<DiskImage> image, const BoardParts& parts) {
  if (parts.work == nullptr) return std::make_unique<InlineDisk>(std::move(image));
  auto disk = std::make_unique<AsyncDisk>(std::move(image), *parts.work,
                                          parts.address_space.device_mutex());
  if (parts.disks != nullptr) parts.disks->push_back(disk.get());
  return disk;
}

// The configuration keeps its descriptors; the disk has its own.
UniqueFd Duplicate(const UniqueFd& file) { return UniqueFd(fcntl(file.get(), F_DUPFD_CLOEXEC, 0)); }

std::vector<ImageLayer> LayersOf(const DiskConfig& config) {
  std::vector<ImageLayer> layers;
  layers.push_back({Duplicate(config.file), config.format});
  for (const ImageLayer& layer : config.backing) {
    layers.push_back({Duplicate(layer.file), layer.format});
  }
  return layers;
}

std::unique_ptr<virtio::VirtioDevice> ToDevice(const DiskConfig& config, std::unique_ptr<Disk> disk,
                                               const BoardParts& parts) {
  if (config.model == DiskModel::kScsiCd) {
    return std::make_unique<virtio::ScsiHost>(
        std::move(disk), virtio::ScsiHost::Options{.id = config.id,
                                                   .queue_count = parts.config.cpus,
                                                   .on_read_error = config.on_read_error,
                                                   .stop = parts.config.disk_error});
  }
  return std::make_unique<virtio::Block>(
      std::move(disk), virtio::Block::Options{.id = config.id,
                                              .queue_count = parts.config.cpus,
                                              .writes_through = WritesThrough(config.cache),
                                              .on_read_error = config.on_read_error,
                                              .on_write_error = config.on_write_error,
                                              .stop = parts.config.disk_error});
}

absl::Status CheckModel(const DiskConfig& config) {
  if (config.model == DiskModel::kBlock || config.readonly) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "disks: ", config.id, " is to be a CD, and those are not written to; make it read-only"));
}

absl::Status CheckRoom(std::string_view bus, size_t count, uint32_t room) {
  if (count <= room) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrFormat("disks: %d are too many for %s; give it at most %d", count, bus, room));
}

}  // namespace

absl::StatusOr<std::unique_ptr<DiskImage>> OpenDiskImage(const DiskConfig& config) {
  auto image = OpenImage(LayersOf(config),
                         config.readonly ? HostFile::Mode::kReadOnly : HostFile::Mode::kReadWrite,
                         config.cache);
  if (image.ok()) return image;
  return absl::Status(image.status().code(),
                      absl::StrCat("disks: ", config.id, " ", image.status().message()));
}

DiskConfig Overlaid(const DiskConfig& before, UniqueFd overlay) {
  return {.file = std::move(overlay),
          .readonly = before.readonly,
          .id = before.id,
          .bus = before.bus,
          .format = ImageFormat::kQcow2,
          .cache = before.cache,
          .on_read_error = before.on_read_error,
          .on_write_error = before.on_write_error,
          .backing = LayersOf(before),
          .model = before.model};
}

absl::StatusOr<VirtioDisks> OpenDisks(const BoardParts& parts, uint32_t mmio_room) {
  VirtioDisks disks;
  for (const DiskConfig& config : parts.config.disks) {
    RETURN_IF_ERROR(CheckModel(config));
    ASSIGN_OR_RETURN(std::unique_ptr<DiskImage> image, OpenDiskImage(config));
    VirtioDevices& bus = config.bus == VirtioBus::kPci ? disks.pci : disks.mmio;
    bus.push_back(ToDevice(config, ToDisk(std::move(image), parts), parts));
  }
  RETURN_IF_ERROR(CheckRoom("virtio-mmio", disks.mmio.size(), mmio_room));
  RETURN_IF_ERROR(CheckRoom("PCI", disks.pci.size(), PciRoot::kRoom));
  return disks;
}

}  // namespace emu
