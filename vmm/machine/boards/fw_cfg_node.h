// fw_cfg in a device tree.
#pragma once

#include "absl/strings/str_format.h"
#include "devices/core/fdt_node.h"
#include "devices/firmware/fw_cfg_spec.h"
#include "vmm/base/address.h"

namespace emu {

inline void AddFwCfg(FdtNode& parent, GuestPhysAddr base) {
  FdtNode node = parent.Child(absl::StrFormat("fw-cfg@%x", base.value));
  node.String("compatible", "qemu,fw-cfg-mmio").Reg(base.value, fw_cfg::kMmioSize);
  node.Empty("dma-coherent");
}

}  // namespace emu
