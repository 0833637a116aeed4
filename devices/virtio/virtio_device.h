// What a kind of virtio device must provide, and what its transport provides to it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "absl/status/status.h"
#include "devices/core/disk_counters.h"
#include "devices/core/dma_port.h"
#include "devices/virtio/queue.h"
#include "vmm/base/state_visitor.h"

namespace emu::virtio {

// The transport, as its device sees it.
class DeviceHost {
 public:
  virtual ~DeviceHost() = default;
  virtual Queue& queue(uint32_t index) = 0;
  virtual DmaPort& dma() = 0;
  // DRIVER_OK is set and the device has not failed.
  virtual bool IsLive() const = 0;
  // What the driver has chosen of the offered features.
  virtual uint64_t driver_features() const = 0;
  // After pushes to queue `index`: interrupts the driver if it wants that; fails the device if the
  // queue is broken.
  virtual void Flush(uint32_t index) = 0;
  // After a change of what config() says that the driver has to hear of.
  virtual void NoteConfigChange() = 0;
};

// All calls with the device lock held.
class VirtioDevice {
 public:
  virtual ~VirtioDevice() = default;

  // Constant over the device's life.
  virtual uint32_t device_id() const = 0;
  virtual uint64_t features() const = 0;  // of the device type; the transport adds its own
  virtual uint32_t queue_count() const = 0;
  virtual std::span<const std::byte> config() const { return {}; }
  // The driver has written to it: what is not the driver's to change stays as it is.
  virtual void WriteConfig(uint64_t /*offset*/, std::span<const std::byte> /*bytes*/) {}

  void Attach(DeviceHost& host) { host_ = &host; }

  // Queue `index` is about to be switched off, by a reset or alone: no request out of it may touch
  // guest memory or be pushed after this.
  virtual void StopQueue(uint32_t /*index*/) {}
  // The driver reset the device, or the machine did; its queues are off.
  virtual void ResetDevice() {}
  // The driver is ready; then: it has put something into queue `index`.
  virtual void Activate() {}
  virtual void Notify(uint32_t index) = 0;

  // Of devices that the host calls; as Device has them.
  virtual void Start() {}
  virtual void Pause() {}

  // What is not in the transport and its queues.
  virtual void VisitState(StateVisitor&) {}
  virtual absl::Status AfterRestore() { return absl::OkStatus(); }

  // Of disks; as Device has them.
  virtual std::optional<DiskCounters> disk_counters() const { return std::nullopt; }
  virtual void FlushDisk(const std::function<void(bool ok)>& done) { done(true); }

 protected:
  DeviceHost& host() { return *host_; }

  // Calls `serve(chain)`, which returns the number of bytes written, for every request in queue
  // `index`, and hands them back. The usual body of Notify.
  template <typename Serve>
  void ServeAll(uint32_t index, Serve&& serve) {
    Queue& queue = host().queue(index);
    do {
      while (const auto chain = queue.Pop()) queue.Push(chain->head, serve(*chain));
    } while (queue.AskForNotification());
    host().Flush(index);
  }

 private:
  DeviceHost* host_ = nullptr;
};

}  // namespace emu::virtio
