#include <memory>
#include <string>
#include <vector>

#include "client/commands/commands.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "client/labels.h"
#include "client/manifest.h"
#include "emud/v1/vm.grpc.pb.h"

namespace emu::client {
namespace {

struct Flags {
  std::vector<std::string> labels, annotations, fields;
  bool validate_only = false;
};

bool BuildRequest(const Flags& flags, emud::v1::UpdateVmRequest& request) {
  emud::v1::Vm& vm = *request.mutable_vm();
  google::protobuf::FieldMask& mask = *request.mutable_update_mask();
  std::string wrong;
  if (!ReadNoteChanges("--label", flags.labels, "labels", *vm.mutable_labels(), mask, wrong) ||
      !ReadNoteChanges("--annotation", flags.annotations, "annotations", *vm.mutable_annotations(),
                       mask, wrong)) {
    std::fprintf(stderr, "emuctl: %s\n", wrong.c_str());
    return false;
  }
  for (const std::string& field : flags.fields) {
    const size_t equals = field.find('=');
    std::string error = "give FIELD=VALUE, like spec.machine.cpus=2";
    const std::string path = field.substr(0, equals);
    if (equals == std::string::npos || !SetField(path, field.substr(equals + 1), vm, error)) {
      std::fprintf(stderr, "emuctl: --set %s: %s\n", field.c_str(), error.c_str());
      return false;
    }
    mask.add_paths(path);
  }
  if (!mask.paths().empty()) return true;
  std::fprintf(stderr, "emuctl: nothing is to change; give --label, --annotation or --set\n");
  return false;
}

int Update(const Flags& flags, emud::v1::UpdateVmRequest request, const Options& options) {
  if (!BuildRequest(flags, request)) return kUsage;
  const auto stub = emud::v1::VmService::NewStub(Connect(options));
  grpc::ClientContext context;
  emud::v1::Vm vm;
  if (const auto status = stub->UpdateVm(&context, request, &vm); !status.ok()) {
    return Report(status, options.endpoint);
  }
  PrintVms(options.output, vm, {vm}, VmDetails(vm));
  return kDone;
}

}  // namespace

void AddVmUpdate(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("update", "Change labels, annotations or the machine");
  auto flags = std::make_shared<Flags>();
  auto request = std::make_shared<emud::v1::UpdateVmRequest>();
  command
      ->add_option_function<std::string>(
          "NAME", [request](const std::string& name) { request->mutable_vm()->set_name(name); },
          "the VM")
      ->required();
  command->add_option("--label", flags->labels, "KEY=VALUE, or KEY-; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--annotation", flags->annotations, "KEY=VALUE, or KEY-; may be repeated")
      ->allow_extra_args(false);
  command
      ->add_option("--set", flags->fields,
                   "FIELD=VALUE, as in YAML; what is below spec, but for spec.lifecycle, while the "
                   "VM is stopped; may be repeated")
      ->allow_extra_args(false);
  command->add_option_function<std::string>(
      "--etag", [request](const std::string& etag) { request->mutable_vm()->set_etag(etag); },
      "only if the VM still has this one");
  command->add_flag_callback(
      "--dry-run", [request] { request->set_validate_only(true); },
      "check, and show what would be");
  AddRequestId(*command, *request, request);
  command->footer(
      "Examples:\n"
      "  emuctl vm update web1 --label team=core --label old-\n"
      "  emuctl vm update web1 --set spec.machine.cpus=2 --set spec.machine.memory_mib=1024\n"
      "  emuctl vm update web1 --set spec.lifecycle.restart_policy=ON_CRASH\n"
      "  emuctl vm update web1 --set spec.lifecycle.ttl=2h --set spec.lifecycle.idle_timeout=20m\n"
      "  emuctl vm update web1 --set spec.lifecycle.protected=true");
  command->callback(
      [flags, request, &session] { session.code = Update(*flags, *request, session.options); });
}

}  // namespace emu::client
