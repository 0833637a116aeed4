// Translated blocks as text, for whoever holds the other end of a pipe.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "translator/debug.h"
#include "vmm/base/unique_fd.h"
#include "vmm/process/io_loop.h"
#include "vmm/process/state_driver.h"

namespace emu {

// For the loop's thread. The text is written by processors' threads, which never wait for the
// reader: what the pipe does not take is lost, and said so. A trace ends when the reader closes its
// end.
class TraceServer {
 public:
  // `driver` and `loop` outlive the server.
  TraceServer(StateDriver& driver, IoLoop& loop) : driver_(driver), loop_(loop) {}
  ~TraceServer();

  // `pipe` does not block. `done` is called on the loop's thread with TranslatorDebug::StartTrace's
  // status, FAILED_PRECONDITION while another trace runs among them.
  using Done = std::function<void(const absl::Status& status)>;
  void Start(const translator::TraceOptions& options, UniqueFd pipe, Done done);

 private:
  class Stream;

  void Stop();

  StateDriver& driver_;
  IoLoop& loop_;
  std::shared_ptr<Stream> stream_;
};

}  // namespace emu
