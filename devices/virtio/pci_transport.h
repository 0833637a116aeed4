// A virtio device as a PCI function.
#pragma once

#include <memory>
#include <vector>

#include "devices/pci/function.h"
#include "devices/virtio/pci_spec.h"
#include "devices/virtio/transport.h"

namespace emu::virtio {

// The modern interface only (s. 4.1): its structures in one BAR, MSI-X in another, with one vector
// for each queue and one for the configuration; the pin, while the guest has not enabled those.
class PciTransport final : public Transport, public pci::Function {
 public:
  // `class_code`: what the function shows itself as to who does not know virtio.
  PciTransport(GuestMemory& memory, pci::Slot slot, uint32_t class_code,
               std::unique_ptr<VirtioDevice> device);

  void Reset() override;
  void VisitState(StateVisitor& visitor) override;
  absl::Status AfterRestore() override;

  const pci::ConfigSpace& config() const override { return config_; }
  uint32_t ConfigRead(uint32_t offset, uint32_t width_bytes) override;
  void ConfigWrite(uint32_t offset, uint32_t width_bytes, uint32_t value) override;
  AccessResult BarRead(uint32_t bar, uint64_t offset, uint32_t width_bytes,
                       uint64_t* value) override;
  AccessResult BarWrite(uint32_t bar, uint64_t offset, uint32_t width_bytes,
                        uint64_t value) override;

 private:
  using Reg = pci_transport::Reg;

  void InterruptForQueue(uint32_t index) override;
  void InterruptForConfig() override;
  void ClearInterrupts() override;
  bool MayUseMemory() const override { return config_.CommandHas(pci::kCommandMaster); }

  void AddCapabilities();
  uint32_t AddStructure(uint8_t type, uint32_t page, uint32_t extra_bytes, uint32_t extra);
  // The access that a driver makes through the configuration space alone (s. 4.1.4.9).
  struct ConfigAccess {
    uint32_t bar, offset, width_bytes;
  };
  std::optional<ConfigAccess> AskedThroughConfig(uint32_t offset) const;

  uint64_t ReadRegister(Reg reg);
  void WriteRegister(Reg reg, uint64_t value);
  uint16_t ValidVector(uint64_t value) const;
  void Interrupt(uint16_t vector, uint32_t cause);
  void UpdatePin();

  pci::ConfigSpace config_;
  pci::Msix msix_;
  InterruptLine pin_;
  uint32_t config_access_at_ = 0;  // of the capability
  uint32_t isr_ = 0;
  uint16_t config_vector_ = pci_transport::kNoVector;
  std::vector<uint16_t> queue_vectors_;
};

}  // namespace emu::virtio
