// A Gicv3's frames and its processors' system registers in one range, for tests of all devices.
#pragma once

#include <vector>

#include "devices/core/device_test_bench.h"
#include "devices/interrupt/gicv3.h"

namespace emu {

// Distributor, two redistributors, then a page of system registers for each processor: one every
// four bytes.
class Gicv3Frames final : public MmioHandler {
 public:
  static constexpr uint64_t kRedistributors = gicv3::kDistributorSize;
  static constexpr uint64_t kCpuPages = kRedistributors + 2 * gicv3::kRedistributorStride;
  static constexpr uint64_t kSize = kCpuPages + 2 * kPageSize;
  static constexpr gicv3::CpuReg kCpuRegisters[] = {
      gicv3::CpuReg::kPmr,   gicv3::CpuReg::kIar0,    gicv3::CpuReg::kEoir0,
      gicv3::CpuReg::kBpr0,  gicv3::CpuReg::kAp0r0,   gicv3::CpuReg::kAp1r0,
      gicv3::CpuReg::kDir,   gicv3::CpuReg::kRpr,     gicv3::CpuReg::kSgi0r,
      gicv3::CpuReg::kSgi1r, gicv3::CpuReg::kIar1,    gicv3::CpuReg::kEoir1,
      gicv3::CpuReg::kBpr1,  gicv3::CpuReg::kCtlr,    gicv3::CpuReg::kIgrpen0,
      gicv3::CpuReg::kSre,   gicv3::CpuReg::kIgrpen1, gicv3::CpuReg::kHppir1,
  };

  explicit Gicv3Frames(Gicv3& gic) : gic_(gic) {}

  // Everything is let through, and LPIs are on with their tables in memory that a snapshot's twins
  // share.
  void TurnOn(GuestMemory& memory);

  AccessResult MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) override;
  AccessResult MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) override;

  // Those that a driver uses.
  static std::vector<uint64_t> Registers();

 private:
  static uint32_t NumberAt(uint64_t offset) {
    return static_cast<uint32_t>(kCpuRegisters[offset % kPageSize / 4 % std::size(kCpuRegisters)]);
  }
  static uint32_t CpuAt(uint64_t offset) {
    return static_cast<uint32_t>((offset - kCpuPages) / kPageSize % 2);
  }

  Gicv3& gic_;
};

inline void Gicv3Frames::TurnOn(GuestMemory& memory) {
  const GuestPhysAddr property_table = DeviceTestBench::kRam + 0x8000;
  const GuestPhysAddr pending_table = DeviceTestBench::kRam + 0x10000;
  const std::vector<std::byte> enabled(16, std::byte{0x41});
  if (!memory.Write(property_table, enabled)) abort();
  MmioWrite(0, 4, 3);
  for (uint64_t cpu = 0; cpu < 2; ++cpu) {
    const uint64_t frame = kRedistributors + cpu * gicv3::kRedistributorStride;
    MmioWrite(frame + 0x70, 8, property_table.value | 15);
    MmioWrite(frame + 0x78, 8, pending_table.value);
    MmioWrite(frame, 4, 1);
    gic_.WriteCpuRegister(static_cast<uint32_t>(cpu), static_cast<uint32_t>(gicv3::CpuReg::kPmr),
                          0xff);
  }
}

inline AccessResult Gicv3Frames::MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) {
  if (offset < kRedistributors) return gic_.distributor().MmioRead(offset, width_bytes, value);
  if (offset < kCpuPages) {
    return gic_.redistributors().MmioRead(offset - kRedistributors, width_bytes, value);
  }
  *value = gic_.ReadCpuRegister(CpuAt(offset), NumberAt(offset)).value_or(0);
  return AccessResult::kOk;
}

inline AccessResult Gicv3Frames::MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) {
  if (offset < kRedistributors) return gic_.distributor().MmioWrite(offset, width_bytes, value);
  if (offset < kCpuPages) {
    return gic_.redistributors().MmioWrite(offset - kRedistributors, width_bytes, value);
  }
  gic_.WriteCpuRegister(CpuAt(offset), NumberAt(offset), value);
  return AccessResult::kOk;
}

inline std::vector<uint64_t> Gicv3Frames::Registers() {
  std::vector<uint64_t> registers = {0, 0x6100, 0x6200, 0x6300};
  for (uint64_t bank = 1; bank < gic::kBankCount; ++bank) {
    for (uint64_t first = 0x80; first <= 0x380; first += 0x80) {
      registers.push_back(first + 4 * bank);
    }
    registers.push_back(0x400 + 32 * bank);
    registers.push_back(0xc00 + 8 * bank);
  }
  for (uint64_t cpu = 0; cpu < 2; ++cpu) {
    const uint64_t frame = kRedistributors + cpu * gicv3::kRedistributorStride;
    registers.insert(registers.end(), {frame, frame + 0x14, frame + 0x70, frame + 0x7c});
    for (uint64_t first = 0x80; first <= 0x380; first += 0x80) {
      registers.push_back(frame + 0x10000 + first);
    }
    registers.insert(registers.end(), {frame + 0x10400, frame + 0x10418, frame + 0x10c04});
    for (uint64_t i = 0; i < std::size(kCpuRegisters); ++i) {
      registers.push_back(kCpuPages + cpu * kPageSize + 4 * i);
    }
  }
  return registers;
}

}  // namespace emu
