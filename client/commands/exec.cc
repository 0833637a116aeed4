// emuctl exec: a program in a guest.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "client/commands/commands.h"
#include "client/console_program.h"
#include "client/duration.h"
#include "client/exit_code.h"
#include "client/guest_terminal.h"

namespace emu::client {
namespace {

struct Flags {
  GuestProgram program;
  std::string wait;
  std::string via = "agent";
};

int Exec(const Flags& flags, const Options& options) {
  ProgramReader reader = PrintingReader();
  if (flags.program.is_detached) {
    reader.started = [](const std::string& id) { std::printf("%s\n", id.c_str()); };
  }
  if (flags.via == "console") return RunOnConsole(flags.program, options, reader);
  return RunAtTerminal(flags.program, options, reader);
}

int Check(Flags& flags) {
  if (flags.via == "console" && (flags.program.takes_input || flags.program.has_terminal ||
                                 flags.program.is_detached || !flags.program.user.empty())) {
    std::fputs("emuctl: --via console has no -i, -t, -d and -u: a shell there runs it\n", stderr);
    return kUsage;
  }
  if (!flags.wait.empty() && !ParseSeconds(flags.wait, flags.program.agent_timeout_s)) {
    std::fputs("emuctl: --wait: give a time such as 30s or 2m\n", stderr);
    return kUsage;
  }
  return CheckProgramFlags(flags.program) ? kDone : kUsage;
}

}  // namespace

void AddExec(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("exec", "Run a program in a guest, by its agent");
  auto flags = std::make_shared<Flags>();
  command->add_option("NAME", flags->program.vm, "the VM")->required();
  command->add_option("COMMAND", flags->program.command, "the program and its arguments, behind --")
      ->required();
  AddProgramFlags(*command, flags->program);
  command->add_flag("-d,--detach", flags->program.is_detached, "print its id and leave it running");
  command->add_option("--wait", flags->wait,
                      "how long to wait for an agent that is not there yet, as 60s or 2m");
  command->add_option("--via", flags->via, "agent, or console: a shell on the serial console")
      ->check(CLI::IsMember({"agent", "console"}));
  command->footer(
      "A program of the guest's own, emu-agent, does it: the Debian images that `emuctl image "
      "pull`\n"
      "builds have it. What runs goes on when emuctl or the daemon is gone; emuctl comes back to "
      "it\n"
      "by itself. Without an agent, --via console types it at the shell that is on the console.\n"
      "Exit code: the program's, 128 + n if signal n has ended it; 125 where emuctl or the daemon\n"
      "failed, 126 if it could not be started, 127 if there is no such program.\n"
      "Examples:\n"
      "  emuctl exec web1 -- uname -a\n"
      "  emuctl exec web1 -it -- bash\n"
      "  tar -c src | emuctl exec web1 -i -w /root -- tar -x\n"
      "  emuctl exec web1 --wait 2m -u builder -e CI=1 -- make -C /src check");
  command->callback([flags, &session] {
    session.code = Check(*flags);
    if (session.code == kDone) session.code = Exec(*flags, session.options);
  });
}

}  // namespace emu::client
