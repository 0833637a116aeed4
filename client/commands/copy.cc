// emuctl cp: files into a guest and out of it.
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "client/commands/commands.h"
#include "client/duration.h"
#include "client/exit_code.h"
#include "client/guest_copy.h"

namespace emu::client {
namespace {

// One end of a copy: "-" is a tar stream on stdin or stdout.
struct Place {
  std::string vm;  // empty: here
  std::string path;
};

struct Flags {
  std::string from, to, user, wait;
};

Place ToPlace(const std::string& text) {
  const size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0 || text.find('/') < colon) return {"", text};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

int CopyFiles(const Flags& flags, const Options& options) {
  const Place from = ToPlace(flags.from);
  const Place to = ToPlace(flags.to);
  GuestCopy::Guest guest;
  if (!flags.wait.empty() && !ParseSeconds(flags.wait, guest.agent_timeout_s)) {
    std::fputs("emuctl: --wait: give a time such as 30s or 2m\n", stderr);
    return kUsage;
  }
  if (from.vm.empty() == to.vm.empty() || from.path.empty() || to.path.empty()) {
    std::fputs("emuctl: cp: one of the two is NAME:PATH, the other a path here, or -\n", stderr);
    return kUsage;
  }
  guest.vm = from.vm + to.vm;
  guest.user = flags.user;
  GuestCopy copy(std::move(guest), options);
  return from.vm.empty() ? copy.Into(from.path, to.path) : copy.OutOf(from.path, to.path);
}

}  // namespace

void AddCopy(CLI::App& parent, Session& session) {
  auto* command =
      parent.add_subcommand("cp", "Copy files into a guest and out of it, by its agent");
  auto flags = std::make_shared<Flags>();
  command->add_option("FROM", flags->from, "a path here, or NAME:PATH; -: a tar stream on stdin")
      ->required();
  command->add_option("TO", flags->to, "NAME:PATH, or a path here; -: a tar stream on stdout")
      ->required();
  command->add_option("-u,--user", flags->user, "who does it in the guest (default root)");
  command->add_option("--wait", flags->wait,
                      "how long to wait for an agent that is not there yet, as 60s or 2m");
  command->footer(
      "Folders with all that is in them. Where TO is a folder it gets FROM under its own name; "
      "else "
      "FROM\n"
      "becomes TO. A path in a guest that begins without / begins in the user's home. The guest "
      "needs "
      "`tar`.\n"
      "Exit code: as `emuctl exec` has it.\n"
      "Examples:\n"
      "  emuctl cp src web1:/root\n"
      "  emuctl cp web1:/var/log/syslog .\n"
      "  git archive HEAD | emuctl cp - web1:/src");
  command->callback([flags, &session] { session.code = CopyFiles(*flags, session.options); });
}

}  // namespace emu::client
