// One program that the host has asked for: its process, what it reads, and what it says until the
// host has that.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/agent/guest/file.h"
#include "daemon/agent/wire.h"

namespace emu::agent {

// What is asked, taken apart.
struct Command {
  std::string folder;
  std::string user;
  std::vector<std::string> arguments;
  std::vector<std::string> variables;
  bool has_terminal = false;
  uint32_t terminal_size = 0;
};

// False: `data` is no request.
bool ParseCommand(std::span<const std::byte> data, Command& command);

class Execution {
 public:
  using Send = std::function<void(const Header& header, std::span<const std::byte> data)>;

  // `error` is 0, or the errno why there is no process.
  static std::unique_ptr<Execution> Start(uint64_t id, const Command& command, int& error);
  // Kills what still runs.
  ~Execution();
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;

  uint64_t id() const { return id_; }
  pid_t pid() const { return pid_; }
  bool is_running() const { return !has_exited_; }

  // A reader that is new: it has asked for nothing yet.
  void ForgetReader();
  void TakeInput(const Frame& frame, const Send& send);
  void TakeRead(const Frame& frame);
  void Signal(int signal) const;
  void Resize(uint32_t size) const;
  void NoteExit(int status);

  // The descriptors that it waits for, with poll's events; 0: not now.
  struct Wait {
    int fd;
    short events;
  };
  std::vector<Wait> Waits() const;
  // `fd` of Waits is ready. Reads and writes what goes without waiting.
  void Serve(int fd, const Send& send);
  // Sends what the host takes.
  void SendOutput(const Send& send);

 private:
  struct Output {
    File file;
    std::deque<std::byte> kept;
    uint64_t first = 0;   // offset of kept's first byte
    uint64_t sent = 0;    // to the host that is there
    uint64_t wanted = 0;  // by it, up to here
    bool has_ended = false;
    bool is_read = false;  // the host has asked for it
    bool is_end_told = false;
  };

  explicit Execution(uint64_t id) : id_(id) {}

  Output& OutputOf(Stream stream) { return outputs_[stream == Stream::kError ? 1 : 0]; }
  void ReadOutput(Output& output);
  void WriteInput(const Send& send);

  const uint64_t id_;
  pid_t pid_ = 0;
  bool has_terminal_ = false;
  bool has_exited_ = false;
  bool is_exit_told_ = false;
  int status_ = 0;
  File input_;
  std::deque<std::byte> pending_input_;
  uint64_t input_end_ = 0;  // offset behind pending_input_
  bool has_input_ended_ = false;
  std::array<Output, 2> outputs_;
};

}  // namespace emu::agent
