// The guests that VMs can be: the daemon's own list, as it knows emu-vm by its protocol only.
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

namespace emu::daemon {

struct GuestArchitecture {
  std::string_view name;  // as in Machine.arch
  // What starts a kernel where the VM names no firmware; empty: kernels start by themselves, and a
  // firmware is in place of one. Debian's opensbi.
  std::string_view kernel_firmware;
  bool has_gic = false;  // Arm's interrupt controller, of version 2 or 3
};

inline constexpr GuestArchitecture kGuestArchitectures[] = {
    {"aarch64", "", true},
    {"riscv64", "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin"},
};

// Of a VM that says nothing, and has no image that does.
inline constexpr char kDefaultArchitecture[] = "riscv64";

// nullptr: there is none of that name.
inline const GuestArchitecture* FindGuestArchitecture(std::string_view name) {
  const auto* found = std::ranges::find(kGuestArchitectures, name, &GuestArchitecture::name);
  return found != std::end(kGuestArchitectures) ? found : nullptr;
}

// "aarch64 or riscv64".
inline std::string GuestArchitectureNames() {
  std::string names;
  for (const GuestArchitecture& known : kGuestArchitectures) {
    if (!names.empty()) names += " or ";
    names += known.name;
  }
  return names;
}

}  // namespace emu::daemon
