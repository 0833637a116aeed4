// A CD-ROM drive as a SCSI logical unit, with its disc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "devices/scsi/scsi_spec.h"
#include "vmm/base/state_visitor.h"

namespace emu::scsi {

// Sense data in the fixed format.
std::vector<std::byte> FixedSense(const Sense& sense);

// How a command ended.
struct Reply {
  // Bytes of the disc, whole blocks inside it.
  struct Extent {
    uint64_t offset;
    uint64_t size_bytes;
  };
  Sense sense = kNoSense;             // else there is nothing more
  std::vector<std::byte> data = {};   // at most what the command has allocated
  Sense news = kNoSense;              // of the medium, for drivers
  std::optional<Extent> extent = {};  // what is to be read, in place of data
};

// Understands commands, and moves no data of the disc itself. Every byte of a command is the
// guest's. With the device lock held.
class CdRom {
 public:
  using Command = std::span<const std::byte, kCommandBytes>;

  // `serial` is what it is known by; what does not fill a block at the end of the disc is not
  // there.
  CdRom(uint64_t disc_bytes, std::string serial);

  Reply Execute(Command command);
  // The same for a unit of its target that does not exist.
  static Reply ExecuteForNobody(Command command);
  // Of the bus, or of this unit: the disc is in, the tray is closed, and the driver hears of it.
  void Reset();

  void VisitState(StateVisitor& visitor);
  absl::Status AfterRestore() const;

 private:
  Reply Do(Operation operation, Command command);
  Sense TakeAttention();
  Sense CheckMedium() const;
  Reply Inquire(Command command) const;
  Reply SenseModes(Command command, bool is_long) const;
  Reply Read(uint64_t block, uint64_t count) const;
  Reply ReadCapacity10() const;
  Reply ReadCapacity16(Command command) const;
  Reply ReadToc(Command command) const;
  Reply GetConfiguration(Command command) const;
  Reply GetEventStatus(Command command);
  Reply ReadDiscInformation(Command command) const;
  Reply StartOrStop(Command command);
  Reply PreventRemoval(Command command);

  const uint64_t blocks_;
  const std::string serial_;
  bool tells_of_reset_ = true;  // the next command is told that, in place of being done
  MediaEvent event_ = MediaEvent::kNone;
  bool is_open_ = false;
  bool is_locked_ = false;
};

}  // namespace emu::scsi
