// How something that takes long goes on, on standard error.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace emu::client {

// A line that is drawn again and again at a terminal, a line of JSON for each change where that is
// asked for, nothing else. For every thread. Gone, as far as a terminal goes, when this is.
class Progress {
 public:
  struct State {
    std::string stage;  // what it is at
    int percent = -1;   // -1: nobody knows
    uint32_t vms_done = 0;
    uint32_t vms_total = 0;
    uint64_t bytes_done = 0;
    uint64_t bytes_total = 0;  // 0: not about bytes, or nobody knows
  };

  // `mode` is auto (a terminal's line, if there is one), json or none. `target` may be text of any
  // length.
  Progress(const std::string& mode, std::string verb, std::string target);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Update(const State& state);

 private:
  using Clock = std::chrono::steady_clock;
  enum class Form : uint8_t { kNone, kTerminal, kJson };

  void Tick();
  std::string Line() const;  // under mutex_
  void WriteJson(const std::string& stage) const;

  const Form form_;
  const std::string verb_;
  const std::string target_;
  const Clock::time_point begun_ = Clock::now();
  std::mutex mutex_;
  std::condition_variable ended_;
  bool has_ended_ = false;
  State state_;
  std::thread ticker_;
};

}  // namespace emu::client
