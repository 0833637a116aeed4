// What Arm processors reach without memory: the GIC's CPU interface, their timers' interrupts, and
// PSCI.
#pragma once

#include <mutex>
#include <span>

#include "devices/interrupt/gic.h"
#include "devices/power/psci.h"
#include "translator/vcpu.h"
#include "vmm/machine/board.h"

namespace emu::aarch64_virt {

// Takes the device lock around each call.
class ProcessorPort final : public translator::ProcessorPort {
 public:
  ProcessorPort(std::mutex& device_mutex, Gic& gic, Psci& psci)
      : device_mutex_(device_mutex), gic_(gic), psci_(psci) {}

  std::optional<uint64_t> ReadRegister(uint32_t vcpu, uint32_t number) override;
  bool WriteRegister(uint32_t vcpu, uint32_t number, uint64_t value) override;
  void SetOutput(uint32_t vcpu, uint32_t output, bool level) override;
  FirmwareAnswer CallFirmware(uint32_t vcpu, const std::array<uint64_t, 4>& arguments) override;

 private:
  std::mutex& device_mutex_;
  Gic& gic_;
  Psci& psci_;
};

// What PSCI does to `vcpus` and to the machine. Both outlive it.
Psci::Actions PsciActions(std::span<translator::Vcpu* const> vcpus, PowerSink power);

}  // namespace emu::aarch64_virt
