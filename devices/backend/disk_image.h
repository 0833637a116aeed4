// An image of a disk: calls that wait for the host.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "devices/backend/disk.h"
#include "devices/backend/file_transfer.h"

namespace emu {

// Every function that answers false does so after an error of the host or of the image, which has
// been logged. Not thread-safe, but for Plan and what it allows.
class DiskImage {
 public:
  enum class ZeroMode : uint8_t { kMayUnmap, kKeepAllocated };

  virtual ~DiskImage() = default;

  virtual uint64_t size_bytes() const = 0;
  virtual bool is_readonly() const = 0;

  // The files whose transfers Plan gives.
  virtual void ForEachFile(const std::function<void(HostFile&)>& visit) = 0;

  // How a request can be carried out beside others.
  enum class Way : uint8_t {
    kTransfers,  // those that were appended; EndTransfers when all are over
    kBeside,     // by Perform, on any thread
    kAlone,      // by Perform, one such request after another
  };
  // What Plan may do to find out: kNothing never waits.
  enum class Effort : uint8_t { kNothing, kReadTables };
  struct Planned {
    Way way = Way::kAlone;
    uint64_t epoch = 0;  // of kTransfers: what EndTransfers wants to know
  };
  // Any thread. Spans of a read that are known to be zeroes are filled at once.
  virtual Planned Plan(const DiskRequest& request, Effort effort,
                       std::vector<FileTransfer>& transfers) = 0;
  // Any thread, leaf locks only.
  virtual void EndTransfers(uint64_t /*epoch*/) {}
  // A part of Plan for the image on top of this one, which has locked them both: false if the range
  // has to be read by Read.
  [[nodiscard]] virtual bool PlanRead(std::span<const iovec> spans, uint64_t offset, Effort effort,
                                      std::vector<FileTransfer>& transfers) = 0;

  // Whatever `request` asks for; its spans are used up. 0, or an errno.
  [[nodiscard]] virtual int Perform(DiskRequest& request);

  // Whole transfers; spans are used up. The caller keeps offset and length within size_bytes().
  [[nodiscard]] virtual bool Read(std::span<iovec> spans, uint64_t offset) = 0;
  [[nodiscard]] virtual bool Write(std::span<iovec> spans, uint64_t offset) = 0;

  // Everything written before is on the host's disk. Once this has failed it fails for ever.
  [[nodiscard]] virtual bool Flush() = 0;
  // The same, and the image's files are as they will be when it has been closed.
  [[nodiscard]] virtual bool Settle() { return Flush(); }

  // The range's contents do not matter any more; they read as zeroes where that can be done.
  [[nodiscard]] virtual bool Discard(uint64_t offset, uint64_t size) = 0;
  [[nodiscard]] virtual bool WriteZeroes(uint64_t offset, uint64_t size, ZeroMode mode) = 0;

 private:
  bool Do(DiskRequest& request);
};

}  // namespace emu
