#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client/commands/commands.h"
#include "client/duration.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "client/format/progress.h"
#include "client/labels.h"
#include "client/manifest.h"
#include "client/vm_flags.h"
#include "emud/v1/vm.grpc.pb.h"

namespace emu::client {
namespace {

struct Flags {
  VmFlags vm;
  std::string name, file, from, restart, request_id;
  std::string ttl, idle_timeout, on_idle, on_expiry, on_host_shutdown;
  std::vector<std::string> labels;
  bool start = false;
  bool validate_only = false;
};

const std::map<std::string, emud::v1::Lifecycle::RestartPolicy> kRestartPolicies = {
    {"never", emud::v1::Lifecycle::NEVER},
    {"on-crash", emud::v1::Lifecycle::ON_CRASH},
    {"always", emud::v1::Lifecycle::ALWAYS}};

const std::map<std::string, emud::v1::Lifecycle::IdleAction> kIdleActions = {
    {"stop", emud::v1::Lifecycle::STOP},
    {"delete", emud::v1::Lifecycle::DELETE},
    {"suspend", emud::v1::Lifecycle::SUSPEND},
    {"leave", emud::v1::Lifecycle::LEAVE}};

bool ReadTime(const char* flag, const std::string& text, google::protobuf::Duration& time,
              std::string& error) {
  int64_t seconds = 0;
  if (!ParseSeconds(text, seconds)) {
    error = std::string(flag) + " " + text + ": give 90s, 20m or 2h";
    return false;
  }
  time.set_seconds(seconds);
  return true;
}

bool SetLifecycle(const Flags& flags, emud::v1::Lifecycle& lifecycle, std::string& error) {
  if (!flags.restart.empty()) lifecycle.set_restart_policy(kRestartPolicies.at(flags.restart));
  if (!flags.on_idle.empty()) lifecycle.set_on_idle(kIdleActions.at(flags.on_idle));
  if (!flags.on_expiry.empty()) lifecycle.set_on_expiry(kIdleActions.at(flags.on_expiry));
  if (!flags.on_host_shutdown.empty()) {
    lifecycle.set_on_host_shutdown(kIdleActions.at(flags.on_host_shutdown));
  }
  if (!flags.ttl.empty() && !ReadTime("--ttl", flags.ttl, *lifecycle.mutable_ttl(), error)) {
    return false;
  }
  return flags.idle_timeout.empty() ||
         ReadTime("--idle-timeout", flags.idle_timeout, *lifecycle.mutable_idle_timeout(), error);
}

bool BuildRequest(const Flags& flags, emud::v1::CreateVmRequest& request, std::string& error) {
  emud::v1::VmSpec& spec = *request.mutable_spec();
  if (!flags.file.empty()) {
    emud::v1::VmManifest manifest;
    if (!ReadManifest(flags.file, manifest, error)) return false;
    spec = manifest.spec();
    request.set_name(manifest.metadata().name());
    *request.mutable_labels() = manifest.metadata().labels();
    *request.mutable_annotations() = manifest.metadata().annotations();
  }
  if (!flags.name.empty()) request.set_name(flags.name);
  if (!ReadLabels("--label", flags.labels, *request.mutable_labels(), error)) return false;
  if (!SetLifecycle(flags, *spec.mutable_lifecycle(), error)) return false;
  request.set_source_snapshot(flags.from);
  request.set_request_id(flags.request_id);
  request.set_validate_only(flags.validate_only);
  return SetVmFlags(flags.vm, spec, error);
}

void Undo(emud::v1::VmService::Stub& stub, const std::string& name) {
  emud::v1::DeleteVmRequest request;
  request.set_name(name);
  request.set_force(true);
  grpc::ClientContext context;
  google::protobuf::Empty nothing;
  const grpc::Status status = stub.DeleteVm(&context, request, &nothing);
  std::fprintf(stderr, status.ok() ? "emuctl: %s is deleted again\n" : "emuctl: %s is left\n",
               name.c_str());
}

int Create(const Flags& flags, const Options& options) {
  emud::v1::CreateVmRequest request;
  std::string error;
  if (!BuildRequest(flags, request, error)) {
    std::fprintf(stderr, "emuctl: %s\n", error.c_str());
    return kUsage;
  }
  const auto stub = emud::v1::VmService::NewStub(Connect(options));
  emud::v1::Vm vm;
  grpc::ClientContext create;
  if (const auto status = stub->CreateVm(&create, request, &vm); !status.ok()) {
    return Report(status, options.endpoint);
  }
  if (flags.start && !flags.validate_only) {
    emud::v1::StartVmRequest start;
    start.set_name(vm.name());
    start.set_request_id(flags.request_id);
    grpc::ClientContext context;
    grpc::Status status;
    {
      const Progress progress(options.progress, "start", vm.name());
      status = stub->StartVm(&context, start, &vm);
    }
    if (!status.ok()) {
      const int code = Report(status, options.endpoint);
      // Asked for as one, undone as one; but where nobody knows how it went, nothing is touched.
      if (code != kUnavailable) Undo(*stub, request.name());
      return code;
    }
  }
  PrintVms(options.output, vm, {vm}, VmTable({vm}));
  return kDone;
}

}  // namespace

void AddVmCreate(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("create", "Make a VM");
  auto flags = std::make_shared<Flags>();
  command->add_option("NAME", flags->name, "name: a-z, 0-9 and -, beginning with a letter")
      ->type_name("NEW");
  command
      ->add_option(
          "-f,--file", flags->file,
          "read the VM from a YAML file (kind: Vm), - is standard input; flags override it")
      ->type_name("FILE");
  command
      ->add_option("--from", flags->from,
                   "go on where this snapshot was: with --label, --forward and what says how "
                   "long it lives alone; the rest is the snapshot's")
      ->type_name("SNAPSHOT");
  AddVmFlags(*command, flags->vm);
  command->add_option("--label", flags->labels, "KEY=VALUE; may be repeated")
      ->allow_extra_args(false);
  command
      ->add_option("--restart", flags->restart,
                   "never (default), on-crash, or always: also when the guest powers off")
      ->check(CLI::IsMember({"never", "on-crash", "always"}));
  command->add_option("--ttl", flags->ttl, "delete it so long after it was made: 90s, 20m, 2h");
  command
      ->add_option(
          "--on-expiry", flags->on_expiry,
          "when --ttl is over: delete (default), or stop or suspend, so long after its start")
      ->check(CLI::IsMember({"delete", "stop", "suspend"}));
  command->add_option("--idle-timeout", flags->idle_timeout,
                      "do what --on-idle says once nobody has used it so long");
  command->add_option("--on-idle", flags->on_idle, "stop (default), suspend or delete")
      ->check(CLI::IsMember({"stop", "suspend", "delete"}));
  command
      ->add_option("--on-host-shutdown", flags->on_host_shutdown,
                   "suspend (default) or stop, and started again afterwards, or delete or leave")
      ->check(CLI::IsMember({"suspend", "stop", "delete", "leave"}));
  command->add_option(
      "--request-id", flags->request_id,
      "an id of yours, best a UUID: asked for again with it, nothing is done twice");
  command->add_flag("--dry-run", flags->validate_only, "check, show what would be, make nothing");
  command->add_flag("--start", flags->start,
                    "start it too; if that fails, the VM is deleted again");
  command->footer(
      "Examples:\n"
      "  emuctl vm create web1 --arch riscv64 --memory 512M --kernel linux --initrd initrd.gz \\\n"
      "      --append 'console=ttyS0 rdinit=/bin/sh' --start\n"
      "  emuctl vm create arm1 --arch aarch64 --kernel linux --append console=ttyAMA0 --start\n"
      "  emuctl vm create web2 --kernel linux --disk root.img --disk tools.img,readonly\n"
      "  emuctl vm create web3 --kernel linux --disk overlay.qcow2,format=qcow2,cache=none\n"
      "  emuctl vm create lab1 --image debian:13/riscv64,size=8G --memory 1G --start\n"
      "  emuctl vm create lab2 --kernel linux --disk image=debian:13/riscv64 --disk "
      "image=tools,readonly\n"
      "  emuctl vm create lab3 --image debian:13/riscv64 --disk volume=data --start\n"
      "  emuctl vm create web4 --kernel linux --disk root.img --forward tcp:8080:80 --start\n"
      "  emuctl vm create inst1 --flash AAVMF_CODE.fd --arch aarch64 \\\n"
      "      --net user,tftp=/srv/tftp,bootfile=grubaa64.efi --start\n"
      "  emuctl vm create web5 --flash code.fd --disk root.img --ssh-key ~/.ssh/id_ed25519.pub \\\n"
      "      --forward tcp:0:22 --start\n"
      "  emuctl vm create web6 --from warm --forward tcp:8081:80 --start\n"
      "  emuctl vm create -f vm.yaml --memory 2G\n"
      "  emuctl vm create ci-17 --kernel linux --ttl 2h --idle-timeout 20m --on-idle delete "
      "--start\n"
      "A vm.yaml, whose paths start from its own folder:\n"
      "  apiVersion: emud.dev/v1\n"
      "  kind: Vm\n"
      "  metadata: {name: web1, labels: {team: core}}\n"
      "  spec:\n"
      "    machine: {arch: riscv64, cpus: 2, memoryMib: 512}\n"
      "    boot: {kernel: linux, initrd: initrd.gz, cmdline: console=ttyS0}\n"
      "    disks: [{path: root.img}, {path: tools.qcow2, format: QCOW2, readonly: true}, {image: "
      "data, sizeMib: 8192}]\n"
      "    nics: [{mode: USER, forwards: [{protocol: TCP, hostPort: 8080, guestPort: 80}]}]\n"
      "    cloudInit: {hostname: lab1, sshKeys: [ssh-ed25519 AAAA... me]}\n"
      "    consoles: [{id: serial0, type: UART}]");
  command->callback([flags, &session] { session.code = Create(*flags, session.options); });
}

}  // namespace emu::client
