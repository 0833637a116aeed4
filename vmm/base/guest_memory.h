// The memory of one VM: page frames, owned or shared with others, and the one gate
// through which write permission to a page is granted.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vmm/base/address.h"
#include "vmm/base/unique_fd.h"

namespace emu {

// Why writing to a page is withheld. A page may be withheld for several reasons at once.
enum class WithholdReason : uint8_t { kCode = 0, kDirtyLog = 1, kSnapshot = 2, kCopyOnWrite = 3 };
inline constexpr size_t kWithholdReasonCount = 4;

// Told on the writing thread before write permission to a page is granted; it does what its reason
// asks (note the code page as dirty, copy the page away). Called with the gate's lock held: it must
// not call back into the gate and must not wait for a vCPU.
class WriteGateObserver {
 public:
  virtual ~WriteGateObserver() = default;
  // Asked just before, likewise: false if it has no room. The writing thread waits then, without
  // the gate's lock, until WakeWriters, and asks again.
  virtual bool HasRoom() { return true; }
  virtual void BeforeWriteGranted(GuestPhysAddr page) = 0;
};

enum class MemoryKind : uint8_t { kRam, kRom };

// RAM and ROM of one VM. Thread-safe: pages may be asked for from every thread. Host pointers stay
// valid for the life of the object; their contents are shared with running vCPUs.
class GuestMemory {
 public:
  GuestMemory();
  ~GuestMemory();
  GuestMemory(const GuestMemory&) = delete;
  GuestMemory& operator=(const GuestMemory&) = delete;

  // Adds `size` bytes (a multiple of the page size) of zero-filled memory at `base`, committed
  // lazily out of a memfd. Errors: INVALID_ARGUMENT for an overlap or a bad alignment,
  // RESOURCE_EXHAUSTED when the host refuses. Before any vCPU runs.
  absl::Status AddRegion(GuestPhysAddr base, uint64_t size, MemoryKind kind);

  // The 4096 bytes of the page that holds `address`, or nullptr where there is no memory.
  const std::byte* PageForRead(GuestPhysAddr address) const;

  // The same for writing: passes the gate (observers run, reasons are lifted) and may therefore
  // return another host page than PageForRead did before. nullptr where there is no RAM (ROM too).
  std::byte* PageForWrite(GuestPhysAddr address);

  // The same for loaders, who fill ROM too.
  std::byte* PageForLoading(GuestPhysAddr address);

  // True if a write to this page needs no gate: then PageForRead's pointer may be written to.
  bool IsWritable(GuestPhysAddr address) const;

  // Withholds write permission from a page. The caller revokes what it had handed out (TLB
  // entries) itself, with the world stopped where others may hold it.
  void Withhold(GuestPhysAddr page, WithholdReason reason);
  bool IsWithheld(GuestPhysAddr page, WithholdReason reason) const;
  // The same for every page, ROM's too.
  void WithholdAll(WithholdReason reason);
  // Takes the reason from the pages of [base, base + size), which are all of one region. Says of
  // each whether it still had it: then nobody was granted writing since it was withheld.
  std::vector<bool> Lift(GuestPhysAddr base, uint64_t size, WithholdReason reason);
  // Has those ask again whom an observer without room keeps waiting.
  void WakeWriters();
  // At most one observer for each reason; set before any vCPU runs. nullptr removes it.
  void SetObserver(WithholdReason reason, WriteGateObserver* observer);

  // Copies across pages. False (and nothing copied beyond the first bad page) where a page is not
  // there. Write ignores MemoryKind only through `WriteRom`, which loaders use.
  [[nodiscard]] bool Read(GuestPhysAddr address, std::span<std::byte> into) const;
  [[nodiscard]] bool Write(GuestPhysAddr address, std::span<const std::byte> from);
  [[nodiscard]] bool WriteRom(GuestPhysAddr address, std::span<const std::byte> from);

  struct RegionInfo {
    GuestPhysAddr base;
    uint64_t size_bytes;
    MemoryKind kind;
  };
  std::vector<RegionInfo> regions() const;

  // Where the bytes of one page live. An owned frame is anonymous memory of this process. A shared
  // frame belongs to a snapshot that others may map too and is copied before it is written.
  struct Frame {
    enum class Ownership : uint8_t { kOwned, kShared };
    static constexpr int kNoFile = -1;
    int file;              // borrowed
    uint64_t file_offset;  // of an owned frame: in its region
    Ownership ownership;
  };
  // No value where there is no memory.
  std::optional<Frame> FrameAt(GuestPhysAddr address) const;

  // Replaces the contents of [base, base + size), page aligned and inside one region, by those of
  // `file` from `file_offset` (page aligned) on, without copying: the frames are shared and are
  // copied one by one at the first write to each. `file` is not written to, and nobody else may
  // write to it; one descriptor is shared by all runs of its frames. Errors: INVALID_ARGUMENT,
  // RESOURCE_EXHAUSTED. No vCPU runs.
  absl::Status ShareFrames(GuestPhysAddr base, uint64_t size, std::shared_ptr<const UniqueFd> file,
                           uint64_t file_offset);

 private:
  struct Region;

  Region* FindRegion(GuestPhysAddr address) const;
  std::byte* Grant(Region& region, GuestPhysAddr address);
  bool HaveRoom(uint8_t withheld) const;                        // gate_mutex_ is held
  static void OwnFrame(Region& region, GuestPhysAddr address);  // gate_mutex_ is held
  template <typename Visit>
  static bool ForEachPage(GuestPhysAddr address, uint64_t size, Visit&& visit);

  std::vector<std::unique_ptr<Region>> regions_;  // ordered by base, disjoint
  mutable std::mutex gate_mutex_;
  std::condition_variable room_;
  std::array<WriteGateObserver*, kWithholdReasonCount> observers_ = {};
};

}  // namespace emu
