// A driver for virtio-mmio devices, as bad as a test wants it.
#pragma once

#include <memory>

#include "devices/core/device_test_bench.h"
#include "devices/virtio/mmio_transport.h"
#include "devices/virtio/transport_spec.h"

namespace emu::virtio {

// One device behind a transport, its queues at fixed places in the bench's memory.
class VirtioTestBench {
 public:
  static constexpr uint16_t kSize = 8;
  static constexpr GuestPhysAddr kBuffers = DeviceTestBench::kRam + 0x40000;

  explicit VirtioTestBench(std::unique_ptr<VirtioDevice> device)
      : transport_(bench_.memory(), DeviceTestBench::Wire(irq_), std::move(device)) {}

  MmioTransport& transport() { return transport_; }
  GuestMemory& memory() { return bench_.memory(); }
  bool irq() const { return irq_; }
  uint32_t status() { return static_cast<uint32_t>(bench_.Read(transport_, 0x70)); }
  bool needs_reset() { return (status() & kStatusNeedsReset) != 0; }

  static GuestPhysAddr Descriptors(uint32_t queue) {
    return DeviceTestBench::kRam + 0x10000 * queue;
  }
  static GuestPhysAddr Available(uint32_t queue) { return Descriptors(queue) + 0x1000; }
  static GuestPhysAddr Used(uint32_t queue) { return Descriptors(queue) + 0x2000; }

  void Set(uint64_t offset, uint64_t value) { bench_.Write(transport_, offset, value); }
  uint64_t Get(uint64_t offset) { return bench_.Read(transport_, offset); }

  // Reset to DRIVER_OK with `features` and version 1, all `queue_count` queues enabled.
  void Initialize(uint32_t queue_count, uint64_t features = 0) {
    features |= kFeatureVersion1;
    Set(0x70, 0);
    Set(0x70, 3);
    for (uint32_t half = 0; half < 2; ++half) {
      Set(0x24, half);
      Set(0x20, features >> (32 * half) & 0xffff'ffff);
    }
    Set(0x70, 3 | kStatusFeaturesOk);
    for (uint32_t queue = 0; queue < queue_count; ++queue) {
      Set(0x30, queue);
      Set(0x38, kSize);
      Set(0x80, Descriptors(queue).value);
      Set(0x90, Available(queue).value);
      Set(0xa0, Used(queue).value);
      Set(0x44, 1);
    }
    Set(0x70, 3 | kStatusFeaturesOk | kStatusDriverOk);
    available_ = {};
  }

  template <typename T>
  void Poke(GuestPhysAddr address, T value) {
    if (!memory().Write(address, std::as_bytes(std::span(&value, 1)))) abort();
  }
  template <typename T>
  T Peek(GuestPhysAddr address) {
    T value;
    if (!memory().Read(address, std::as_writable_bytes(std::span(&value, 1)))) abort();
    return value;
  }

  void Describe(uint32_t queue, uint32_t index, GuestPhysAddr address, uint32_t size,
                uint16_t flags, uint16_t next = 0) {
    WriteDescriptor(Descriptors(queue) + index * kDescriptorBytes, address, size, flags, next);
  }
  void WriteDescriptor(GuestPhysAddr at, GuestPhysAddr address, uint32_t size, uint16_t flags,
                       uint16_t next) {
    Poke(at, address.value);
    Poke(at + 8, size);
    Poke(at + 12, flags);
    Poke(at + 14, next);
  }

  // Makes `head` available and notifies.
  void Submit(uint32_t queue, uint16_t head) {
    uint16_t& index = available_[queue];
    Poke<uint16_t>(Available(queue) + 4 + 2 * (index % kSize), head);
    Poke<uint16_t>(Available(queue) + 2, ++index);
    Set(0x50, queue);
  }

  uint16_t UsedIndex(uint32_t queue) { return Peek<uint16_t>(Used(queue) + 2); }
  uint32_t UsedLength(uint32_t queue, uint32_t slot) {
    return Peek<uint32_t>(Used(queue) + 4 + 8 * slot + 4);
  }
  std::string Text(GuestPhysAddr address, size_t size) {
    std::string text(size, '\0');
    if (!memory().Read(address, std::as_writable_bytes(std::span(text)))) abort();
    return text;
  }

 private:
  DeviceTestBench bench_;
  bool irq_ = false;
  MmioTransport transport_;
  std::array<uint16_t, 8> available_ = {};
};

}  // namespace emu::virtio
