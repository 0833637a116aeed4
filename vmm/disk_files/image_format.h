// The formats that a disk's image may have. They are stated, never guessed: a guest writes what it
// likes into a raw image.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "vmm/base/unique_fd.h"

namespace emu {

enum class ImageFormat : uint8_t { kRaw, kQcow2 };

// By its name, "raw" or "qcow2".
inline std::optional<ImageFormat> ImageFormatOf(std::string_view name) {
  if (name == "raw") return ImageFormat::kRaw;
  if (name == "qcow2") return ImageFormat::kQcow2;
  return std::nullopt;
}

constexpr std::string_view ImageFormatName(ImageFormat format) {
  switch (format) {
    case ImageFormat::kRaw:
      return "raw";
    case ImageFormat::kQcow2:
      return "qcow2";
  }
  return "";
}

// One file of a disk.
struct ImageLayer {
  UniqueFd file;
  ImageFormat format = ImageFormat::kRaw;
  UniqueFd lock = {};  // SeparateLocks: another description of the file, which holds its lock
};

}  // namespace emu
