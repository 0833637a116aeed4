// A Gicv2's frames as two processors see them in one range, for tests of all devices.
#pragma once

#include <vector>

#include "devices/core/device_test_bench.h"
#include "devices/interrupt/gicv2.h"

namespace emu {

// For each processor the distributor, then its CPU interface.
class Gicv2Frames final : public MmioHandler {
 public:
  static constexpr uint64_t kCpuStride = gicv2::kDistributorSize + gicv2::kCpuInterfaceSize;
  static constexpr uint64_t kSize = 2 * kCpuStride;

  explicit Gicv2Frames(Gicv2& gic) : gic_(gic) {}

  // Everything is let through.
  void TurnOn() {
    for (uint64_t cpu = 0; cpu < 2; ++cpu) {
      const uint64_t interface = cpu * kCpuStride + gicv2::kDistributorSize;
      MmioWrite(cpu * kCpuStride, 4, gic::kCtlrEnableGroups);
      MmioWrite(interface, 4, gic::kCtlrEnableGroups | gicv2::kCtlrAckCtl);
      MmioWrite(interface + 4, 4, 0xff);
    }
  }

  AccessResult MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) override {
    const Place place = At(offset);
    return place.frame.MmioReadBy(place.cpu, place.offset, width_bytes, value);
  }
  AccessResult MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) override {
    const Place place = At(offset);
    return place.frame.MmioWriteBy(place.cpu, place.offset, width_bytes, value);
  }

  // Those that a driver uses.
  static std::vector<uint64_t> Registers();

 private:
  struct Place {
    MmioHandler& frame;
    uint32_t cpu;
    uint64_t offset;
  };
  Place At(uint64_t offset) {
    const auto cpu = static_cast<uint32_t>(offset / kCpuStride % 2);
    const uint64_t within = offset % kCpuStride;
    if (within < gicv2::kDistributorSize) return {gic_.distributor(), cpu, within};
    return {gic_.cpu_interfaces(), cpu, within - gicv2::kDistributorSize};
  }

  Gicv2& gic_;
};

inline std::vector<uint64_t> Gicv2Frames::Registers() {
  std::vector<uint64_t> registers;
  for (uint64_t cpu = 0; cpu < 2; ++cpu) {
    const uint64_t distributor = cpu * kCpuStride;
    for (uint64_t bank = 0; bank < gic::kBankCount; ++bank) {
      for (uint64_t first = 0x80; first <= 0x380; first += 0x80) {
        registers.push_back(distributor + first + 4 * bank);
      }
      registers.push_back(distributor + 0x400 + 32 * bank);
      registers.push_back(distributor + 0x800 + 32 * bank);
      registers.push_back(distributor + 0xc00 + 8 * bank);
    }
    for (const uint64_t offset : {0x000, 0xc04, 0xf00, 0xf10, 0xf20, 0xf24}) {
      registers.push_back(distributor + offset);
    }
    for (const RegisterSpec& spec : gicv2::kCpuRegisters) {
      registers.push_back(distributor + gicv2::kDistributorSize + spec.offset);
    }
  }
  return registers;
}

}  // namespace emu
