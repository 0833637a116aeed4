// A SCSI host with one target: a CD-ROM drive.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "devices/backend/disk.h"
#include "devices/core/disk_error.h"
#include "devices/scsi/cd_rom.h"
#include "devices/virtio/disk_queues.h"
#include "devices/virtio/scsi_spec.h"
#include "devices/virtio/virtio_device.h"

namespace emu::virtio {

// Commands go to the drive, and what is to be read of its disc to the disk behind it. As with
// virtio::Block nothing is under way while the machine is paused but what failed and is kept.
class ScsiHost final : public VirtioDevice {
 public:
  struct Options {
    std::string id;            // the drive's serial number
    uint32_t queue_count = 1;  // of requests
    OnDiskError on_read_error = OnDiskError::kReport;
    DiskErrorSink stop = {};  // for kStop
  };
  ScsiHost(std::unique_ptr<Disk> disc, Options options);

  uint32_t device_id() const override { return scsi_host::kDeviceId; }
  uint64_t features() const override { return scsi_host::kFeatureChange; }
  uint32_t queue_count() const override { return scsi_host::kFirstRequestQueue + queues_.count(); }
  std::span<const std::byte> config() const override;
  void WriteConfig(uint64_t offset, std::span<const std::byte> bytes) override;
  void StopQueue(uint32_t index) override;
  void ResetDevice() override;
  void Notify(uint32_t index) override;
  void Start() override { queues_.Start(host()); }
  std::optional<DiskCounters> disk_counters() const override { return counters_; }
  void VisitState(StateVisitor& visitor) override;
  absl::Status AfterRestore() override;

 private:
  using Request = DiskQueues::Request;
  using UnderWay = std::list<Request>;
  struct Answer {
    scsi_host::Response response = scsi_host::Response::kOk;
    scsi::Sense sense = scsi::kNoSense;
    uint64_t data_bytes = 0;  // that have been written
  };

  uint64_t response_bytes() const;
  // What the driver has room for behind the response.
  uint64_t RoomForData(const DescriptorChain& chain) const;
  void Serve(Request request);
  void SendData(const Request& request, std::span<const std::byte> data);
  void Read(Request request, const scsi::Reply::Extent& extent);
  void HaveRead(UnderWay::iterator at, uint64_t size, int error);
  void Finish(const Request& request, const Answer& answer);

  // By the event queue, if the driver wants to hear of such things.
  void Tell(scsi_host::EventKind kind, const scsi::Sense& reason);

  // Of the control queue: how many bytes were written.
  uint32_t Control(const DescriptorChain& chain);
  scsi_host::Response Manage(const scsi_host::TaskRequest& task);
  void EndTasks(const std::function<bool(uint64_t tag)>& is_meant, scsi_host::Response response);

  std::unique_ptr<Disk> disc_;
  const Options options_;
  scsi::CdRom drive_;
  scsi_host::Config config_ = {};
  DiskCounters counters_;
  bool has_missed_event_ = false;  // the driver had no room for it
  UnderWay under_way_;             // reads that the disk has not answered
  DiskQueues queues_;
};

}  // namespace emu::virtio
