// The consoles of all VMs: their logs, which a thread of this writes, and their keyboards.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "daemon/console/console_log.h"
#include "daemon/console/keyboard.h"
#include "daemon/console_reader.h"
#include "daemon/vm_table.h"

namespace emu::daemon {

// One VM's. Lives as long as somebody uses it, also after the VM.
struct Console {
  std::string uid;
  std::shared_ptr<ConsoleReader> ring;
  std::shared_ptr<ConsoleLog> log;
  Keyboard keyboard;

  // From the ring where that still has them, else from the log: at most `limit` bytes from
  // `offset`, or from the first byte after it that is kept. Empty if there are none yet.
  ConsoleReader::Bytes Read(uint64_t offset, size_t limit) const;
  uint64_t oldest_offset() const;
};

// For every thread.
class Consoles {
 public:
  // `vms` outlives this. Logging begins at once.
  explicit Consoles(VmTable& vms);
  ~Consoles();

  // NOT_FOUND if there is no such VM.
  absl::StatusOr<std::shared_ptr<Console>> Open(const std::string& name);

 private:
  void LoggerMain();
  std::string NameOf(const std::string& uid) const;  // empty once it is deleted
  // Opens the consoles of new VMs, forgets those of deleted ones; all there are.
  std::vector<std::shared_ptr<Console>> Refresh();

  VmTable& vms_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Console>> consoles_ ABSL_GUARDED_BY(mutex_);  // by uid
  std::atomic<bool> is_stopping_ = false;
  std::thread logger_;
};

}  // namespace emu::daemon
