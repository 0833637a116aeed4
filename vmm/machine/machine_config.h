// What a machine is made of. Everything is already open: behind this door nobody opens a path.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "devices/backend/byte_port.h"
#include "devices/backend/packet_port.h"
#include "devices/core/disk_error.h"
#include "translator/vcpu.h"
#include "vmm/base/unique_fd.h"
#include "vmm/disk_files/cache_mode.h"
#include "vmm/disk_files/image_format.h"

namespace emu {

// How a guest finds a virtio device.
enum class VirtioBus : uint8_t { kMmio, kPci };

// How transfers of disks wait for the host; kAuto: io_uring, or threads where the host allows none.
enum class AioMode : uint8_t { kAuto, kIoUring, kThreads };

// What a guest takes a disk for: a virtio disk, or a CD-ROM drive behind a SCSI host of its own,
// which is only read.
enum class DiskModel : uint8_t { kBlock, kScsiCd };

// One disk. `id` is what the guest reads as its serial number (20 bytes at most).
struct DiskConfig {
  UniqueFd file;
  bool readonly = false;
  std::string id;
  VirtioBus bus = VirtioBus::kMmio;
  ImageFormat format = ImageFormat::kRaw;
  CacheMode cache = CacheMode::kWriteback;
  OnDiskError on_read_error = OnDiskError::kReport;
  OnDiskError on_write_error = OnDiskError::kReport;
  std::vector<ImageLayer> backing = {};  // each is the backing file of the one before it
  DiskModel model = DiskModel::kBlock;
};

// One network card.
struct NicConfig {
  PacketPort* port;  // outlives the machine
  std::array<std::byte, 6> mac;
  VirtioBus bus = VirtioBus::kMmio;
};

struct MachineConfig {
  // Its state comes from a state file: boot files are not loaded before the next reset.
  bool is_restored = false;
  std::string arch;  // "riscv64"
  uint32_t cpus = 1;
  uint64_t memory_bytes = 0;  // a multiple of 2 MiB
  std::string command_line;   // the kernel's
  uint32_t gic_version = 0;   // of Arm's interrupt controller, 2 or 3; 0: the board's own

  UniqueFd firmware;  // invalid: absent
  UniqueFd kernel;
  UniqueFd initrd;
  UniqueFd flash;      // raw code that runs in place
  UniqueFd variables;  // of the firmware; invalid: they are forgotten with the machine
  std::vector<DiskConfig> disks;
  AioMode aio = AioMode::kAuto;
  DiskErrorSink disk_error;  // there where a disk has OnDiskError::kStop
  std::vector<NicConfig> nics;
  BytePort* agent = nullptr;  // outlives the machine; nullptr: the guest has no port for an agent

  uint32_t code_cache_mib = 64;
  uint32_t tlb_max_entries = 32768;  // per bank
  translator::TierPolicy tier = translator::TierPolicy::kCompile;
  uint64_t random_eviction_seed = 0;
  translator::TraceOptions trace;
  UniqueFd perf_map;  // invalid: none
  // Code of the machine whose state this one goes on from: see TranslatorOptions. Invalid: none.
  UniqueFd sealed_code;
  translator::MemoryAccess memory_access = translator::MemoryAccess::kGroups;
};

}  // namespace emu
