// What a board is: a memory map, the devices on it, and what runs first.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "devices/backend/char_stream.h"
#include "devices/backend/work_queue.h"
#include "devices/core/device.h"
#include "devices/core/device_clock.h"
#include "translator/vcpu.h"
#include "vmm/machine/machine_config.h"

namespace emu {

class AsyncDisk;

// What the guest asks of the machine's owner; with the device lock held, on the asking vCPU's
// thread.
enum class PowerRequest : uint8_t { kPowerOff, kReset, kFail };
using PowerSink = std::function<void(PowerRequest request, uint32_t code)>;

// What a board is built from. All of it outlives the board.
struct BoardParts {
  const MachineConfig& config;
  AddressSpace& address_space;
  DeviceClock& clock;
  std::span<translator::Vcpu* const> vcpus;
  std::vector<translator::Translator::CpuProperty> cpu_properties;
  CharStream& console;
  PowerSink power;
  WorkQueue* work;  // nullptr: disks answer on the asking thread
  // With `work`: gets the disks, which are the devices', in the configuration's order.
  std::vector<AsyncDisk*>* disks = nullptr;
};

// Built and used by the machine; the device lock is held for devices() and VisitState,
// not for LoadBootImages.
class Board {
 public:
  virtual ~Board() = default;

  struct NamedDevice {
    std::string name;  // as in a snapshot: never given to another device
    uint32_t number;   // the same as a field number
    Device* device;
  };
  virtual std::span<const NamedDevice> devices() const = 0;

  // What is neither in a device nor in memory.
  virtual void VisitState(StateVisitor& /*visitor*/) {}

  // Puts firmware, kernel, initrd, device tree and reset code into memory, at power-on and at every
  // reset. Errors: those of boot/errors.h.
  virtual absl::Status LoadBootImages() = 0;

  // Where every processor starts.
  virtual GuestVirtAddr reset_pc() const = 0;
  // False: this one waits until the guest turns it on.
  virtual bool StartsAtReset(uint32_t /*cpu*/) const { return true; }

  // What lies around the processors; nullptr if their instructions reach nothing there.
  virtual translator::ProcessorPort* processor_port() { return nullptr; }

  // False if the board has no power button. What comes of it is the guest's affair.
  virtual bool PressPowerButton() { return false; }
};

// One kind of board.
struct BoardType {
  std::string_view arch;
  uint32_t max_cpus;
  uint64_t min_memory_bytes;
  uint64_t max_memory_bytes;
  // The firmware that starts a kernel, where Debian has it; nullptr: a kernel starts without one.
  const char* kernel_firmware;
  // Memory comes first: the translator is created between the two.
  absl::Status (*add_memory)(const MachineConfig& config, GuestMemory& memory);
  absl::StatusOr<std::unique_ptr<Board>> (*create)(BoardParts parts);
};

// nullptr if there is no board for `arch`.
const BoardType* FindBoardType(std::string_view arch);
// For error messages: "riscv64, ...".
std::string KnownArchitectures();

}  // namespace emu
