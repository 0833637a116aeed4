// Where devices' back ends put what may take long.
#pragma once

#include <functional>
#include <string_view>

#include "devices/backend/file_transfer.h"

namespace emu {

// Any thread. All that is posted runs on other threads, with no lock held.
class WorkQueue {
 public:
  virtual ~WorkQueue() = default;

  // One piece of work at a time, in the order of the calls.
  virtual void Post(std::function<void()> work) = 0;

  // In no order and beside other work, where there are threads for that.
  virtual void PostUnordered(std::function<void()> work) { Post(std::move(work)); }
  // The same for a transfer, whose client outlives it.
  virtual void Start(FileTransfer transfer);

  // Before the process is confined: transfers of `file`, which outlives them, will come.
  virtual void Announce(HostFile& /*file*/) {}
  // No transfer of `file` is under way, and none will come. While nobody starts any.
  virtual void Forget(const HostFile& /*file*/) {}

  // How transfers are carried out, as QEMU names it: "io_uring" or "threads".
  virtual std::string_view aio() const { return "threads"; }

  // Returns when all that was posted has run, and what that has posted in turn. Not with the device
  // lock held, which work may want.
  virtual void Drain() = 0;
};

}  // namespace emu
