// The VM's side of the control socket: requests become the state driver's commands, its changes of
// state become events.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "vm/v1/vm_control.pb.h"
#include "vmm/base/unique_fd.h"
#include "vmm/process/console_ring.h"
#include "vmm/process/io_loop.h"
#include "vmm/process/state_driver.h"
#include "vmm/process/trace_server.h"

namespace emu {

inline constexpr uint32_t kControlProtocol = 1;

// Who takes the descriptors that come along: connections to gdb, networks and the agent, pipes for
// traces.
struct ControlSinks {
  std::function<void(UniqueFd connection)> gdb = {};
  std::function<bool()> has_gdb = {};  // whether one is attached
  // False: there is no such network card.
  std::function<bool(uint32_t index, UniqueFd connection)> nic = {};
  // False: there is no agent in the guest.
  std::function<bool(UniqueFd connection)> agent = {};
  std::function<void(const translator::TraceOptions& options, UniqueFd pipe,
                     TraceServer::Done done)>
      trace = {};
};

// Lives on the I/O loop's thread, but for the Note functions.
class ControlService {
 public:
  // `listener` is a listening SOCK_SEQPACKET socket; everything referred to outlives the service.
  ControlService(std::string uid, UniqueFd listener, StateDriver& driver, ConsoleRing& console,
                 IoLoop& loop, ControlSinks sinks = {});
  ~ControlService();

  // Before the loop runs: what is answered to Hello.
  void TellSandbox(const vm::v1::Response::Sandbox& sandbox) { sandbox_ = sandbox; }

  // After the loop has stopped: gives peers that still read a moment to take what they are owed, so
  // that who asked for the last thing hears that it was done.
  void FlushBeforeClosing();

  // Any thread: tells the peers. Console notes are merged until the loop comes to them.
  void NoteState(VmState state);
  void NoteConsoleAdvanced();
  void NoteSaveAdvanced(uint64_t done_bytes, uint64_t total_bytes);

 private:
  // A connection. Nothing is lost on a peer that reads slowly, and what waits for it is bounded:
  // while something does, no request is taken from it; states and console notes are merged.
  struct Peer {
    UniqueFd socket;
    uint64_t id = 0;      // never given again, as descriptors are
    uint32_t events = 0;  // that the loop watches
    std::deque<vm::v1::ControlMessage> unsent = {};
    bool console_moved = false;
  };

  void Accept();
  void Serve(int fd, uint32_t events);
  void Receive(int fd);
  void Drop(int fd);
  void Answer(int fd, uint64_t seq, vm::v1::Response response);
  void StartTrace(int fd, const vm::v1::ControlMessage& message, UniqueFd pipe);
  StateSave ToSave(int fd, const vm::v1::ControlMessage& message, UniqueFd file);
  void TakeSnapshot(int fd, const vm::v1::ControlMessage& message, std::vector<UniqueFd> files);
  // Answers the peer with `status`, if it is still the one that `id` names.
  void AnswerLater(int fd, uint64_t id, uint64_t seq, const absl::Status& status,
                   const vm::v1::SavedState& saved);
  // Has the state driver's thread look, and answers when it has.
  void InspectLater(int fd, const vm::v1::ControlMessage& message);
  vm::v1::Response Obey(const vm::v1::Request& request, UniqueFd passed);
  // Sends what waits for the peer, as far as it takes it; may drop the peer.
  void Flush(int fd);
  void FlushAll();

  const std::string uid_;
  const UniqueFd listener_;
  StateDriver& driver_;
  ConsoleRing& console_;
  IoLoop& loop_;
  const ControlSinks sinks_;
  std::optional<vm::v1::Response::Sandbox> sandbox_;
  std::map<int, Peer> peers_;
  uint64_t last_peer_id_ = 0;
  std::atomic<bool> console_noted_ = false;
  std::atomic<bool> save_noted_ = false;
};

}  // namespace emu
