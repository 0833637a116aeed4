#include <algorithm>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "client/cloud_init.h"
#include "client/commands/commands.h"
#include "client/disk_option.h"
#include "client/duration.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "client/format/progress.h"
#include "client/forward.h"
#include "client/manifest.h"
#include "client/size.h"
#include "emud/v1/vm.grpc.pb.h"

namespace emu::client {
namespace {

struct Flags {
  std::string name, file, arch, memory, image, kernel, initrd, append, firmware, flash, restart,
      request_id;
  std::string ttl, idle_timeout, on_idle, on_expiry;
  uint32_t cpus = 0;
  uint32_t code_cache_mib = 0;
  uint32_t gic_version = 0;
  std::string net;
  std::vector<std::string> disks, forwards, labels;
  CloudInitFlags cloud_init;
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
    {"suspend", emud::v1::Lifecycle::SUSPEND}};

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
  if (!flags.ttl.empty() && !ReadTime("--ttl", flags.ttl, *lifecycle.mutable_ttl(), error)) {
    return false;
  }
  return flags.idle_timeout.empty() ||
         ReadTime("--idle-timeout", flags.idle_timeout, *lifecycle.mutable_idle_timeout(), error);
}

// "user,bus=pci,tftp=/srv/tftp,bootfile=grub.efi".
bool ParseNetwork(const std::string& text, emud::v1::Nic& nic) {
  std::stringstream parts(text);
  std::string part;
  std::getline(parts, part, ',');
  nic.set_mode(emud::v1::Nic::USER);
  if (part != "user") return false;
  while (std::getline(parts, part, ',')) {
    const std::string value = part.substr(part.find('=') + 1);
    if (part == "bus=pci") {
      nic.set_bus(emud::v1::Disk::VIRTIO_PCI);
    } else if (part.starts_with("tftp=")) {
      nic.mutable_boot_server()->set_folder(value);
    } else if (part.starts_with("bootfile=")) {
      nic.mutable_boot_server()->set_boot_file(value);
    } else {
      return false;
    }
  }
  return true;
}

// A forward needs a network, so it is one.
bool AddNetwork(const Flags& flags, emud::v1::VmSpec& spec, std::string& error) {
  if (!flags.net.empty() || (!flags.forwards.empty() && spec.nics().empty())) {
    if (!ParseNetwork(flags.net.empty() ? "user" : flags.net, *spec.add_nics())) {
      error = "--net " + flags.net + ": give user, user,bus=pci or user,tftp=FOLDER,bootfile=NAME";
      return false;
    }
  }
  for (const std::string& text : flags.forwards) {
    if (!ParseForward(text, *spec.mutable_nics(spec.nics_size() - 1)->add_forwards(), error)) {
      return false;
    }
  }
  return true;
}

// The image's disk is the first, so that it is what its kernel calls so.
bool AddDisks(const Flags& flags, emud::v1::VmSpec& spec, std::string& error) {
  if (!flags.image.empty()) {
    emud::v1::Disk first;
    if (!ParseDisk("image=" + flags.image, first, error)) return false;
    *spec.add_disks() = std::move(first);
    std::rotate(spec.mutable_disks()->begin(), spec.mutable_disks()->end() - 1,
                spec.mutable_disks()->end());
  }
  for (const std::string& disk : flags.disks) {
    if (!ParseDisk(disk, *spec.add_disks(), error)) return false;
  }
  return true;
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
  for (const std::string& label : flags.labels) {
    const size_t equals = label.find('=');
    if (equals == std::string::npos || equals == 0) {
      error = "--label " + label + ": give KEY=VALUE";
      return false;
    }
    (*request.mutable_labels())[label.substr(0, equals)] = label.substr(equals + 1);
  }
  if (!SetLifecycle(flags, *spec.mutable_lifecycle(), error)) return false;
  request.set_request_id(flags.request_id);
  request.set_validate_only(flags.validate_only);
  emud::v1::Machine& machine = *spec.mutable_machine();
  if (!flags.arch.empty()) machine.set_arch(flags.arch);
  if (flags.cpus != 0) machine.set_cpus(flags.cpus);
  if (flags.gic_version != 0) machine.set_gic_version(flags.gic_version);
  if (flags.code_cache_mib != 0) machine.set_code_cache_mib(flags.code_cache_mib);
  if (!flags.memory.empty()) {
    uint64_t mib = 0;
    if (!ParseMib(flags.memory, mib)) {
      error = "--memory " + flags.memory + ": give a size like 512M or 2G";
      return false;
    }
    machine.set_memory_mib(mib);
  }
  emud::v1::Boot& boot = *spec.mutable_boot();
  if (!flags.kernel.empty()) boot.set_kernel(flags.kernel);
  if (!flags.initrd.empty()) boot.set_initrd(flags.initrd);
  if (!flags.firmware.empty()) boot.set_firmware(flags.firmware);
  if (!flags.flash.empty()) boot.set_flash(flags.flash);
  if (!flags.append.empty()) boot.set_cmdline(flags.append);
  if (!AddDisks(flags, spec, error)) return false;
  if (!AddNetwork(flags, spec, error) || !SetCloudInit(flags.cloud_init, spec, error)) return false;
  MakeAbsolute("", spec);
  return true;
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
      ->add_option("--arch", flags->arch,
                   "guest architecture (default: what its image is for, else riscv64)")
      ->type_name("{aarch64,riscv64}");
  command->add_option("--cpus", flags->cpus, "processors, 1 to 8 (default 1)")
      ->check(CLI::PositiveNumber);
  command->add_option("--memory", flags->memory,
                      "RAM, like 512M or 2G (default: what its image wishes, else 512M)");
  command
      ->add_option(
          "--image", flags->image,
          "NAME[,size=8G]: an image of emud's; its first disk is of it, and it boots as the "
          "image says, unless --kernel and so on do")
      ->type_name("IMAGE");
  command->add_option("--kernel", flags->kernel, "Linux Image, plain or gzip'ed")
      ->type_name("FILE");
  command->add_option("--initrd", flags->initrd, "initial RAM disk")->type_name("FILE");
  command->add_option("--append", flags->append, "kernel command line");
  command->add_option("--firmware", flags->firmware, "ELF or raw image that runs from reset")
      ->type_name("FILE");
  command
      ->add_option("--flash", flags->flash,
                   "raw image that runs in the flash, like EDK2, in place of a kernel")
      ->type_name("FILE");
  command
      ->add_option(
          "--disk", flags->disks,
          "PATH[,format=raw|qcow2], image=NAME[,size=8G] or volume=NAME, then [,readonly][,bus=pci]"
          "[,id=ID][,cache=C][,werror=E][,rerror=E]: disk image, raw unless told otherwise, or one "
          "of emud's, which stays as it is, or a volume, which outlives the VM; may be repeated. C "
          "is as in QEMU: writeback (default), "
          "none, writethrough, directsync or unsafe. PATH,media=cdrom is a CD (an ISO image) in "
          "a SCSI drive. E is stop (pause the VM, try again on "
          "resume; default of writes) or report (to the guest)")
      ->allow_extra_args(false)
      ->type_name("FILE");
  command->add_option(
      "--net", flags->net,
      "user[,bus=pci][,tftp=FOLDER][,bootfile=NAME]: a network behind the host's; its "
      "card on PCI; firmware boots NAME in FOLDER from it");
  command
      ->add_option("--forward", flags->forwards,
                   "tcp or udp, port of the host (0: any), of the guest: tcp:8080:80; with --net "
                   "user; may be repeated")
      ->allow_extra_args(false)
      ->type_name("P:[A:]H:G");
  command
      ->add_option("--user-data", flags->cloud_init.user_data,
                   "for cloud-init in the guest: #cloud-config, or a script; - is standard input")
      ->type_name("FILE");
  command
      ->add_option("--ssh-key", flags->cloud_init.ssh_keys,
                   "public key for the image's own user, or the file that has it; may be repeated")
      ->allow_extra_args(false)
      ->type_name("FILE|KEY");
  command->add_option("--hostname", flags->cloud_init.hostname,
                      "of the guest, by cloud-init (default with --user-data or --ssh-key: NAME)");
  command
      ->add_option("--gic-version", flags->gic_version,
                   "aarch64: of the interrupt controller, 2 or 3 (the default)")
      ->check(CLI::IsMember({2, 3}));
  command->add_option("--code-cache-mib", flags->code_cache_mib,
                      "memory for translated code (default: a quarter of the guest's, 64 to 256)");
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
