// One gdb that is attached to a VM: the remote serial protocol in all-stop mode (Debugging with
// GDB, appendix E). Each processor is a thread, numbered from 1.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vmm/gdb/packet.h"
#include "vmm/gdb/target.h"

namespace emu::gdb {

// For one thread. Whatever the peer sends, nothing happens but what the protocol allows it:
// answers, and what it asks of the target.
class Session {
 public:
  using Send = std::function<void(std::string_view bytes)>;

  // Holds the target. `target` outlives the session.
  Session(Target& target, Send send);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Bytes from gdb.
  void Receive(std::string_view bytes);
  // Processor `vcpu` has stopped by itself; the target holds all of them.
  void NoteStop(uint32_t vcpu, const translator::DebugStop& stop);
  // The guest has ended.
  void NoteExit(uint8_t code);

  // The connection is gone: takes all stops out and lets the guest go on.
  void End();

  // After gdb has detached: the connection can be closed.
  bool is_over() const { return is_over_; }

 private:
  using Words = std::string_view;

  void Answer(std::string_view data);
  void Obey(std::string_view packet);
  std::string Execute(std::string_view packet);
  std::string Query(std::string_view packet);
  std::string Set(std::string_view packet);
  std::string Monitor(std::string_view digits);
  std::string SupportedFeatures() const;
  std::string TransferDescription(std::string_view range) const;
  std::string ThreadList() const;

  // session_data.cc
  std::string ReadCoreRegisters();
  std::string WriteCoreRegisters(std::string_view digits);
  // A register's bytes in hex digits; nothing where the processor has it not.
  std::optional<std::string> ReadBytes(const translator::DebugRegister& known);
  std::string ReadRegister(std::string_view number);
  std::string WriteRegister(std::string_view assignment);
  std::string ReadMemory(std::string_view range);
  enum class Encoding : uint8_t { kHex, kBinary };
  std::string WriteMemory(std::string_view range_and_data, Encoding encoding);
  std::string ChangeStop(std::string_view packet);
  const translator::DebugRegister* FindRegister(uint64_t number) const;
  translator::VcpuDebug& current() { return target_.vcpu(current_); }
  translator::VcpuDebug* viewer() { return is_physical_ ? nullptr : &current(); }

  // session_run.cc: empty where the answer comes with the next stop.
  std::string Continue(std::string_view packet, Target::RunMode mode);
  std::string ContinueEach(std::string_view actions);
  std::string Select(std::string_view packet);
  std::string TellWhyStopped() const;
  void Run(const std::vector<Target::RunMode>& modes);
  // The processor of a thread id; no value if there is none. 0 (any) is the current one.
  std::optional<uint32_t> TakeThread(std::string_view& text) const;

  Target& target_;
  const Send send_;
  PacketReader reader_;
  std::string last_frame_;
  bool is_acknowledging_ = true;
  bool is_running_ = false;
  bool is_over_ = false;
  bool is_physical_ = false;
  uint32_t current_ = 0;  // whose registers and memory are asked for
  std::string last_stop_;
};

}  // namespace emu::gdb
