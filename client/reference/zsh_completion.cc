#include "client/reference/completion.h"

namespace emu::client {
namespace {

// Finds the command that is being written and leaves the rest to _arguments, as if that command
// were the first word.
constexpr char kFrame[] = R"zsh(
_emuctl_vms() {
  local -a vms
  vms=(${(f)"$(emuctl $_emuctl_endpoint vm list -o name 2>/dev/null)"})
  compadd -a vms
}
_emuctl_images() {
  local -a images
  images=(${(f)"$(emuctl $_emuctl_endpoint image list -o name 2>/dev/null)"})
  compadd -a images
}
# Any text: nothing is offered, and no message keeps an option beside it from being completed.
_emuctl_text() { return 1 }
_emuctl_verbs() { _describe command verbs }
_emuctl_verbs_and_vms() { _emuctl_verbs; _emuctl_vms }
_emuctl() {
  local command=emuctl at=2 begin=1
  # Of the daemon that the line is about.
  local -a _emuctl_endpoint
  local word=${words[(r)--endpoint=*]} given=${words[(i)--endpoint]}
  [[ -n $word ]] && _emuctl_endpoint=($word)
  (( given < CURRENT )) && _emuctl_endpoint=(--endpoint $words[given+1])
  while (( at < CURRENT )); do
    if (( ${_emuctl_commands[(Ie)$command $words[at]]} )); then
      command="$command $words[at]"
      begin=$at
    fi
    (( at++ ))
  done
  words=(emuctl "${(@)words[begin+1,-1]}")
  (( CURRENT -= begin - 1 ))
  local -a specs verbs
  _emuctl_describe "$command"
  _arguments -S : "${specs[@]}"
}
# Read as a script, or by the first key press as a function of fpath.
if [[ $funcstack[1] == _emuctl ]]; then _emuctl "$@"; else compdef _emuctl emuctl; fi
)zsh";

std::string Quote(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

// For _arguments and _describe, which read brackets and colons.
std::string Escape(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

// ":message:action"; nothing for a flag.
std::string Value(const OptionEntry& option) {
  const std::string message = ":" + Escape(option.value_name);
  switch (option.kind) {
    case ValueKind::kNone:
      return "";
    case ValueKind::kText:
      return message + ":_emuctl_text";
    case ValueKind::kFile:
      return message + ":_files";
    case ValueKind::kVmName:
      return message + ":_emuctl_vms";
    case ValueKind::kImageName:
      return message + ":_emuctl_images";
    case ValueKind::kChoice:
      break;
  }
  std::string words;
  for (const std::string& choice : option.choices) words += (words.empty() ? "" : " ") + choice;
  return message + ":(" + words + ")";
}

void AddCommand(const CommandEntry& command, std::string& script) {
  script += "    " + Quote(command.path) + ")\n";
  if (!command.commands.empty()) {
    script += "      verbs=(\n";
    for (const CommandEntry& below : command.commands) {
      script += "        " + Quote(Escape(below.name) + ":" + Escape(below.help)) + "\n";
    }
    script += "      )\n";
  }
  script += "      specs=(\n";
  for (const OptionEntry& option : AllOptions(command)) {
    for (const std::string& name : option.names) {
      const std::string repeated = option.is_repeated ? "*" : "";
      script += "        ";
      script += Quote(repeated + name + "[" + Escape(option.help) + "]" + Value(option)) + "\n";
    }
  }
  const bool is_verb_or_vm = !command.commands.empty() && !command.arguments.empty();
  if (is_verb_or_vm) {
    script += "        '1:command:_emuctl_verbs_and_vms'\n";
  } else if (!command.commands.empty()) {
    script += "        '1:command:_emuctl_verbs'\n";
  }
  for (const OptionEntry& argument : command.arguments) {
    if (is_verb_or_vm && &argument == &command.arguments.front()) continue;
    script += "        " + Quote((argument.is_repeated ? "*" : "") + Value(argument)) + "\n";
  }
  script += "      );;\n";
}

}  // namespace

std::string ZshCompletion(const CommandEntry& root) {
  std::string known = "_emuctl_commands=(\n";
  std::string described = "_emuctl_describe() {\n  case $1 in\n";
  for (const CommandEntry* command : Flatten(root)) {
    known += "  " + Quote(command->path) + "\n";
    AddCommand(*command, described);
  }
  return "#compdef emuctl\ntypeset -ga _emuctl_commands\n" + known + ")\n" + described +
         "  esac\n}" + kFrame;
}

}  // namespace emu::client
