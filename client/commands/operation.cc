// op list, get, wait, cancel and rm.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "client/commands/commands.h"
#include "client/commands/operation_follow.h"
#include "client/duration.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"

namespace emu::client {
namespace {

using emud::v1::Operation;
using emud::v1::OperationService;

constexpr uint32_t kLargestPage = 1000;

int List(const Options& options) {
  const auto stub = OperationService::NewStub(Connect(options));
  emud::v1::ListOperationsRequest request;
  request.set_page_size(kLargestPage);
  emud::v1::ListOperationsResponse all;
  do {
    grpc::ClientContext context;
    emud::v1::ListOperationsResponse page;
    if (const auto status = stub->ListOperations(&context, request, &page); !status.ok()) {
      return Report(status, options.endpoint);
    }
    request.set_page_token(page.next_page_token());
    all.MergeFrom(page);
    all.clear_next_page_token();
  } while (!request.page_token().empty());
  const std::vector<Operation> operations(all.operations().begin(), all.operations().end());
  if (options.output == "name") {
    for (const Operation& operation : operations) std::printf("%s\n", operation.id().c_str());
  } else {
    Print(options.output, all, OperationTable(operations));
  }
  return kDone;
}

template <typename Request>
using Method = grpc::Status (OperationService::Stub::*)(grpc::ClientContext*, const Request&,
                                                        Operation*);

template <typename Request>
grpc::Status Ask(OperationService::Stub& stub, Method<Request> method, const std::string& id,
                 Operation& operation) {
  Request request;
  request.set_id(id);
  grpc::ClientContext context;
  return (stub.*method)(&context, request, &operation);
}

int Get(const std::string& id, const Options& options) {
  const auto stub = OperationService::NewStub(Connect(options));
  Operation operation;
  const auto status = Ask<emud::v1::GetOperationRequest>(
      *stub, &OperationService::Stub::GetOperation, id, operation);
  if (!status.ok()) return Report(status, options.endpoint);
  // How it went is what is asked for; that it went badly is no failure of asking.
  (void)ShowOperation(operation, options);
  return kDone;
}

int Cancel(const std::string& id, const Options& options) {
  const auto stub = OperationService::NewStub(Connect(options));
  Operation operation;
  const auto status = Ask<emud::v1::CancelOperationRequest>(
      *stub, &OperationService::Stub::CancelOperation, id, operation);
  if (!status.ok()) return Report(status, options.endpoint);
  PrintOperation(operation, OperationTable({operation}), options);
  return kDone;
}

int Remove(const std::string& id, const Options& options) {
  const auto stub = OperationService::NewStub(Connect(options));
  emud::v1::DeleteOperationRequest request;
  request.set_id(id);
  grpc::ClientContext context;
  google::protobuf::Empty nothing;
  const int code = Report(stub->DeleteOperation(&context, request, &nothing), options.endpoint);
  if (code == kDone) Print(options.output, nothing, "");
  return code;
}

int Wait(const std::string& id, const std::string& timeout, const Options& options) {
  int64_t seconds = -1;
  if (!timeout.empty() && !ParseSeconds(timeout, seconds)) {
    std::fprintf(stderr, "emuctl: --timeout %s: give 30s, 5m or 1h\n", timeout.c_str());
    return kUsage;
  }
  const auto stub = OperationService::NewStub(Connect(options));
  Operation operation;
  auto status = Ask<emud::v1::GetOperationRequest>(*stub, &OperationService::Stub::GetOperation, id,
                                                   operation);
  if (status.ok()) status = FollowOperation(*stub, options, seconds, operation);
  if (!status.ok()) return Report(status, options.endpoint);
  const int code = ShowOperation(operation, options);
  return operation.done() ? code : int{kConditionFalse};
}

CLI::App* AddVerb(CLI::App& parent, Session& session, const char* verb, const char* help,
                  int (*run)(const std::string&, const Options&)) {
  auto* command = parent.add_subcommand(verb, help);
  auto id = std::make_shared<std::string>();
  command->add_option("OPERATION", *id, "its id, as list has it")->required();
  command->callback([id, run, &session] { session.code = run(*id, session.options); });
  return command;
}

}  // namespace

void AddOperations(CLI::App& parent, Session& session) {
  auto* group = parent.add_subcommand("op", "Work that goes on: of --no-wait, and of many VMs");
  group->require_subcommand(1);
  group->fallthrough();
  group->footer(
      "Examples:\n"
      "  emuctl op list\n"
      "  emuctl op wait $(emuctl vm stop --filter 'labels.course=\"os\"' --no-wait -o name)");
  auto* list = group->add_subcommand("list", "Show all, the newest first");
  list->footer("Example:\n  emuctl op list -o json\nThey are kept for a day after their end.");
  list->callback([&session] { session.code = List(session.options); });
  AddVerb(*group, session, "get", "Show what has become of each VM", &Get)
      ->footer("Example:\n  emuctl op get 0192f3a1-7c7e-7000-8000-4e5b0f2a9d11 -o yaml");
  AddVerb(*group, session, "cancel", "Begin with no further VM", &Cancel)
      ->footer(
          "Example:\n  emuctl op cancel 0192f3a1-7c7e-7000-8000-4e5b0f2a9d11\n"
          "What has begun is finished.");
  AddVerb(*group, session, "rm", "Forget one that is done", &Remove)
      ->footer("Example:\n  emuctl op rm 0192f3a1-7c7e-7000-8000-4e5b0f2a9d11");
  auto* wait = group->add_subcommand("wait", "Wait until it is done");
  auto id = std::make_shared<std::string>();
  auto timeout = std::make_shared<std::string>();
  wait->add_option("OPERATION", *id, "its id, as list has it")->required();
  wait->add_option("--timeout", *timeout, "30s, 5m, 1h (default: for ever)");
  wait->footer(
      "Example:\n  emuctl op wait 0192f3a1-7c7e-7000-8000-4e5b0f2a9d11 --timeout 5m\n"
      "Exits 8 when the time is over and it is not done, else as its VMs would have it.");
  wait->callback([id, timeout, &session] { session.code = Wait(*id, *timeout, session.options); });
  for (CLI::App* command : group->get_subcommands({})) command->fallthrough();
}

}  // namespace emu::client
