#include <cstdio>
#include <memory>
#include <string>

#include "client/commands/commands.h"
#include "client/commands/operation_follow.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "emud/v1/vm.grpc.pb.h"

namespace emu::client {
namespace {

struct Flags {
  BatchFlags batch;
  std::string etag;
};

int Remove(const Flags& flags, const Options& options) {
  if (NeedsOperation(flags.batch)) {
    if (flags.etag.empty()) return RunOperation(flags.batch, options);
    std::fprintf(stderr,
                 "emuctl: --etag is of one VM: give one NAME and neither --filter nor "
                 "--no-wait\n");
    return kUsage;
  }
  const auto stub = emud::v1::VmService::NewStub(Connect(options));
  emud::v1::DeleteVmRequest request;
  request.set_name(flags.batch.request.vms(0));
  request.set_force(flags.batch.request.force());
  request.set_request_id(flags.batch.request.request_id());
  request.set_etag(flags.etag);
  grpc::ClientContext context;
  google::protobuf::Empty nothing;
  const int code = Report(stub->DeleteVm(&context, request, &nothing), options.endpoint);
  if (code == kDone) Print(options.output, nothing, "");
  return code;
}

}  // namespace

void AddVmRemove(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("rm", "Delete VMs (not their disks)");
  auto flags = std::make_shared<Flags>();
  flags->batch.request.set_verb(emud::v1::DELETE);
  AddBatchFlags(*command, flags->batch);
  command->add_flag_callback(
      "--force", [flags] { flags->batch.request.set_force(true); }, "even while they run");
  command->add_option("--etag", flags->etag, "only if the VM still has this one");
  command->footer(
      "Examples:\n"
      "  emuctl vm rm web1 --force\n"
      "  emuctl vm rm --filter 'labels.course=\"os\"' --force\n"
      "A VM whose spec.lifecycle.protected is set stays: emuctl vm update web1 --set \\\n"
      "    spec.lifecycle.protected=false");
  command->callback([flags, &session] { session.code = Remove(*flags, session.options); });
}

}  // namespace emu::client
