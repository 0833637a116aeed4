#include "client/sandbox.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "emud/v1/pool.grpc.pb.h"

namespace emu::client {
namespace {

using emud::v1::VmService;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Longer than a daemon takes to come again.
constexpr seconds kLease(120);
constexpr seconds kRenewal(30);
constexpr int kTimedOut = 124;

std::string NewName() {
  std::random_device random;
  return absl::StrCat("run-", absl::Hex(random(), absl::kZeroPad8));
}

int OpenSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, number);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  return signalfd(-1, &signals, SFD_CLOEXEC);
}

}  // namespace

Sandbox::Sandbox(const Options& options, seconds timeout)
    : options_(options),
      deadline_(begin_ + timeout),
      name_(NewName()),
      signals_fd_(OpenSignals()),
      stop_fd_(eventfd(0, EFD_CLOEXEC)),
      keeper_([this] { KeeperMain(); }) {}

Sandbox::~Sandbox() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(stop_fd_, &one, sizeof(one));
  keeper_.join();
  Delete();
  close(signals_fd_);
  close(stop_fd_);
}

grpc::Status Sandbox::Make(const std::function<grpc::Status(grpc::ClientContext&)>& call) {
  std::lock_guard lock(mutex_);
  if (ended_by_ != 0) return {grpc::StatusCode::CANCELLED, "ended before it began"};
  grpc::ClientContext context;
  // Nobody knows what became of one that failed: it may be there.
  is_made_ = true;
  const grpc::Status made = call(context);
  if (!made.ok()) is_made_ = made.error_code() == grpc::StatusCode::UNAVAILABLE;
  return made;
}

grpc::Status Sandbox::Start(emud::v1::CreateVmRequest create) {
  const auto stub = VmService::NewStub(Connect(options_));
  create.set_name(name_);
  create.mutable_spec()->mutable_lifecycle()->mutable_ttl()->set_seconds(kLease.count());
  emud::v1::Vm vm;
  const grpc::Status made =
      Make([&](grpc::ClientContext& context) { return stub->CreateVm(&context, create, &vm); });
  if (!made.ok()) return made;
  emud::v1::StartVmRequest start;
  start.set_name(name_);
  grpc::ClientContext context;
  return stub->StartVm(&context, start, &vm);
}

grpc::Status Sandbox::Acquire(const std::string& pool) {
  const auto stub = emud::v1::PoolService::NewStub(Connect(options_));
  emud::v1::AcquireVmRequest request;
  request.set_pool(pool);
  request.set_name(name_);
  request.mutable_ttl()->set_seconds(kLease.count());
  emud::v1::Vm vm;
  return Make(
      [&](grpc::ClientContext& context) { return stub->AcquireVm(&context, request, &vm); });
}

grpc::Status Sandbox::Keep() {
  const grpc::Status kept = SetTimeToLive(seconds(0));
  std::lock_guard lock(mutex_);
  if (kept.ok()) is_made_ = false;
  return kept;
}

void Sandbox::KeeperMain() {
  Clock::time_point renewal = begin_ + kRenewal;
  while (true) {
    const auto next = std::min(renewal, deadline_);
    const auto pause = std::chrono::ceil<milliseconds>(next - Clock::now()).count();
    pollfd fds[] = {{signals_fd_, POLLIN, 0}, {stop_fd_, POLLIN, 0}};
    poll(fds, std::size(fds), static_cast<int>(std::max<int64_t>(pause, 0)));
    if (fds[1].revents != 0) return;
    signalfd_siginfo signal = {};
    if (fds[0].revents != 0 && read(signals_fd_, &signal, sizeof(signal)) == sizeof(signal)) {
      ended_by_ = 128 + static_cast<int>(signal.ssi_signo);
    } else if (Clock::now() >= deadline_) {
      ended_by_ = kTimedOut;
    } else if (Clock::now() >= renewal) {
      renewal += kRenewal;
      const auto lived = std::chrono::ceil<seconds>(Clock::now() - begin_);
      // One that fails is tried again; there are three of them to a lease.
      (void)SetTimeToLive(lived + kLease);
      continue;
    } else {
      continue;
    }
    // Whoever waits for the guest hears of it by the VM's end.
    return Delete();
  }
}

grpc::Status Sandbox::SetTimeToLive(seconds time) {
  emud::v1::UpdateVmRequest request;
  request.mutable_vm()->set_name(name_);
  if (time.count() > 0) {
    request.mutable_vm()->mutable_spec()->mutable_lifecycle()->mutable_ttl()->set_seconds(
        time.count());
  }
  request.mutable_update_mask()->add_paths("spec.lifecycle.ttl");
  const auto stub = VmService::NewStub(Connect(options_));
  std::lock_guard lock(mutex_);
  if (!is_made_) return grpc::Status::OK;
  grpc::ClientContext context;
  emud::v1::Vm vm;
  return stub->UpdateVm(&context, request, &vm);
}

void Sandbox::Delete() {
  std::lock_guard lock(mutex_);
  if (!std::exchange(is_made_, false)) return;
  const auto stub = VmService::NewStub(Connect(options_));
  emud::v1::DeleteVmRequest request;
  request.set_name(name_);
  request.set_force(true);
  grpc::ClientContext context;
  google::protobuf::Empty nothing;
  // Where this fails, the lease ends.
  (void)stub->DeleteVm(&context, request, &nothing);
}

}  // namespace emu::client
