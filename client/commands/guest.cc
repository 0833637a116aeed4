// emuctl guest: what the agent in a guest knows and does, beside running programs.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "client/commands/commands.h"
#include "client/duration.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "emud/v1/guest.grpc.pb.h"
#include "google/protobuf/util/time_util.h"

namespace emu::client {
namespace {

using emud::v1::GuestService;
using google::protobuf::util::TimeUtil;

struct Flags {
  std::string name, id, wait;
  std::string signal = "TERM";
};

// The call of one method with a request that names the VM; its answer goes to `show`.
template <typename Request, typename Response, typename Method, typename Fill, typename Show>
int Ask(const Flags& flags, const Options& options, Method method, const Fill& fill,
        const Show& show) {
  const auto stub = GuestService::NewStub(Connect(options));
  grpc::ClientContext context;
  Request request;
  Response response;
  request.set_vm(flags.name);
  fill(request);
  const grpc::Status status = (stub.get()->*method)(&context, request, &response);
  if (!status.ok()) return Report(status, options.endpoint);
  show(response);
  return kDone;
}
template <typename Request, typename Method, typename Fill>
int Do(const Flags& flags, const Options& options, Method method, const Fill& fill) {
  return Ask<Request, google::protobuf::Empty>(flags, options, method, fill,
                                               [](const google::protobuf::Empty&) {});
}
constexpr auto kNothingMore = [](const auto&) {};

int ShowInfo(const Flags& flags, const Options& options) {
  int64_t seconds = 0;
  if (!flags.wait.empty() && !ParseSeconds(flags.wait, seconds)) {
    std::fputs("emuctl: --wait: give a time such as 30s or 2m\n", stderr);
    return kUsage;
  }
  return Ask<emud::v1::GetGuestInfoRequest, emud::v1::GuestInfo>(
      flags, options, &GuestService::Stub::GetGuestInfo,
      [seconds](auto& request) { request.mutable_agent_timeout()->set_seconds(seconds); },
      [&](const emud::v1::GuestInfo& info) {
        Print(options.output, info,
              ToTable({"NAME", "HOSTNAME", "SYSTEM", "KERNEL", "MACHINE", "UP", "AGENT"},
                      {{flags.name, info.hostname(), info.os_name().empty() ? "-" : info.os_name(),
                        info.kernel(), info.machine(), TimeUtil::ToString(info.uptime()),
                        std::to_string(info.agent_version())}}));
      });
}

int ListExecs(const Flags& flags, const Options& options) {
  return Ask<emud::v1::ListExecsRequest, emud::v1::ListExecsResponse>(
      flags, options, &GuestService::Stub::ListExecs, kNothingMore,
      [&](const emud::v1::ListExecsResponse& list) {
        std::vector<std::vector<std::string>> rows;
        for (const auto& exec : list.execs()) {
          rows.push_back({exec.id(), exec.running() ? "yes" : "no"});
        }
        Print(options.output, list, ToTable({"ID", "RUNNING"}, rows));
      });
}

int Kill(const Flags& flags, const Options& options) {
  int number = std::atoi(flags.signal.c_str());
  for (int known = 1; number == 0 && known < 32; ++known) {
    const char* const name = sigabbrev_np(known);
    if (name != nullptr && (flags.signal == name || flags.signal == std::string("SIG") + name)) {
      number = known;
    }
  }
  if (number == 0) {
    std::fprintf(stderr, "emuctl: --signal %s: give a name such as TERM, or a number\n",
                 flags.signal.c_str());
    return kUsage;
  }
  return Do<emud::v1::SignalExecRequest>(flags, options, &GuestService::Stub::SignalExec,
                                         [&](auto& request) {
                                           request.set_id(flags.id);
                                           request.set_signal(number);
                                         });
}

int SyncTime(const Flags& flags, const Options& options) {
  return Ask<emud::v1::SyncGuestTimeRequest, emud::v1::SyncGuestTimeResponse>(
      flags, options, &GuestService::Stub::SyncGuestTime, kNothingMore,
      [&](const emud::v1::SyncGuestTimeResponse& set) {
        Print(options.output, set, TimeUtil::ToString(set.time()) + "\n");
      });
}

CLI::App* AddOne(CLI::App& guest, const std::string& verb, const std::string& help,
                 const std::shared_ptr<Flags>& flags, const std::string& example) {
  CLI::App* const command = guest.add_subcommand(verb, help);
  command->add_option("NAME", flags->name, "the VM")->required();
  command->footer("Example:\n  emuctl guest " + example);
  return command;
}

}  // namespace

void AddGuest(CLI::App& parent, Session& session) {
  auto* guest = parent.add_subcommand("guest", "What the agent in a guest knows and does");
  guest->require_subcommand(1);
  guest->footer("Programs are run by `emuctl exec`.\nExample:\n  emuctl guest info web1");
  auto flags = std::make_shared<Flags>();
  auto* info = AddOne(*guest, "info", "Show what system the guest is", flags, "info web1 -o json");
  info->add_option("--wait", flags->wait, "how long to wait for an agent, as 60s or 2m");
  info->callback([flags, &session] { session.code = ShowInfo(*flags, session.options); });
  auto* execs = AddOne(*guest, "execs", "List what `emuctl exec` runs there", flags, "execs web1");
  execs->callback([flags, &session] { session.code = ListExecs(*flags, session.options); });
  auto* kill = AddOne(*guest, "kill", "Send a signal to what `emuctl exec` runs", flags,
                      "kill web1 00c0ffee00c0ffee --signal KILL");
  kill->add_option("ID", flags->id, "as `emuctl guest execs` lists it")->required();
  kill->add_option("--signal", flags->signal, "its name or number")->capture_default_str();
  kill->callback([flags, &session] { session.code = Kill(*flags, session.options); });
  auto* forget = AddOne(*guest, "forget", "Drop what is kept of one; one that runs is killed",
                        flags, "forget web1 00c0ffee00c0ffee");
  forget->add_option("ID", flags->id, "as `emuctl guest execs` lists it")->required();
  forget->callback([flags, &session] {
    session.code =
        Do<emud::v1::DeleteExecRequest>(*flags, session.options, &GuestService::Stub::DeleteExec,
                                        [&flags](auto& request) { request.set_id(flags->id); });
  });
  auto* sync =
      AddOne(*guest, "sync-time", "Set the guest's clock to the host's", flags, "sync-time web1");
  sync->callback([flags, &session] { session.code = SyncTime(*flags, session.options); });
  auto* freeze =
      AddOne(*guest, "freeze", "Have its file systems stand still, for a copy of its disks", flags,
             "freeze web1");
  freeze->callback([flags, &session] {
    session.code = Do<emud::v1::FreezeGuestRequest>(*flags, session.options,
                                                    &GuestService::Stub::FreezeGuest, kNothingMore);
  });
  auto* thaw = AddOne(*guest, "thaw", "Let them go on", flags, "thaw web1");
  thaw->callback([flags, &session] {
    session.code = Do<emud::v1::ThawGuestRequest>(*flags, session.options,
                                                  &GuestService::Stub::ThawGuest, kNothingMore);
  });
  for (CLI::App* command : guest->get_subcommands({})) command->fallthrough();
}

}  // namespace emu::client
