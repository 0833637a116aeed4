// pool create, list, get, update, acquire and rm.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "client/commands/commands.h"
#include "client/commands/list_flags.h"
#include "client/commands/list_pages.h"
#include "client/duration.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "client/labels.h"
#include "emud/v1/pool.grpc.pb.h"

namespace emu::client {
namespace {

using emud::v1::Pool;
using emud::v1::PoolService;

int Usage(const std::string& message) {
  std::fprintf(stderr, "emuctl: %s\n", message.c_str());
  return kUsage;
}

// One or some of `pools`, which are what `message` is about, in any form.
void PrintPools(const std::string& output, const google::protobuf::Message& message,
                const std::vector<Pool>& pools, const std::string& hint = "") {
  if (output == "name") {
    for (const Pool& pool : pools) std::printf("%s\n", pool.name().c_str());
    return;
  }
  std::vector<std::vector<std::string>> rows;
  for (const Pool& pool : pools) {
    rows.push_back({pool.name(), pool.project(), pool.snapshot(),
                    std::to_string(pool.waiting()) + "/" + std::to_string(pool.size()),
                    std::to_string(pool.acquired()),
                    pool.max() == 0 ? "-" : std::to_string(pool.max()),
                    pool.error().empty() ? "-" : pool.error()});
  }
  Print(
      output, message,
      ToTable({"NAME", "PROJECT", "SNAPSHOT", "WAITING", "ACQUIRED", "MAX", "ERROR"}, rows) + hint);
}

// Calls, and shows the pool that is answered.
template <typename Request, typename Method>
int Call(const Options& options, const Request& request, Method method) {
  const auto stub = PoolService::NewStub(Connect(options));
  grpc::ClientContext context;
  Pool pool;
  const grpc::Status status = (stub.get()->*method)(&context, request, &pool);
  if (status.ok()) PrintPools(options.output, pool, {pool});
  return Report(status, options.endpoint);
}

struct CreateFlags {
  emud::v1::CreatePoolRequest request;
  std::vector<std::string> labels, vm_labels;
  std::string ttl;
};

int Create(const CreateFlags& flags, const Options& options) {
  emud::v1::CreatePoolRequest request = flags.request;
  std::string error;
  if (!ReadLabels("--label", flags.labels, *request.mutable_labels(), error) ||
      !ReadLabels("--vm-label", flags.vm_labels, *request.mutable_vm_labels(), error)) {
    return Usage(error);
  }
  int64_t seconds = 0;
  if (!flags.ttl.empty()) {
    if (!ParseSeconds(flags.ttl, seconds)) return Usage("--ttl: give 90s, 20m or 2h");
    request.mutable_spec()->mutable_lifecycle()->mutable_ttl()->set_seconds(seconds);
  }
  return Call(options, request, &PoolService::Stub::CreatePool);
}

int List(const emud::v1::ListPoolsRequest& wanted, const Options& options) {
  const auto stub = PoolService::NewStub(Connect(options));
  emud::v1::ListPoolsResponse all;
  const auto call = [&stub](auto* context, const auto& request, auto* page) {
    return stub->ListPools(context, request, page);
  };
  if (const auto status = ListPages(wanted, call, all); !status.ok()) {
    return Report(status, options.endpoint);
  }
  PrintPools(options.output, all, {all.pools().begin(), all.pools().end()}, NextPageHint(all));
  return kDone;
}

struct UpdateFlags {
  emud::v1::UpdatePoolRequest request;
  std::vector<std::string> labels;
};

int Update(const UpdateFlags& flags, const Options& options) {
  emud::v1::UpdatePoolRequest request = flags.request;
  std::string error;
  auto& labels = *request.mutable_pool()->mutable_labels();
  if (!ReadLabels("--label", flags.labels, labels, error)) return Usage(error);
  for (const auto& [key, value] : labels) {
    request.mutable_update_mask()->add_paths("labels.`" + key + "`");
  }
  if (request.update_mask().paths().empty()) {
    return Usage("nothing is to change; give --size, --max or --label");
  }
  return Call(options, request, &PoolService::Stub::UpdatePool);
}

struct AcquireFlags {
  emud::v1::AcquireVmRequest request;
  std::vector<std::string> labels;
  std::string ttl;
};

int Acquire(const AcquireFlags& flags, const Options& options) {
  emud::v1::AcquireVmRequest request = flags.request;
  std::string error;
  if (!ReadLabels("--label", flags.labels, *request.mutable_labels(), error)) return Usage(error);
  int64_t seconds = 0;
  if (!flags.ttl.empty()) {
    if (!ParseSeconds(flags.ttl, seconds)) return Usage("--ttl: give 90s, 20m or 2h");
    request.mutable_ttl()->set_seconds(seconds);
  }
  const auto stub = PoolService::NewStub(Connect(options));
  grpc::ClientContext context;
  emud::v1::Vm vm;
  const grpc::Status status = stub->AcquireVm(&context, request, &vm);
  if (status.ok()) PrintVms(options.output, vm, {vm}, VmTable({vm}));
  return Report(status, options.endpoint);
}

// The first that fails ends it.
int Remove(const std::vector<std::string>& names, const Options& options) {
  const auto stub = PoolService::NewStub(Connect(options));
  for (const std::string& name : names) {
    emud::v1::DeletePoolRequest request;
    request.set_name(name);
    grpc::ClientContext context;
    google::protobuf::Empty nothing;
    const int code = Report(stub->DeletePool(&context, request, &nothing), options.endpoint);
    if (code != kDone) return code;
  }
  Print(options.output, google::protobuf::Empty(), "");
  return kDone;
}

void AddLabels(CLI::App& command, const char* flag, std::vector<std::string>& labels,
               const std::string& of_what) {
  command.add_option(flag, labels, "KEY=VALUE" + of_what + "; may be repeated")
      ->allow_extra_args(false);
}

void AddCreate(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("create", "Have VMs of a snapshot wait");
  auto flags = std::make_shared<CreateFlags>();
  command
      ->add_option_function<std::string>(
          "NAME", [flags](const std::string& name) { flags->request.set_name(name); },
          "name: a-z, 0-9 and -, beginning with a letter")
      ->type_name("NEW")
      ->required();
  command
      ->add_option_function<std::string>(
          "--snapshot", [flags](const std::string& name) { flags->request.set_snapshot(name); },
          "that they go on from; it stays as long as the pool does")
      ->type_name("SNAPSHOT")
      ->required();
  command
      ->add_option_function<uint32_t>(
          "--size", [flags](uint32_t size) { flags->request.set_size(size); },
          "how many wait, up to 1000")
      ->required();
  command->add_option_function<uint32_t>(
      "--max", [flags](uint32_t max) { flags->request.set_max(max); },
      "how many there are, those that were acquired too (default: as the quota allows)");
  AddLabels(*command, "--label", flags->labels, " of the pool");
  AddLabels(*command, "--vm-label", flags->vm_labels, " of its VMs");
  command->add_option("--ttl", flags->ttl,
                      "how long a VM lives since it was acquired, like 20m (default: as the "
                      "snapshot's)");
  command->add_flag_callback(
      "--dry-run", [flags] { flags->request.set_validate_only(true); },
      "check, show what would be, make nothing");
  AddRequestId(*command, flags->request, flags);
  command->footer("Example:\n  emuctl pool create ci --snapshot warm --size 5 --max 20");
  command->callback([flags, &session] { session.code = Create(*flags, session.options); });
}

void AddList(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("list", "Show pools");
  auto request = std::make_shared<emud::v1::ListPoolsRequest>();
  AddListFlags(*command, request,
               "those of which this is true, as in vm list, with the fields of a pool");
  command->footer(
      "Examples:\n"
      "  emuctl pool list\n"
      "  emuctl pool list --filter 'waiting=0' -o json");
  command->callback([request, &session] { session.code = List(*request, session.options); });
}

void AddGet(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("get", "Show one pool, and what keeps it from being full");
  auto request = std::make_shared<emud::v1::GetPoolRequest>();
  command
      ->add_option_function<std::string>(
          "POOL", [request](const std::string& name) { request->set_name(name); }, "the pool")
      ->required();
  command->footer("Example:\n  emuctl pool get ci -o yaml");
  command->callback([request, &session] {
    session.code = Call(session.options, *request, &PoolService::Stub::GetPool);
  });
}

void AddUpdate(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("update", "Change how many VMs wait, or labels");
  auto flags = std::make_shared<UpdateFlags>();
  emud::v1::UpdatePoolRequest& request = flags->request;
  command
      ->add_option_function<std::string>(
          "POOL", [&request](const std::string& name) { request.mutable_pool()->set_name(name); },
          "the pool")
      ->required();
  command->add_option_function<uint32_t>(
      "--size",
      [&request](uint32_t size) {
        request.mutable_pool()->set_size(size);
        request.mutable_update_mask()->add_paths("size");
      },
      "how many wait; fewer: the others are deleted");
  command->add_option_function<uint32_t>(
      "--max",
      [&request](uint32_t max) {
        request.mutable_pool()->set_max(max);
        request.mutable_update_mask()->add_paths("max");
      },
      "how many there are, those that were acquired too; 0: as the quota allows");
  AddLabels(*command, "--label", flags->labels, "");
  AddRequestId(*command, request, flags);
  command->footer("Example:\n  emuctl pool update ci --size 10");
  command->callback([flags, &session] { session.code = Update(*flags, session.options); });
}

void AddAcquire(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("acquire", "Have a VM of a pool go on, which is yours");
  auto flags = std::make_shared<AcquireFlags>();
  emud::v1::AcquireVmRequest& request = flags->request;
  command
      ->add_option_function<std::string>(
          "POOL", [&request](const std::string& name) { request.set_pool(name); }, "the pool")
      ->required();
  command
      ->add_option_function<std::string>(
          "NAME", [&request](const std::string& name) { request.set_name(name); },
          "what the VM is called from now on (default: the pool's name and a number)")
      ->type_name("NEW");
  AddLabels(*command, "--label", flags->labels, "");
  command->add_option("--ttl", flags->ttl, "it is deleted after this time, like 20m");
  AddRequestId(*command, request, flags);
  command->footer(
      "Where none waits, one is made first, which takes longer.\n"
      "Examples:\n"
      "  emuctl pool acquire ci web1 --ttl 1h\n"
      "  emuctl pool acquire ci -o name");
  command->callback([flags, &session] { session.code = Acquire(*flags, session.options); });
}

void AddRemove(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand(
      "rm", "Delete pools with the VMs that wait; those that were acquired stay");
  auto names = std::make_shared<std::vector<std::string>>();
  command->add_option("POOL", *names, "the pools")->required();
  command->footer("Example:\n  emuctl pool rm ci");
  command->callback([names, &session] { session.code = Remove(*names, session.options); });
}

}  // namespace

void AddPool(CLI::App& parent, Session& session) {
  auto* pool = parent.add_subcommand("pool", "VMs that wait for whoever needs one");
  pool->require_subcommand(1);
  pool->footer(
      "Examples:\n"
      "  emuctl snapshot create warm --vm web1\n"
      "  emuctl pool create ci --snapshot warm --size 5\n"
      "  emuctl pool acquire ci web2\n"
      "  emuctl run --pool ci -- make check\n"
      "VMs that wait are VMs like others: they count in the quota, and vm list shows them, "
      "PAUSED.");
  AddCreate(*pool, session);
  AddList(*pool, session);
  AddGet(*pool, session);
  AddUpdate(*pool, session);
  AddAcquire(*pool, session);
  AddRemove(*pool, session);
  for (CLI::App* command : pool->get_subcommands({})) command->fallthrough();
}

}  // namespace emu::client
