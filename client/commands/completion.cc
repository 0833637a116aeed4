// completion bash, zsh and fish.
#include "client/reference/completion.h"

#include <cstdio>
#include <string>

#include "client/commands/commands.h"

namespace emu::client {
namespace {

struct Shell {
  const char* name;
  std::string (*script)(const CommandEntry&);
  const char* examples;
};

constexpr Shell kShells[] = {
    {"bash", &BashCompletion,
     "Examples:\n"
     "  eval \"$(emuctl completion bash)\"\n"
     "  emuctl completion bash > /etc/bash_completion.d/emuctl"},
    {"zsh", &ZshCompletion,
     "Examples:\n"
     "  source <(emuctl completion zsh)    # in .zshrc, after compinit\n"
     "  emuctl completion zsh > /usr/local/share/zsh/site-functions/_emuctl"},
    {"fish", &FishCompletion,
     "Examples:\n"
     "  emuctl completion fish | source\n"
     "  emuctl completion fish > ~/.config/fish/completions/emuctl.fish"},
};

}  // namespace

void AddCompletion(CLI::App& parent, Session&) {
  auto* completion = parent.add_subcommand("completion", "Print a shell's completion script");
  completion->require_subcommand(1);
  completion->footer("Example:\n  eval \"$(emuctl completion bash)\"");
  for (const Shell& shell : kShells) {
    auto* command = completion->add_subcommand(shell.name, std::string("for ") + shell.name);
    command->footer(shell.examples);
    command->callback(
        [&parent, &shell] { std::fputs(shell.script(DescribeCommands(parent)).c_str(), stdout); });
  }
}

}  // namespace emu::client
