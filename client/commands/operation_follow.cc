#include "client/commands/operation_follow.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "client/format/progress.h"
#include "google/protobuf/util/time_util.h"

namespace emu::client {
namespace {

using emud::v1::Operation;
using emud::v1::OperationService;
using emud::v1::VmResult;
using Clock = std::chrono::steady_clock;

// How often what is shown is asked for.
constexpr int kPeriodMs = 250;

std::string Lower(std::string word) {
  std::transform(word.begin(), word.end(), word.begin(), ::tolower);
  return word;
}

std::string ResultTable(const Operation& operation) {
  std::vector<std::vector<std::string>> rows;
  for (const VmResult& vm : operation.results()) {
    rows.push_back({vm.vm(), VmResult::State_Name(vm.state()),
                    vm.error().message().empty() ? "-" : vm.error().message()});
  }
  return rows.empty() ? "no VM was meant\n" : ToTable({"VM", "RESULT", "ERROR"}, rows);
}

}  // namespace

void PrintOperation(const Operation& operation, const std::string& table, const Options& options) {
  if (options.output == "name") {
    std::printf("%s\n", operation.id().c_str());
  } else {
    Print(options.output, operation, table);
  }
}

void AddBatchFlags(CLI::App& command, BatchFlags& flags) {
  command.add_option_function<std::vector<std::string>>(
      "NAME",
      [&flags](const std::vector<std::string>& names) {
        for (const std::string& name : names) flags.request.add_vms(name);
      },
      "the VM, or several");
  command.add_option_function<std::string>(
      "--filter", [&flags](const std::string& text) { flags.request.set_filter(text); },
      "all of which this is true, as for emuctl vm list");
  command.add_flag("--no-wait", flags.no_wait,
                   "leave as soon as it is begun, and show the operation (emuctl op)");
  command.add_option_function<std::string>(
      "--request-id", [&flags](const std::string& id) { flags.request.set_request_id(id); },
      "an id of yours, best a UUID: asked for again with it, nothing is done twice");
}

bool NeedsOperation(const BatchFlags& flags) {
  return flags.no_wait || flags.request.vms_size() != 1 || !flags.request.filter().empty();
}

int RunOperation(const BatchFlags& flags, const Options& options) {
  if (flags.request.vms().empty() == flags.request.filter().empty()) {
    std::fprintf(stderr, "emuctl: give NAME, or several, or --filter\n");
    return kUsage;
  }
  const auto stub = OperationService::NewStub(Connect(options));
  grpc::ClientContext context;
  Operation operation;
  if (const auto status = stub->BeginOperation(&context, flags.request, &operation); !status.ok()) {
    return Report(status, options.endpoint);
  }
  if (flags.no_wait) {
    PrintOperation(operation, OperationTable({operation}), options);
    return kDone;
  }
  if (const auto status = FollowOperation(*stub, options, -1, operation); !status.ok()) {
    return Report(status, options.endpoint);
  }
  return ShowOperation(operation, options);
}

grpc::Status FollowOperation(OperationService::Stub& stub, const Options& options, int64_t seconds,
                             Operation& operation) {
  Progress progress(options.progress, Lower(Verb_Name(operation.metadata().verb())),
                    operation.metadata().target());
  const Clock::time_point begun = Clock::now();
  emud::v1::WaitOperationRequest request;
  request.set_id(operation.id());
  *request.mutable_timeout() = google::protobuf::util::TimeUtil::MillisecondsToDuration(kPeriodMs);
  while (true) {
    const emud::v1::OperationMetadata& now = operation.metadata();
    progress.Update(
        {now.stage(), static_cast<int>(now.progress_percent()), now.vms_done(), now.vms_total()});
    const bool is_over = seconds >= 0 && Clock::now() - begun >= std::chrono::seconds(seconds);
    if (operation.done() || is_over) return grpc::Status::OK;
    grpc::ClientContext context;
    if (auto status = stub.WaitOperation(&context, request, &operation); !status.ok()) {
      return status;
    }
  }
}

int ShowOperation(const Operation& operation, const Options& options) {
  PrintOperation(operation, ResultTable(operation), options);
  if (!operation.has_error()) return kDone;
  const auto code = static_cast<grpc::StatusCode>(operation.error().code());
  std::fprintf(stderr, "emuctl: %s\n", operation.error().message().c_str());
  return ToExitCode(grpc::Status(code, operation.error().message()));
}

std::optional<int> FollowToSuccess(const std::shared_ptr<grpc::Channel>& channel,
                                   const Options& options, bool no_wait, Operation& operation) {
  if (!no_wait) {
    const auto stub = OperationService::NewStub(channel);
    if (const auto status = FollowOperation(*stub, options, -1, operation); !status.ok()) {
      return Report(status, options.endpoint);
    }
  }
  if (no_wait || operation.has_error()) return ShowOperation(operation, options);
  return std::nullopt;
}

std::string OperationTable(const std::vector<Operation>& operations) {
  using google::protobuf::util::TimeUtil;
  std::vector<std::vector<std::string>> rows;
  for (const Operation& operation : operations) {
    const emud::v1::OperationMetadata& metadata = operation.metadata();
    const std::string state = !operation.done()                   ? "RUNNING"
                              : !operation.has_error()            ? "SUCCEEDED"
                              : metadata.requested_cancellation() ? "CANCELLED"
                                                                  : "FAILED";
    rows.push_back({operation.id(), Verb_Name(metadata.verb()), metadata.target(), state,
                    metadata.vms_total() == 0 ? std::to_string(metadata.progress_percent()) + "%"
                                              : std::to_string(metadata.vms_done()) + "/" +
                                                    std::to_string(metadata.vms_total()),
                    metadata.stage(), TimeUtil::ToString(metadata.create_time())});
  }
  return ToTable({"OPERATION", "VERB", "TARGET", "STATE", "DONE", "STAGE", "BEGUN"}, rows);
}

}  // namespace emu::client
