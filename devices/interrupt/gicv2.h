// Arm's interrupt controller, version 2: interrupts of devices and processors to at most eight
// processors, all through memory.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "devices/interrupt/gic_core.h"
#include "devices/interrupt/gicv2_spec.h"
#include "vmm/base/address_space.h"

namespace emu {

namespace gicv2 {
struct Cpu : gic::CpuCore {
  using CpuCore::CpuCore;
  uint32_t control = 0;  // of GICC_CTLR what `interface` has not
  // Of each software interrupt, a bit for each processor that has sent it.
  std::array<uint8_t, kSoftwareCount> senders = {};
};
}  // namespace gicv2

// Distributor and CPU interfaces. Which of the interfaces, and whose private interrupts, an access
// means depends on the processor that makes it.
class Gicv2 final : public gic::Core<gicv2::Cpu> {
 public:
  // At most gicv2::kMaxCpus.
  explicit Gicv2(std::vector<CpuLines> cpus);

  MmioHandler& distributor() { return distributor_face_; }       // gicv2::kDistributorSize
  MmioHandler& cpu_interfaces() { return cpu_interface_face_; }  // gicv2::kCpuInterfaceSize

  // There are none.
  std::optional<uint64_t> ReadCpuRegister(uint32_t, uint32_t) override { return std::nullopt; }
  bool WriteCpuRegister(uint32_t, uint32_t, uint64_t) override { return false; }

  void Reset() override;
  void VisitState(StateVisitor& visitor) override;
  absl::Status AfterRestore() override;

 private:
  using Cpu = gicv2::Cpu;
  // What the address space calls.
  template <AccessResult (Gicv2::*kRead)(uint32_t, uint64_t, uint32_t, uint64_t*),
            AccessResult (Gicv2::*kWrite)(uint32_t, uint64_t, uint32_t, uint64_t)>
  struct Face final : MmioHandler {
    explicit Face(Gicv2& gic) : gic(gic) {}
    AccessResult MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) override {
      return MmioReadBy(0, offset, width_bytes, value);
    }
    AccessResult MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) override {
      return MmioWriteBy(0, offset, width_bytes, value);
    }
    AccessResult MmioReadBy(uint32_t cpu, uint64_t offset, uint32_t width_bytes,
                            uint64_t* value) override {
      return (gic.*kRead)(cpu, offset, width_bytes, value);
    }
    AccessResult MmioWriteBy(uint32_t cpu, uint64_t offset, uint32_t width_bytes,
                             uint64_t value) override {
      return (gic.*kWrite)(cpu, offset, width_bytes, value);
    }
    Gicv2& gic;
  };

  // gicv2_distributor.cc
  AccessResult ReadDistributor(uint32_t cpu, uint64_t offset, uint32_t width_bytes,
                               uint64_t* value);
  AccessResult WriteDistributor(uint32_t cpu, uint64_t offset, uint32_t width_bytes,
                                uint64_t value);
  uint32_t DistributorRegister(const Cpu& cpu, gicv2::DistributorReg reg, uint32_t index) const;
  void SetDistributorRegister(Cpu& cpu, gicv2::DistributorReg reg, uint32_t index, uint32_t value);
  uint32_t Targets(const Cpu& cpu, uint32_t index) const;
  void SetTargets(uint32_t index, uint32_t value);
  void SendSoftwareInterrupt(const Cpu& from, uint32_t value);
  // Of four software interrupts from 4 * `index` on: those who have sent them.
  void ChangeSenders(Cpu& cpu, uint32_t index, uint32_t value, bool set);

  // gicv2_cpu_interface.cc
  AccessResult ReadCpuInterface(uint32_t cpu, uint64_t offset, uint32_t width_bytes,
                                uint64_t* value);
  AccessResult WriteCpuInterface(uint32_t cpu, uint64_t offset, uint32_t width_bytes,
                                 uint64_t value);
  uint32_t CpuRegister(Cpu& cpu, gicv2::CpuReg reg, uint32_t index);
  void SetCpuRegister(Cpu& cpu, gicv2::CpuReg reg, uint32_t index, uint32_t value);
  static uint32_t Control(const Cpu& cpu);
  static void SetControl(Cpu& cpu, uint32_t value);
  // What the registers for group 0, or those for group 1 (`is_aliased`), give for `best`.
  uint32_t NumberOf(const Cpu& cpu, const std::optional<gic::Candidate>& best,
                    bool is_aliased) const;
  uint32_t Acknowledge(Cpu& cpu, bool is_aliased);
  void End(Cpu& cpu, bool is_aliased, uint32_t intid);

  // gicv2.cc
  uint8_t BitOf(const Cpu& cpu) const { return static_cast<uint8_t>(1 << (&cpu - cpus_.data())); }
  std::optional<gic::Candidate> Best(const Cpu& cpu) const;
  void Update(Cpu& cpu) override;
  // Software's interrupts are pending while somebody has sent them.
  static void LatchSoftwareInterrupts(Cpu& cpu);

  Face<&Gicv2::ReadDistributor, &Gicv2::WriteDistributor> distributor_face_{*this};
  Face<&Gicv2::ReadCpuInterface, &Gicv2::WriteCpuInterface> cpu_interface_face_{*this};
  uint8_t all_cpus_;  // a bit for each
  std::array<uint8_t, gic::kIntidCount> targets_ = {};
};

}  // namespace emu
