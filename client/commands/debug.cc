// debug regs, mem, devices, stats, gdb and trace: looking into a VM.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "client/commands/commands.h"
#include "client/exit_code.h"
#include "client/format/debug_format.h"
#include "client/format/host_code.h"
#include "client/format/message_format.h"
#include "client/number.h"
#include "emud/v1/debug.grpc.pb.h"

namespace emu::client {
namespace {

using emud::v1::DebugService;

struct Flags {
  std::string name;
  std::string address;
  std::string size = "256";
  std::string device;
  std::string range;
  std::string count;
  std::vector<std::string> stages;
  int vcpu = -1;  // all, or the first
  bool all = false;
  bool physical = false;
  bool raw = false;
};

int ShowRegisters(const Flags& flags, const Options& options) {
  const auto stub = DebugService::NewStub(Connect(options));
  grpc::ClientContext context;
  emud::v1::ReadRegistersRequest request;
  request.set_vm(flags.name);
  emud::v1::ReadRegistersResponse all;
  if (const auto status = stub->ReadRegisters(&context, request, &all); !status.ok()) {
    return Report(status, options.endpoint);
  }
  emud::v1::ReadRegistersResponse wanted;
  for (const emud::v1::VcpuRegisters& vcpu : all.vcpus()) {
    if (flags.vcpu >= 0 && vcpu.vcpu() != static_cast<uint32_t>(flags.vcpu)) continue;
    emud::v1::VcpuRegisters& kept = *wanted.add_vcpus();
    kept.set_vcpu(vcpu.vcpu());
    for (const emud::v1::Register& entry : vcpu.registers()) {
      if (flags.all || entry.group() == "general") *kept.add_registers() = entry;
    }
  }
  if (wanted.vcpus().empty()) {
    std::fprintf(stderr, "emuctl: --vcpu %d: %s has %d, counted from 0\n", flags.vcpu,
                 flags.name.c_str(), all.vcpus_size());
    return kUsage;
  }
  Print(options.output, wanted, RegisterTables(wanted));
  return kDone;
}

int ShowMemory(const Flags& flags, const Options& options) {
  emud::v1::ReadMemoryRequest request;
  uint64_t address = 0;
  uint64_t size = 0;
  if (!ParseNumber(flags.address, address) || !ParseNumber(flags.size, size) || size > UINT32_MAX) {
    std::fprintf(stderr, "emuctl: %s %s: give numbers like 0x80200000 and 256\n",
                 flags.address.c_str(), flags.size.c_str());
    return kUsage;
  }
  request.set_vm(flags.name);
  request.set_address(address);
  request.set_size_bytes(static_cast<uint32_t>(size));
  request.set_physical(flags.physical);
  request.set_vcpu(flags.vcpu < 0 ? 0 : static_cast<uint32_t>(flags.vcpu));
  const auto stub = DebugService::NewStub(Connect(options));
  grpc::ClientContext context;
  emud::v1::ReadMemoryResponse memory;
  if (const auto status = stub->ReadMemory(&context, request, &memory); !status.ok()) {
    return Report(status, options.endpoint);
  }
  if (flags.raw) {
    std::fwrite(memory.data().data(), 1, memory.data().size(), stdout);
  } else {
    Print(options.output, memory, HexDump(memory.address(), memory.data()));
  }
  return kDone;
}

int ShowDevices(const Flags& flags, const Options& options) {
  const auto stub = DebugService::NewStub(Connect(options));
  grpc::ClientContext context;
  emud::v1::ReadDevicesRequest request;
  request.set_vm(flags.name);
  emud::v1::ReadDevicesResponse all;
  if (const auto status = stub->ReadDevices(&context, request, &all); !status.ok()) {
    return Report(status, options.endpoint);
  }
  emud::v1::ReadDevicesResponse wanted;
  for (const emud::v1::DeviceState& device : all.devices()) {
    if (flags.device.empty() || device.name() == flags.device) *wanted.add_devices() = device;
  }
  if (wanted.devices().empty()) {
    std::string names;
    for (const emud::v1::DeviceState& device : all.devices()) names += " " + device.name();
    std::fprintf(stderr, "emuctl: %s is no device of %s; there are%s\n", flags.device.c_str(),
                 flags.name.c_str(), names.c_str());
    return kNotFound;
  }
  Print(options.output, wanted, DeviceTrees(wanted));
  return kDone;
}

int ShowStats(const Flags& flags, const Options& options) {
  const auto stub = DebugService::NewStub(Connect(options));
  grpc::ClientContext context;
  emud::v1::GetVmStatsRequest request;
  request.set_vm(flags.name);
  if (flags.count == "on") request.set_counting(emud::v1::GetVmStatsRequest::ON);
  if (flags.count == "off") request.set_counting(emud::v1::GetVmStatsRequest::OFF);
  emud::v1::VmStats stats;
  if (const auto status = stub->GetVmStats(&context, request, &stats); !status.ok()) {
    return Report(status, options.endpoint);
  }
  Print(options.output, stats, StatsTables(stats));
  return kDone;
}

int OpenGdb(const Flags& flags, const Options& options) {
  const auto stub = DebugService::NewStub(Connect(options));
  grpc::ClientContext context;
  emud::v1::OpenGdbRequest request;
  request.set_vm(flags.name);
  emud::v1::OpenGdbResponse opened;
  if (const auto status = stub->OpenGdb(&context, request, &opened); !status.ok()) {
    return Report(status, options.endpoint);
  }
  std::string text = flags.name;
  text.append(" waits for gdb: gdb-multiarch -ex 'target remote ").append(opened.path());
  text.append("'\n");
  Print(options.output, opened, text);
  return kDone;
}

int ShowTrace(const Flags& flags, const Options& options) {
  emud::v1::TraceRequest request;
  request.set_vm(flags.name);
  for (const std::string& stage : flags.stages) request.add_stages(stage);
  if (!flags.range.empty()) {
    const size_t dash = flags.range.find('-');
    uint64_t first = 0;
    uint64_t last = 0;
    if (!ParseNumber(flags.range.substr(0, dash), first) ||
        !ParseNumber(dash == std::string::npos ? flags.range : flags.range.substr(dash + 1),
                     last)) {
      std::fprintf(stderr, "emuctl: --address %s: give A-B like 0x80200000-0x80300000\n",
                   flags.range.c_str());
      return kUsage;
    }
    request.set_first_address(first);
    request.set_last_address(last);
  }
  const auto stub = DebugService::NewStub(Connect(options));
  grpc::ClientContext context;
  const auto reader = stub->Trace(&context, request);
  emud::v1::TraceChunk chunk;
  HostCodeFilter host_code;
  const auto print = [](const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  };
  while (reader->Read(&chunk)) print(host_code.Feed(chunk.text()));
  print(host_code.Finish());
  return Report(reader->Finish(), options.endpoint);
}

CLI::App* AddVerb(CLI::App& debug, Session& session, const char* verb, const char* help,
                  int (*show)(const Flags&, const Options&), const std::shared_ptr<Flags>& flags) {
  auto* command = debug.add_subcommand(verb, help);
  command->add_option("NAME", flags->name, "the VM")->required();
  command->callback([flags, show, &session] { session.code = show(*flags, session.options); });
  return command;
}

void AddRegisters(CLI::App& debug, Session& session) {
  auto flags = std::make_shared<Flags>();
  auto* command = AddVerb(debug, session, "regs", "Show the registers of every processor",
                          &ShowRegisters, flags);
  command->add_option("--vcpu", flags->vcpu, "of this processor only, counted from 0");
  command->add_flag("--all", flags->all, "floating point and system registers too");
  command->footer("Examples:\n  emuctl debug regs web1\n  emuctl debug regs web1 --all --vcpu 0");
}

void AddMemory(CLI::App& debug, Session& session) {
  auto flags = std::make_shared<Flags>();
  auto* command = AddVerb(debug, session, "mem", "Show memory", &ShowMemory, flags);
  command->add_option("ADDRESS", flags->address, "virtual address, 0x... or decimal")->required();
  command->add_option("SIZE", flags->size, "bytes, at most 1048576")->capture_default_str();
  command->add_flag("--physical", flags->physical, "ADDRESS is physical");
  command->add_option("--vcpu", flags->vcpu, "as this processor sees it (default 0)");
  command->add_flag("--raw", flags->raw, "the bytes as they are");
  command->footer(
      "Examples:\n"
      "  emuctl debug mem web1 0xffffffff80000000 64\n"
      "  emuctl debug mem web1 0x80000000 4096 --physical --raw > page\n"
      "What lies behind the last byte that is mapped is left out.");
}

void AddDevices(CLI::App& debug, Session& session) {
  auto flags = std::make_shared<Flags>();
  auto* command =
      AddVerb(debug, session, "devices", "Show the state of every device", &ShowDevices, flags);
  command->add_option("DEVICE", flags->device, "this one only");
  command->footer("Examples:\n  emuctl debug devices web1\n  emuctl debug devices web1 uart0");
}

void AddStats(CLI::App& debug, Session& session) {
  auto flags = std::make_shared<Flags>();
  auto* command =
      AddVerb(debug, session, "stats", "Show counters of processors, translated code and devices",
              &ShowStats, flags);
  command->add_option("--count", flags->count, "count what compiled code does by itself")
      ->check(CLI::IsMember({"on", "off"}));
  command->footer(
      "Examples:\n  emuctl debug stats web1 -o json\n"
      "  emuctl debug stats web1 --count on; sleep 1; emuctl debug stats web1 --count off\n"
      "Counted since the VM's process started, but for instructions executed and TLB hits: these "
      "are\n"
      "counted from --count on, which slows the VM down, to --count off.");
}

void AddGdb(CLI::App& debug, Session& session) {
  auto flags = std::make_shared<Flags>();
  auto* command = AddVerb(debug, session, "gdb", "Open a socket for gdb", &OpenGdb, flags);
  command->footer(
      "Examples:\n"
      "  emuctl debug gdb web1\n"
      "  gdb-multiarch vmlinux -ex \"target remote $(emuctl debug gdb web1 -o json | jq -r "
      ".path)\"\n"
      "Processors are gdb's threads. The guest is held when gdb connects and runs on when gdb "
      "leaves.\n"
      "monitor phys on: memory by physical addresses.");
}

void AddTrace(CLI::App& debug, Session& session) {
  auto flags = std::make_shared<Flags>();
  auto* command =
      AddVerb(debug, session, "trace", "Print code as it is translated", &ShowTrace, flags);
  command->add_option("--stages", flags->stages, "guest, ir, opt, host, or several (default guest)")
      ->delimiter(',')
      ->type_name("{guest,ir,opt,host}");
  command->add_option("--address", flags->range, "A-B: of blocks that begin there");
  command->footer(
      "Examples:\n"
      "  emuctl debug trace web1\n"
      "  emuctl debug trace web1 --stages guest,opt,host --address 0x80200000-0x80201000\n"
      "Addresses are physical or virtual. Goes on until Ctrl-C or the VM's end. guest: its\n"
      "instructions; ir: what they mean; opt: what is compiled; host: the result's\n"
      "bytes.");
}

}  // namespace

void AddDebug(CLI::App& parent, Session& session) {
  auto* debug = parent.add_subcommand("debug", "Look into a VM that runs or is paused");
  debug->require_subcommand(1);
  debug->fallthrough();
  debug->footer("Examples:\n  emuctl debug regs web1\n  emuctl debug stats web1 -o json");
  AddRegisters(*debug, session);
  AddMemory(*debug, session);
  AddDevices(*debug, session);
  AddStats(*debug, session);
  AddGdb(*debug, session);
  AddTrace(*debug, session);
  for (CLI::App* command : debug->get_subcommands({})) command->fallthrough();
}

}  // namespace emu::client
