// What a spec says of network cards.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "emud/v1/vm.pb.h"
#include "vm/v1/vm_control.pb.h"

namespace emu::daemon {

// Of IP packets: the largest, as there is no link behind the host that takes less.
inline constexpr uint32_t kUserNetworkMtu = 65520;

void ApplyNicDefaults(emud::v1::VmSpec& spec);
// INVALID_ARGUMENT that names the first bad field and the remedy.
absl::Status CheckNics(const emud::v1::VmSpec& spec);
// 6 bytes: the one that is given, or one that is this VM's alone.
std::string MacOf(const std::string& uid, const emud::v1::Nic& nic);
// As people write it.
std::string MacText(const std::string& mac);
void AddNics(const emud::v1::Vm& vm, vm::v1::VmConfig& config);

}  // namespace emu::daemon
