// Where gdb connects: a listening socket, or connections that the daemon has accepted.
#pragma once

#include <memory>

#include "vmm/base/unique_fd.h"
#include "vmm/process/io_loop.h"
#include "vmm/process/state_driver.h"

namespace emu {

// One gdb at a time; another's connection is closed. Sockets are the I/O loop's, what gdb asks for
// is done on the state driver's thread. Of a peer that sends faster than it is answered no more is
// read.
class GdbServer {
 public:
  // `driver` and `loop` outlive the server.
  GdbServer(StateDriver& driver, IoLoop& loop);
  ~GdbServer();

  // The loop's thread, or before it runs. `listener` is a listening stream socket.
  void Listen(UniqueFd listener);
  // The loop's thread: takes up a connected stream socket.
  void Attach(UniqueFd connection);
  // The loop's thread.
  bool is_attached() const { return connection_ != nullptr; }
  // The driver's thread: the guest has ended.
  void NoteExit(uint8_t code);

 private:
  class Connection;
  struct Host;

  void Accept();
  void Serve();
  void Watch();
  void Drop();

  StateDriver& driver_;
  IoLoop& loop_;
  UniqueFd listener_;
  std::shared_ptr<Connection> connection_;  // the loop's thread
  bool is_watched_ = false;
  const std::shared_ptr<Host> host_;  // its insides are for the driver's thread
};

}  // namespace emu
