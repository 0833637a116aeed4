// One virtio-mmio slot, with a device in it or empty.
#pragma once

#include <memory>

#include "devices/virtio/mmio_spec.h"
#include "devices/virtio/transport.h"
#include "vmm/base/address_space.h"
#include "vmm/base/interrupt_line.h"

namespace emu::virtio {

// The modern interface only (s. 4.2.2), no legacy one.
class MmioTransport final : public Transport, public MmioHandler {
 public:
  // `device` nullptr: an empty slot, which reads as device id 0.
  MmioTransport(GuestMemory& memory, InterruptLine irq, std::unique_ptr<VirtioDevice> device)
      : Transport(memory, std::move(device)), irq_(std::move(irq)) {}

  void VisitState(StateVisitor& visitor) override;
  absl::Status AfterRestore() override;
  AccessResult MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) override;
  AccessResult MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) override;

 private:
  void InterruptForQueue(uint32_t index) override;
  void InterruptForConfig() override;
  void ClearInterrupts() override { SetInterruptStatus(0); }

  uint32_t ReadRegister(Reg reg);
  void WriteRegister(Reg reg, uint32_t word, uint32_t value);
  void WriteQueueAddress(GuestPhysAddr Queue::Setup::*which, uint32_t word, uint32_t value);
  void SetInterruptStatus(uint32_t value);

  InterruptLine irq_;
  uint32_t interrupt_status_ = 0;
};

}  // namespace emu::virtio
