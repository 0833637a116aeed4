// Where a driver finds the registers of each transport, for tests that treat all alike.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "devices/pci/pci_test_frames.h"
#include "devices/virtio/transport_spec.h"

namespace emu {

struct VirtioFace {
  struct Register {
    uint64_t offset;
    uint32_t width_bytes;
  };
  using Writes = std::vector<std::pair<Register, uint64_t>>;

  Register status, device_features_select, device_features, driver_features_select, driver_features,
      queue_select, queue_size, descriptors, available, used, queue_enable, notify;
  uint32_t notify_stride;  // from one queue to the next
  // What else a driver does when it begins, after its reset of the device, and for each queue.
  Writes before = {}, after_reset = {}, for_each_queue = {};
  // What may be written at any time and leaves a device usable.
  std::vector<Register> free;
};

inline const VirtioFace kVirtioMmioFace = {
    .status = {0x70, 4},
    .device_features_select = {0x14, 4},
    .device_features = {0x10, 4},
    .driver_features_select = {0x24, 4},
    .driver_features = {0x20, 4},
    .queue_select = {0x30, 4},
    .queue_size = {0x38, 4},
    .descriptors = {0x80, 4},
    .available = {0x90, 4},
    .used = {0xa0, 4},
    .queue_enable = {0x44, 4},
    .notify = {0x50, 4},
    .notify_stride = 0,
    // The last two are in the configuration, where a SCSI host's driver may write.
    .free = {{0x14, 4}, {0x24, 4}, {0x30, 4}, {0x64, 4}, {0x114, 4}, {0x118, 4}},
};

inline const VirtioFace kVirtioPciFace = [] {
  constexpr uint64_t kCommon = PciFrames::kStructures;
  constexpr uint64_t kNotify = PciFrames::kStructures + 0x3000;
  VirtioFace face = {
      .status = {kCommon + 0x14, 1},
      .device_features_select = {kCommon + 0x00, 4},
      .device_features = {kCommon + 0x04, 4},
      .driver_features_select = {kCommon + 0x08, 4},
      .driver_features = {kCommon + 0x0c, 4},
      .queue_select = {kCommon + 0x16, 2},
      .queue_size = {kCommon + 0x18, 2},
      .descriptors = {kCommon + 0x20, 8},
      .available = {kCommon + 0x28, 8},
      .used = {kCommon + 0x30, 8},
      .queue_enable = {kCommon + 0x1c, 2},
      .notify = {kNotify, 2},
      .notify_stride = 4,
      .before = {{{pci::kCommand, 2}, pci::kCommandMemory | pci::kCommandMaster}},
      .after_reset = {{{kCommon + 0x10, 2}, 0}},
      .for_each_queue = {{{kCommon + 0x1a, 2}, 1}},
      .free = {{kCommon + 0x00, 4},
               {kCommon + 0x08, 4},
               {kCommon + 0x16, 2},
               {PciFrames::kMsixControl, 2}},
  };
  for (uint64_t vector = 0; vector < 2; ++vector) {
    const uint64_t entry = PciFrames::kMsix + vector * pci::kMsixEntryBytes;
    face.after_reset.push_back({{entry, 4}, 0xfee0'0000 + vector});
    face.after_reset.push_back({{entry + pci::kMsixEntryControl, 4}, 0});
    face.free.push_back({entry + 8, 4});
    face.free.push_back({entry + pci::kMsixEntryControl, 4});
  }
  return face;
}();

}  // namespace emu
