// emuctl vm forward: ports of the host that lead into a VM.
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "client/commands/commands.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "client/forward.h"
#include "emud/v1/vm.grpc.pb.h"

namespace emu::client {
namespace {

using emud::v1::Forward;
using emud::v1::Vm;

// The daemon opens forwards at once; a network that has died comes again within a second.
constexpr int kLooks = 50;
constexpr std::chrono::milliseconds kBetweenLooks(100);

struct Flags {
  std::string name, forward;
};

grpc::Status Get(emud::v1::VmService::Stub& stub, const std::string& name, Vm& vm) {
  emud::v1::GetVmRequest request;
  request.set_name(name);
  grpc::ClientContext context;
  return stub.GetVm(&context, request, &vm);
}

bool IsSame(const Forward& one, const Forward& other) {
  const std::string address = other.host_address().empty() ? "127.0.0.1" : other.host_address();
  return one.protocol() == other.protocol() && one.host_address() == address &&
         one.host_port() == other.host_port() && one.guest_port() == other.guest_port();
}

// Until every forward is open or has failed, where there is a process.
grpc::Status Settle(emud::v1::VmService::Stub& stub, Vm& vm) {
  for (int look = 0; look < kLooks; ++look) {
    if (const grpc::Status status = Get(stub, vm.name(), vm); !status.ok()) return status;
    int wanted = 0;
    int told = 0;
    for (const emud::v1::Nic& nic : vm.spec().nics()) wanted += nic.forwards_size();
    for (const emud::v1::NicStatus& nic : vm.nics()) told += nic.forwards_size();
    if (vm.pid() == 0 || told == wanted) break;
    std::this_thread::sleep_for(kBetweenLooks);
  }
  return grpc::Status::OK;
}

// False: `error` says why.
using Change = std::function<bool(const Forward& forward, Vm& vm, std::string& error)>;

bool Add(const Forward& forward, Vm& vm, std::string& error) {
  if (vm.spec().nics().empty()) {
    error = vm.name() + " has no network; give it one while it is stopped: emuctl vm update " +
            vm.name() + " --set spec.nics='[{mode: USER}]'";
    return false;
  }
  *vm.mutable_spec()->mutable_nics(0)->add_forwards() = forward;
  return true;
}

bool Remove(const Forward& forward, Vm& vm, std::string& error) {
  for (emud::v1::Nic& nic : *vm.mutable_spec()->mutable_nics()) {
    for (int i = 0; i < nic.forwards_size(); ++i) {
      if (!IsSame(nic.forwards(i), forward)) continue;
      nic.mutable_forwards()->DeleteSubrange(i, 1);
      return true;
    }
  }
  error = vm.name() + " has no forward " + ForwardText(forward) + "; see emuctl vm forward list " +
          vm.name();
  return false;
}

int Run(const Flags& flags, const Change& change, const Options& options) {
  const auto stub = emud::v1::VmService::NewStub(Connect(options));
  Vm vm;
  grpc::Status status = Get(*stub, flags.name, vm);
  if (status.ok() && change) {
    Forward forward;
    std::string error;
    if (!ParseForward(flags.forward, forward, error) || !change(forward, vm, error)) {
      std::fprintf(stderr, "emuctl: %s\n", error.c_str());
      return kUsage;
    }
    emud::v1::UpdateVmRequest request;
    request.mutable_update_mask()->add_paths("spec.nics");
    request.mutable_vm()->set_name(vm.name());
    request.mutable_vm()->set_etag(vm.etag());
    *request.mutable_vm()->mutable_spec()->mutable_nics() = vm.spec().nics();
    grpc::ClientContext context;
    status = stub->UpdateVm(&context, request, &vm);
  }
  if (status.ok()) status = Settle(*stub, vm);
  if (!status.ok()) return Report(status, options.endpoint);
  PrintVms(options.output, vm, {vm}, ForwardTable(vm));
  return kDone;
}

CLI::App& AddCommand(CLI::App& parent, Session& session, const char* verb, const char* help,
                     const Change& change) {
  auto* command = parent.add_subcommand(verb, help);
  auto flags = std::make_shared<Flags>();
  command->add_option("NAME", flags->name, "the VM")->required();
  if (change) {
    command
        ->add_option("FORWARD", flags->forward,
                     "tcp or udp, the host's port (0: any) and the guest's: tcp:8080:80")
        ->required()
        ->type_name("P:[A:]H:G");
  }
  command->callback(
      [flags, change, &session] { session.code = Run(*flags, change, session.options); });
  return *command;
}

}  // namespace

void AddVmForward(CLI::App& parent, Session& session) {
  auto* forward =
      parent.add_subcommand("forward", "Ports of the host that lead into a VM, running or not");
  forward->require_subcommand(1);
  AddCommand(*forward, session, "add", "Open one", Add)
      .footer(
          "Examples:\n"
          "  emuctl vm forward add web1 tcp:8080:80\n"
          "  emuctl vm forward add web1 tcp:0:22        # any port: see the list");
  AddCommand(*forward, session, "remove", "Close one; connections through it go on", Remove)
      .footer("Example:\n  emuctl vm forward remove web1 tcp:8080:80");
  AddCommand(*forward, session, "list", "Show them, with the ports that were chosen", nullptr)
      .footer("Example:\n  emuctl vm forward list web1");
  forward->footer(
      "Examples:\n"
      "  emuctl vm forward add web1 tcp:8080:80\n"
      "  emuctl vm forward remove web1 tcp:8080:80\n"
      "  emuctl vm forward list web1");
}

}  // namespace emu::client
