#include "vmm/machine/boards/aarch64_virt_port.h"

#include "vmm/machine/boards/aarch64_virt_map.h"

namespace emu::aarch64_virt {

std::optional<uint64_t> ProcessorPort::ReadRegister(uint32_t vcpu, uint32_t number) {
  std::lock_guard lock(device_mutex_);
  return gic_.ReadCpuRegister(vcpu, number);
}

bool ProcessorPort::WriteRegister(uint32_t vcpu, uint32_t number, uint64_t value) {
  std::lock_guard lock(device_mutex_);
  return gic_.WriteCpuRegister(vcpu, number, value);
}

void ProcessorPort::SetOutput(uint32_t vcpu, uint32_t output, bool level) {
  std::lock_guard lock(device_mutex_);
  gic_.SetPrivateInput(
      vcpu, output == kPhysicalTimerOutput ? kPhysicalTimerIntid : kVirtualTimerIntid, level);
}

translator::ProcessorPort::FirmwareAnswer ProcessorPort::CallFirmware(
    uint32_t vcpu, const std::array<uint64_t, 4>& arguments) {
  std::lock_guard lock(device_mutex_);
  const Psci::Answer answer = psci_.Call(vcpu, arguments);
  return {answer.value, answer.waits_for_interrupt ? FirmwareAnswer::Then::kWait
                                                   : FirmwareAnswer::Then::kContinue};
}

Psci::Actions PsciActions(std::span<translator::Vcpu* const> vcpus, PowerSink power) {
  return {
      .power_on = [vcpus](uint32_t cpu, uint64_t pc,
                          uint64_t context) { vcpus[cpu]->PowerOn(GuestVirtAddr(pc), context); },
      .power_off = [vcpus](uint32_t cpu) { vcpus[cpu]->PowerOff(); },
      .request =
          [power = std::move(power)](Psci::Request request) {
            power(request == Psci::Request::kReset ? PowerRequest::kReset : PowerRequest::kPowerOff,
                  0);
          }};
}

}  // namespace emu::aarch64_virt
