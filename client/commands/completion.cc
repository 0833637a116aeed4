// Shell completion, made from the commands themselves.
#include <cstdio>
#include <string>

#include "client/commands/commands.h"

namespace emu::client {
namespace {

// Bash's side: finds the command that is being written, offers its words; VM names where a NAME
// is wanted, files else.
constexpr char kBashFrame[] = R"bash(
_emuctl() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=emuctl word
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ -n ${_emuctl_words["$command $word"]+set} ]] && command="$command $word"
  done
  COMPREPLY=()
  case $previous in
    -o|--output) COMPREPLY=($(compgen -W 'table json yaml' -- "$current")); return;;
    --state) COMPREPLY=($(compgen -W 'STOPPED RUNNING PAUSED CRASHED' -- "$current")); return;;
    --stages) COMPREPLY=($(compgen -W 'guest ir opt host' -- "$current")); return;;
    --arch) COMPREPLY=($(compgen -W 'riscv64' -- "$current")); return;;
    -f|--file|--kernel|--initrd|--firmware|--disk)
      COMPREPLY=($(compgen -f -- "$current")); return;;
  esac
  local words=${_emuctl_words["$command"]}
  if [[ $words == *NAME* && $command != 'emuctl vm create' && $current != -* ]]; then
    words=$(emuctl vm list 2>/dev/null | awk 'NR > 1 { print $1 }')
  fi
  COMPREPLY=($(compgen -W "${words//NAME/}" -- "$current"))
}
complete -o default -F _emuctl emuctl
)bash";

// One line for `command` and each below it: the words that may follow.
void PrintWords(const CLI::App& command, const std::string& path) {
  std::string words;
  for (const CLI::App* below : command.get_subcommands({})) words += below->get_name() + " ";
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) words += "--" + name + " ";
    if (option->get_positional()) words += option->get_name(true) + " ";
  }
  std::printf("  ['%s']='%s'\n", path.c_str(), words.c_str());
  for (const CLI::App* below : command.get_subcommands({})) {
    PrintWords(*below, path + " " + below->get_name());
  }
}

}  // namespace

void AddCompletion(CLI::App& parent, Session&) {
  auto* completion = parent.add_subcommand("completion", "Print a shell's completion script");
  completion->require_subcommand(1);
  completion->footer("Example:\n  eval \"$(emuctl completion bash)\"");
  auto* bash = completion->add_subcommand("bash", "for bash");
  bash->footer(
      "Examples:\n"
      "  eval \"$(emuctl completion bash)\"\n"
      "  emuctl completion bash > /etc/bash_completion.d/emuctl");
  bash->callback([&parent] {
    std::puts("declare -A _emuctl_words=(");
    PrintWords(parent, "emuctl");
    std::fputs(")", stdout);
    std::fputs(kBashFrame, stdout);
  });
}

}  // namespace emu::client
