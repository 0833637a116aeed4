// Asks emud as many questions a second as it is told, and says how long the answers took.
//
//   api_load ENDPOINT CALL RATE SECONDS    CALL: get, list, update, clone, acquire
//
// clone makes a VM of the snapshot `warm` and starts it: the answer comes when its guest runs.
// acquire takes one that waits in the pool `warm`. Calls have times at which they are due, whether
// or not earlier ones were answered by then: what waits for its turn counts. Prints one line of
// JSON; latencies in milliseconds.
#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "emud/v1/pool.grpc.pb.h"
#include "emud/v1/vm.grpc.pb.h"

namespace {

using Clock = std::chrono::steady_clock;
using emud::v1::PoolService;
using emud::v1::VmService;

constexpr int kThreads = 8;
constexpr int kPageSize = 50;

// What one thread has seen.
struct Record {
  std::vector<double> latencies_ms;
  uint64_t errors = 0;
};

// Of one connection.
struct Stubs {
  explicit Stubs(const std::shared_ptr<grpc::Channel>& channel)
      : vms(VmService::NewStub(channel)), pools(PoolService::NewStub(channel)) {}
  std::unique_ptr<VmService::Stub> vms;
  std::unique_ptr<PoolService::Stub> pools;
};

std::vector<std::string> NamesOf(const Stubs& stubs) {
  emud::v1::ListVmsRequest request;
  emud::v1::ListVmsResponse response;
  std::vector<std::string> names;
  request.set_page_size(1000);
  grpc::ClientContext context;
  if (!stubs.vms->ListVms(&context, request, &response).ok()) return names;
  for (const emud::v1::Vm& vm : response.vms()) names.push_back(vm.name());
  return names;
}

grpc::Status Get(const Stubs& stubs, const std::string& name, uint64_t /*number*/) {
  grpc::ClientContext context;
  emud::v1::GetVmRequest request;
  emud::v1::Vm response;
  request.set_name(name);
  return stubs.vms->GetVm(&context, request, &response);
}

grpc::Status List(const Stubs& stubs, const std::string& /*name*/, uint64_t /*number*/) {
  grpc::ClientContext context;
  emud::v1::ListVmsRequest request;
  emud::v1::ListVmsResponse response;
  request.set_page_size(kPageSize);
  return stubs.vms->ListVms(&context, request, &response);
}

grpc::Status Update(const Stubs& stubs, const std::string& name, uint64_t number) {
  grpc::ClientContext context;
  emud::v1::UpdateVmRequest request;
  emud::v1::Vm response;
  request.mutable_vm()->set_name(name);
  (*request.mutable_vm()->mutable_labels())["number"] = std::to_string(number);
  request.mutable_update_mask()->add_paths("labels");
  return stubs.vms->UpdateVm(&context, request, &response);
}

grpc::Status Clone(const Stubs& stubs, const std::string& /*name*/, uint64_t number) {
  emud::v1::CreateVmRequest create;
  emud::v1::StartVmRequest start;
  emud::v1::Vm response;
  create.set_name("clone-" + std::to_string(getpid()) + "-" + std::to_string(number));
  create.set_source_snapshot("warm");
  start.set_name(create.name());
  grpc::ClientContext creating, starting;
  const grpc::Status created = stubs.vms->CreateVm(&creating, create, &response);
  return created.ok() ? stubs.vms->StartVm(&starting, start, &response) : created;
}

grpc::Status Acquire(const Stubs& stubs, const std::string& /*name*/, uint64_t number) {
  grpc::ClientContext context;
  emud::v1::AcquireVmRequest request;
  emud::v1::Vm response;
  request.set_pool("warm");
  request.set_name("acquired-" + std::to_string(getpid()) + "-" + std::to_string(number));
  return stubs.pools->AcquireVm(&context, request, &response);
}

using Call = std::function<grpc::Status(const Stubs&, const std::string&, uint64_t)>;

double At(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<size_t>(share * static_cast<double>(sorted.size() - 1))];
}

int Run(const std::string& endpoint, const std::string& name, const Call& call, double rate,
        double seconds) {
  const auto total = static_cast<uint64_t>(rate * seconds);
  const auto interval = std::chrono::duration<double>(1 / rate);
  std::vector<Record> records(kThreads);
  std::vector<std::thread> threads;
  // Everybody is connected before the first call is due.
  Clock::time_point begin;
  std::barrier connected(kThreads, [&begin]() noexcept { begin = Clock::now(); });
  for (uint64_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      // Each has a connection of its own.
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      const Stubs stubs(
          grpc::CreateCustomChannel(endpoint, grpc::InsecureChannelCredentials(), arguments));
      const std::vector<std::string> names = NamesOf(stubs);
      connected.arrive_and_wait();
      Record& record = records[thread];
      for (uint64_t number = thread; number < total; number += kThreads) {
        const auto due = begin + std::chrono::duration_cast<Clock::duration>(
                                     static_cast<double>(number) * interval);
        std::this_thread::sleep_until(due);
        const bool ok = !names.empty() && call(stubs, names[number % names.size()], number).ok();
        if (!ok) ++record.errors;
        record.latencies_ms.push_back(
            std::chrono::duration<double, std::milli>(Clock::now() - due).count());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double taken = std::chrono::duration<double>(Clock::now() - begin).count();

  std::vector<double> all;
  uint64_t errors = 0;
  for (const Record& record : records) {
    all.insert(all.end(), record.latencies_ms.begin(), record.latencies_ms.end());
    errors += record.errors;
  }
  if (all.empty()) return 1;
  std::sort(all.begin(), all.end());
  std::printf(
      "{\"call\": \"%s\", \"calls\": %zu, \"errors\": %lu, \"per_second\": %.0f, \"p50\": %.2f, "
      "\"p99\": %.2f, \"max\": %.2f}\n",
      name.c_str(), all.size(), errors, static_cast<double>(all.size()) / taken, At(all, 0.5),
      At(all, 0.99), all.back());
  return errors == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string name = argc == 5 ? argv[2] : "";
  const Call call = name == "get"       ? Call(Get)
                    : name == "list"    ? Call(List)
                    : name == "update"  ? Call(Update)
                    : name == "clone"   ? Call(Clone)
                    : name == "acquire" ? Call(Acquire)
                                        : Call();
  const double rate = argc == 5 ? std::atof(argv[3]) : 0;
  const double seconds = argc == 5 ? std::atof(argv[4]) : 0;
  if (!call || rate <= 0 || seconds <= 0) {
    std::fprintf(stderr, "usage: api_load ENDPOINT get|list|update|clone|acquire RATE SECONDS\n");
    return 2;
  }
  return Run(argv[1], name, call, rate, seconds);
}
