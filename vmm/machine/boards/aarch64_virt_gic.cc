#include "vmm/machine/boards/aarch64_virt_gic.h"

#include "devices/interrupt/gicv2.h"
#include "devices/interrupt/gicv2m.h"
#include "devices/interrupt/gicv3.h"
#include "devices/interrupt/gicv3_its.h"
#include "vmm/base/status_macros.h"
#include "vmm/machine/boards/aarch64_virt_map.h"

namespace emu::aarch64_virt {
namespace {

// Snapshot numbers: never given to another device.
constexpr uint32_t kGicv3Number = 1, kItsNumber = 6, kGicv2Number = 9, kMessagesNumber = 10;

absl::Status MapAt(AddressSpace& address_space, Place place, const char* name,
                   MmioHandler& handler) {
  return address_space.MapMmio(At(place).base, At(place).size, name, handler);
}

class Version3 final : public InterruptSystem {
 public:
  Version3(GuestMemory& memory, std::vector<Gic::CpuLines> cpus)
      : gic_(memory, std::move(cpus)), its_(memory, gic_) {}

  Gic& gic() override { return gic_; }
  absl::Status Map(AddressSpace& address_space) override {
    RETURN_IF_ERROR(MapAt(address_space, Place::kGicDistributor, "gicd", gic_.distributor()));
    RETURN_IF_ERROR(MapAt(address_space, Place::kGicIts, "its", its_));
    return MapAt(address_space, Place::kGicRedistributors, "gicr", gic_.redistributors());
  }
  void AppendTo(std::vector<Board::NamedDevice>& devices) override {
    devices.push_back({"gic", kGicv3Number, &gic_});
    devices.push_back({"its", kItsNumber, &its_});
  }
  bool SendMessage(uint32_t requester, uint64_t address, uint32_t data) override {
    if (address != At(Place::kGicIts).base.value + gicv3_its::kTranslaterOffset) return false;
    its_.Translate(requester, data);
    return true;
  }

 private:
  Gicv3 gic_;
  Gicv3Its its_;
};

class Version2 final : public InterruptSystem {
 public:
  explicit Version2(std::vector<Gic::CpuLines> cpus)
      : gic_(std::move(cpus)), messages_(kSharedIntid + kMessageIrq, MessageLines()) {}

  Gic& gic() override { return gic_; }
  absl::Status Map(AddressSpace& address_space) override {
    RETURN_IF_ERROR(MapAt(address_space, Place::kGicDistributor, "gicd", gic_.distributor()));
    RETURN_IF_ERROR(MapAt(address_space, Place::kGicCpuInterface, "gicc", gic_.cpu_interfaces()));
    return MapAt(address_space, Place::kGicMessages, "v2m", messages_);
  }
  void AppendTo(std::vector<Board::NamedDevice>& devices) override {
    devices.push_back({"gic", kGicv2Number, &gic_});
    devices.push_back({"v2m", kMessagesNumber, &messages_});
  }
  bool SendMessage(uint32_t /*requester*/, uint64_t address, uint32_t data) override {
    if (address != At(Place::kGicMessages).base.value + gicv2m::kSetOffset) return false;
    messages_.Raise(data);
    return true;
  }

 private:
  std::vector<InterruptLine> MessageLines() {
    std::vector<InterruptLine> lines;
    for (uint32_t i = 0; i < kMessageIrqs; ++i) lines.push_back(gic_.SharedInput(kMessageIrq + i));
    return lines;
  }

  Gicv2 gic_;
  Gicv2m messages_;
};

}  // namespace

std::unique_ptr<InterruptSystem> MakeInterruptSystem(uint32_t version, GuestMemory& memory,
                                                     std::vector<Gic::CpuLines> cpus) {
  if (version == 2) return std::make_unique<Version2>(std::move(cpus));
  return std::make_unique<Version3>(memory, std::move(cpus));
}

}  // namespace emu::aarch64_virt
