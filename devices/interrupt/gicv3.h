// Arm's interrupt controller, version 3: interrupts of devices, processors and messages to the
// processors, by priority and affinity.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "devices/core/dma_port.h"
#include "devices/interrupt/gic_core.h"
#include "devices/interrupt/gicv3_cpu_spec.h"
#include "devices/interrupt/gicv3_lpis.h"
#include "devices/interrupt/gicv3_spec.h"
#include "vmm/base/address_space.h"

namespace emu {

namespace gicv3 {
struct Cpu : gic::CpuCore {
  Cpu(Gic::CpuLines lines, DmaPort& dma) : CpuCore(std::move(lines)), lpis(dma) {}
  Lpis lpis;
  bool is_asleep = true;
};
}  // namespace gicv3

// Distributor, redistributors and CPU interfaces. Processor n has affinity 0.0.0.n. There is one
// security state; affinity routing and the system registers are always on. An interrupt goes to
// one processor, never to "any". A redistributor that is told to sleep says so and goes on, as on
// QEMU, where firmware exists that never wakes it.
class Gicv3 final : public gic::Core<gicv3::Cpu> {
 public:
  // At most gicv3::kMaxCpus.
  Gicv3(GuestMemory& memory, std::vector<CpuLines> cpus);

  MmioHandler& distributor() { return distributor_face_; }        // gicv3::kDistributorSize
  MmioHandler& redistributors() { return redistributors_face_; }  // one stride for each processor

  // By the numbers of gicv3_cpu_spec.h.
  std::optional<uint64_t> ReadCpuRegister(uint32_t cpu, uint32_t number) override;
  bool WriteCpuRegister(uint32_t cpu, uint32_t number, uint64_t value) override;

  // For an interrupt translation service: LPIs, of processors that may not exist.
  void SetLpiPending(uint64_t cpu, uint32_t intid, bool pending);
  void MoveLpi(uint64_t from_cpu, uint64_t to_cpu, uint32_t intid);
  void MoveAllLpis(uint64_t from_cpu, uint64_t to_cpu);
  // The guest has changed the table of their priorities.
  void LpiConfigChanged() { UpdateAll(); }

  void Reset() override;
  void VisitState(StateVisitor& visitor) override;
  absl::Status AfterRestore() override;

 private:
  using Cpu = gicv3::Cpu;
  // What the address space calls.
  template <AccessResult (Gicv3::*kRead)(uint64_t, uint32_t, uint64_t*),
            AccessResult (Gicv3::*kWrite)(uint64_t, uint32_t, uint64_t)>
  struct Face final : MmioHandler {
    explicit Face(Gicv3& gic) : gic(gic) {}
    AccessResult MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) override {
      return (gic.*kRead)(offset, width_bytes, value);
    }
    AccessResult MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) override {
      return (gic.*kWrite)(offset, width_bytes, value);
    }
    Gicv3& gic;
  };

  // gicv3_registers.cc
  AccessResult ReadDistributor(uint64_t offset, uint32_t width_bytes, uint64_t* value);
  AccessResult WriteDistributor(uint64_t offset, uint32_t width_bytes, uint64_t value);
  AccessResult ReadRedistributor(uint64_t offset, uint32_t width_bytes, uint64_t* value);
  AccessResult WriteRedistributor(uint64_t offset, uint32_t width_bytes, uint64_t value);
  uint64_t DistributorRegister(gicv3::DistributorReg reg, uint32_t index) const;
  void SetDistributorRegister(gicv3::DistributorReg reg, uint32_t index, uint64_t value);
  uint64_t RedistributorRegister(uint32_t cpu, gicv3::RedistributorReg reg, uint32_t index) const;
  void SetRedistributorRegister(Cpu& cpu, gicv3::RedistributorReg reg, uint32_t index,
                                uint64_t value);

  // gicv3_cpu_registers.cc
  bool SetCpuRegister(Cpu& cpu, gicv3::CpuReg reg, uint64_t value);
  uint32_t Pending(const Cpu& cpu, uint32_t group) const;
  uint32_t Acknowledge(Cpu& cpu, uint32_t group);
  void End(Cpu& cpu, uint32_t group, uint64_t intid);
  void SendSoftwareInterrupt(const Cpu& from, uint32_t group, uint64_t value);

  // gicv3.cc
  std::optional<gic::Candidate> Best(const Cpu& cpu) const;
  void Update(Cpu& cpu) override;

  DmaPort dma_;
  Face<&Gicv3::ReadDistributor, &Gicv3::WriteDistributor> distributor_face_{*this};
  Face<&Gicv3::ReadRedistributor, &Gicv3::WriteRedistributor> redistributors_face_{*this};
  std::array<uint64_t, gic::kIntidCount> route_ = {};
};

}  // namespace emu
