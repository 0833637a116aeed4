// What a device's test needs around the device.
#pragma once

#include <string>
#include <vector>

#include "devices/backend/char_stream.h"
#include "devices/core/device.h"
#include "devices/core/device_clock.h"
#include "vmm/base/address_space.h"
#include "vmm/base/guest_memory.h"
#include "vmm/base/interrupt_line.h"
#include "vmm/base/state_text.h"
#include "vmm/base/state_wire.h"
#include "vmm/base/virtual_clock.h"

namespace emu {

// A host end that keeps what the guest writes.
class RecordingStream final : public CharStream {
 public:
  void Write(std::span<const std::byte> bytes) override {
    for (const std::byte byte : bytes) text += static_cast<char>(byte);
  }
  void SetReceiver(Receiver new_receiver) override { receiver = std::move(new_receiver); }

  std::string text;
  Receiver receiver;
};

inline std::span<const std::byte> AsBytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// One machine without processors: 1 MiB of memory, a clock that the test moves.
class DeviceTestBench {
 public:
  static constexpr GuestPhysAddr kRam{0x8000'0000};
  static constexpr uint64_t kRamSize = 1 << 20;

  DeviceTestBench() : address_space_(memory_), clock_(virtual_clock_, mutex_) {
    if (!memory_.AddRegion(kRam, kRamSize, MemoryKind::kRam).ok()) abort();
  }

  GuestMemory& memory() { return memory_; }
  DeviceClock& clock() { return clock_; }

  // Time moves only here; timers that are due run.
  void AdvanceTo(uint64_t now_ns) {
    virtual_clock_.SetNowNs(now_ns);
    virtual_clock_.Start();
    virtual_clock_.RunExpired();
    virtual_clock_.Stop();
    virtual_clock_.SetNowNs(now_ns);  // without what the host needed
  }

  // A wire whose level shows in `level`.
  static InterruptLine Wire(bool& level) {
    return InterruptLine([&level](bool now) { level = now; });
  }

  static uint64_t Read(MmioHandler& device, uint64_t offset, uint32_t width_bytes = 4) {
    uint64_t value = 0;
    device.MmioRead(offset, width_bytes, &value);
    return value;
  }
  static void Write(MmioHandler& device, uint64_t offset, uint64_t value,
                    uint32_t width_bytes = 4) {
    device.MmioWrite(offset, width_bytes, value);
  }

  static std::vector<std::byte> Save(Device& device) {
    StateWriter writer;
    device.VisitState(writer);
    return writer.Take();
  }
  static absl::Status Restore(Device& device, std::span<const std::byte> state) {
    StateReader reader(state);
    device.VisitState(reader);
    return reader.status().ok() ? device.AfterRestore() : reader.status();
  }
  static std::string Describe(Device& device) {
    StateText text;
    device.VisitState(text);
    return text.text();
  }

 private:
  GuestMemory memory_;
  AddressSpace address_space_;
  VirtualClock virtual_clock_;
  std::mutex mutex_;
  DeviceClock clock_;
};

}  // namespace emu
