// What the host asks, done; one thread, which waits for everything at once.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "daemon/agent/guest/execution.h"
#include "daemon/agent/guest/port.h"

namespace emu::agent {

class Agent {
 public:
  explicit Agent(Port port);
  // Serves for ever.
  [[noreturn]] void Run();

 private:
  // Those that have ended and that nobody has asked to forget.
  static constexpr size_t kMostExecutions = 256;

  void Wait();
  void Take(const Frame& frame);
  void Hello(const Frame& frame);
  void GoOn(const Frame& frame);
  void Describe(const Frame& frame);
  void Start(const Frame& frame);
  void List(uint64_t question);
  void Reap();
  void SendOutput();

  Port port_;
  File signals_;  // a signalfd
  std::map<uint64_t, std::unique_ptr<Execution>> executions_;
  Execution::Send send_;
  std::string generation_;  // that the guest knows of, if its VM has gone on from a snapshot
  bool is_host_there_ = true;
};

}  // namespace emu::agent
