// What can be seen of a machine from outside: registers, memory, devices, counters.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "vm/v1/vm_control.pb.h"
#include "vmm/machine/machine.h"

namespace emu {

inline constexpr uint32_t kMaxInspectedBytes = 32 * 1024;

// Whether `request` asks for something that Inspect answers.
bool IsInspection(const vm::v1::Request& request);

// The answer to it. On the state driver's thread; the guest's processors may run, and are held
// meanwhile. Errors travel in the response: OUT_OF_RANGE for a processor, a device or memory that
// is not there, INVALID_ARGUMENT for a size beyond kMaxInspectedBytes.
vm::v1::Response Inspect(Machine& machine, const vm::v1::Request& request);

// `size_bytes` from `address` on, less where memory ends: RAM and ROM, virtual as `viewer` sees it
// or physical if there is none. As Inspect, with the processors held.
std::string ReadGuestMemory(Machine& machine, translator::VcpuDebug* viewer, uint64_t address,
                            uint32_t size_bytes);

}  // namespace emu
