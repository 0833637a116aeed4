// A VM for one run, which nobody has to remember.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "client/endpoint.h"
#include "emud/v1/vm.grpc.pb.h"

namespace emu::client {

// It lives on a lease: its time to live is a few minutes, and moved on as long as this process
// lives. So it is gone in the end, whoever is killed: emuctl, the daemon, the machine.
class Sandbox {
 public:
  // From now on SIGINT, SIGTERM, SIGHUP and the end of `timeout` delete the VM. Before other
  // threads are started: all of them must leave the signals to this.
  Sandbox(const Options& options, std::chrono::seconds timeout);
  // Deletes it, unless it was kept.
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  // Makes and starts what `create` says, under a name that nobody else has.
  grpc::Status Start(emud::v1::CreateVmRequest create);
  // Likewise with one of a pool.
  grpc::Status Acquire(const std::string& pool);
  const std::string& name() const { return name_; }

  // 0, or the exit code of what has ended it: 124 for the time, 128 + n for a signal. Any thread.
  int ended_by() const { return ended_by_; }
  // It stays, as any other VM does.
  grpc::Status Keep();

 private:
  using Clock = std::chrono::steady_clock;

  void KeeperMain();
  // Calls what makes it.
  grpc::Status Make(const std::function<grpc::Status(grpc::ClientContext&)>& call);
  // How long it may live from its creation on; 0: for ever.
  grpc::Status SetTimeToLive(std::chrono::seconds time);
  void Delete();

  const Options& options_;
  const Clock::time_point begin_ = Clock::now();
  const Clock::time_point deadline_;
  const std::string name_;
  const int signals_fd_;
  const int stop_fd_;
  std::atomic<int> ended_by_ = 0;
  std::mutex mutex_;
  bool is_made_ = false;  // under mutex_, as what is done to the VM
  std::thread keeper_;
};

}  // namespace emu::client
