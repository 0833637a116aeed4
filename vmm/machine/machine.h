// One machine: memory, processors, devices on a board. It has no thread of its own.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "devices/backend/char_stream.h"
#include "devices/backend/disk_image.h"
#include "devices/backend/work_queue.h"
#include "devices/core/device_clock.h"
#include "devices/core/disk_counters.h"
#include "translator/vcpu.h"
#include "vmm/base/address_space.h"
#include "vmm/base/guest_memory.h"
#include "vmm/base/virtual_clock.h"
#include "vmm/machine/board.h"
#include "vmm/machine/machine_config.h"

namespace emu {

// Everything but vcpus() is called by the state driver's thread while no processor runs.
class Machine {
 public:
  // How translators are made; tests put their own here.
  using TranslatorFactory = absl::StatusOr<std::unique_ptr<translator::Translator>> (*)(
      const translator::TranslatorOptions&, AddressSpace&, VirtualClock&);

  // Builds the machine and loads its boot files: afterwards it is as after a reset, or as one that
  // is still to be restored. `console` and
  // `work`, which disks wait on the host in, outlive it; without `work` they wait on a processor's
  // thread. Errors: INVALID_ARGUMENT naming the field of the configuration, those of boot/errors.h
  // and of Translator::Create.
  static absl::StatusOr<std::unique_ptr<Machine>> Create(
      MachineConfig config, CharStream& console, PowerSink power,
      TranslatorFactory new_translator = &translator::Translator::Create,
      WorkQueue* work = nullptr);
  ~Machine();

  // As after power-on: devices, processors and boot images; RAM keeps the rest of its contents.
  absl::Status Reset();

  // Asks the guest to shut down; false if the board has no power button. Processors running or not.
  bool PressPowerButton();

  // Time runs and devices work; time stands still, and nothing that was asked of the host is under
  // way.
  void Start();
  void Pause();

  // Devices, board and time, while paused; processors are visited by the owner of the snapshot, who
  // may want to do something `then`, before a device touches memory again: under the device lock.
  void VisitState(StateVisitor& visitor, const std::function<void()>& then = {});
  absl::Status AfterRestore();

  // While paused: waits until the host's disks have all that was written. INTERNAL if one refuses.
  // Not on the thread of `work`.
  absl::Status FlushDisks();

  // A file that a disk is written to from some instant on, over all that it has been so far.
  struct NewOverlay {
    std::string disk_id;
    UniqueFd file;  // QCOW2, of the disk's size
    UniqueFd lock;  // only to be kept open
  };
  struct OpenedOverlay {
    size_t disk;
    DiskConfig config;
    UniqueFd lock;
    std::unique_ptr<DiskImage> image;  // afterwards: the one of before
  };
  // On the thread of `work`, as is the destruction of what this returns. INVALID_ARGUMENT where
  // there is no such disk that is written to, or the file is none for it.
  absl::StatusOr<std::vector<OpenedOverlay>> OpenOverlays(std::vector<NewOverlay> overlays) const;
  // Afterwards, while paused and with the disks flushed.
  void UseOverlays(std::vector<OpenedOverlay>& overlays);

  const MachineConfig& config() const { return config_; }
  struct DeviceName {
    std::string name;
    uint32_t number;  // as a snapshot has them
  };
  std::vector<DeviceName> device_names();

  // For inspection, processors running or not: writes the state of one device into `visitor`, and
  // returns its name; empty if there is no such device. `index` counts from 0.
  std::string InspectDevice(uint32_t index, StateVisitor& visitor);

  // Of every disk of the configuration, in its order; processors running or not.
  struct DiskStats {
    std::string device;  // as InspectDevice names it
    std::string id;
    DiskCounters counters;
  };
  std::vector<DiskStats> disk_stats();
  // How disks wait for the host (WorkQueue::aio).
  std::string_view aio() const { return work_ != nullptr ? work_->aio() : "none"; }

  std::span<translator::Vcpu* const> vcpus() const { return vcpus_; }
  translator::Translator& translator() { return *translator_; }
  AddressSpace& address_space() { return address_space_; }
  GuestMemory& memory() { return memory_; }
  VirtualClock& clock() { return clock_; }

 private:
  Machine(MachineConfig config, CharStream& console, WorkQueue* work);
  void ResetDevices();
  void ResetVcpus();

  MachineConfig config_;
  CharStream& console_;
  WorkQueue* work_;
  GuestMemory memory_;
  AddressSpace address_space_;
  VirtualClock clock_;
  DeviceClock device_clock_;
  std::unique_ptr<translator::Translator> translator_;
  std::vector<translator::Vcpu*> vcpus_;  // the translator's
  std::unique_ptr<Board> board_;
  std::vector<AsyncDisk*> disks_;  // the board's; none without `work`
  std::vector<UniqueFd> locks_;    // of files that came later
};

}  // namespace emu
