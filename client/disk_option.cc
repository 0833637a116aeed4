#include "client/disk_option.h"

#include <map>
#include <string_view>

#include "client/size.h"

namespace emu::client {
namespace {

using emud::v1::Disk;

constexpr std::string_view kImage = "image=";
constexpr std::string_view kVolume = "volume=";

// Those of a disk's words that have names; as in QEMU.
const std::map<std::string_view, Disk::Cache> kCaches = {{"cache=writeback", Disk::WRITEBACK},
                                                         {"cache=none", Disk::NONE},
                                                         {"cache=writethrough", Disk::WRITETHROUGH},
                                                         {"cache=directsync", Disk::DIRECTSYNC},
                                                         {"cache=unsafe", Disk::UNSAFE}};

// Whether `word` is an option of any disk; then it is set.
bool SetCommon(std::string_view word, Disk& disk) {
  if (const auto cache = kCaches.find(word); cache != kCaches.end()) {
    disk.set_cache(cache->second);
    return true;
  }
  if (word == "bus=pci") {
    disk.set_bus(Disk::VIRTIO_PCI);
  } else if (word == "bus=scsi") {
    disk.set_bus(Disk::VIRTIO_SCSI);
  } else if (word == "media=cdrom") {
    disk.set_readonly(true);
    if (disk.bus() == Disk::BUS_UNSPECIFIED) disk.set_bus(Disk::VIRTIO_SCSI);
  } else if (word == "readonly") {
    disk.set_readonly(true);
  } else if (word == "werror=stop" || word == "werror=report") {
    disk.set_werror(word.ends_with("stop") ? Disk::STOP : Disk::REPORT);
  } else if (word == "rerror=stop" || word == "rerror=report") {
    disk.set_rerror(word.ends_with("stop") ? Disk::STOP : Disk::REPORT);
  } else if (word.starts_with("id=")) {
    disk.set_id(std::string(word.substr(3)));
  } else {
    return false;
  }
  return true;
}

bool SetOfImage(std::string_view word, Disk& disk) {
  uint64_t mib = 0;
  if (!word.starts_with("size=") || !ParseMib(word.substr(5), mib)) return SetCommon(word, disk);
  disk.set_size_mib(mib);
  return true;
}

bool SetOfPath(std::string_view word, Disk& disk) {
  if (word == "format=qcow2") {
    disk.set_format(Disk::QCOW2);
  } else if (word == "format=raw") {
    disk.set_format(Disk::RAW);
  } else {
    return SetCommon(word, disk);
  }
  return true;
}

// The options of `text` behind the first comma; `set` is whether it knows one.
bool SetEach(std::string_view text, bool (*set)(std::string_view word, Disk& disk),
             std::string_view known, Disk& disk, std::string& error) {
  while (text.find(',') != std::string_view::npos) {
    text.remove_prefix(text.find(',') + 1);
    const std::string_view word = text.substr(0, text.find(','));
    if (set(word, disk)) continue;
    error = std::string(word) + ": " + std::string(known) +
            "readonly, bus=pci, media=cdrom, id=ID, cache=none, werror=report or rerror=stop";
    return false;
  }
  return true;
}

}  // namespace

bool ParseDisk(const std::string& text, Disk& disk, std::string& error) {
  std::string_view rest = text;
  if (rest.starts_with(kImage)) {
    rest.remove_prefix(kImage.size());
    disk.set_image(std::string(rest.substr(0, rest.find(','))));
    return SetEach(rest, SetOfImage, "is no option of a disk of an image; give size=8G, ", disk,
                   error);
  }
  if (rest.starts_with(kVolume)) {
    rest.remove_prefix(kVolume.size());
    disk.set_volume(std::string(rest.substr(0, rest.find(','))));
    return SetEach(rest, SetCommon, "is no option of a volume; give ", disk, error);
  }
  // Options are taken from the end, as long as they are some.
  for (size_t comma = rest.rfind(','); comma != std::string_view::npos; comma = rest.rfind(',')) {
    if (!SetOfPath(rest.substr(comma + 1), disk)) break;
    rest = rest.substr(0, comma);
  }
  disk.set_path(std::string(rest));
  return true;
}

}  // namespace emu::client
