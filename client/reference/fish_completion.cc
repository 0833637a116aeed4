#include "client/reference/completion.h"

namespace emu::client {
namespace {

constexpr char kFrame[] = R"fish(
function __emuctl_names
  # Of the daemon that the line is about.
  set -l endpoint (string match -r -g -- '--endpoint[= ]+(\S+)' (commandline -p))
  if set -q endpoint[1]
    emuctl --endpoint $endpoint[1] $argv list -o name 2>/dev/null
  else
    emuctl $argv list -o name 2>/dev/null
  end
end
# Whether the command that is being written is $argv.
function __emuctl_at
  set -l command emuctl
  for word in (commandline -opc)[2..-1]
    contains -- "$command $word" $__emuctl_commands; and set command "$command $word"
  end
  test "$command" = "$argv"
end
complete -c emuctl -f
)fish";

std::string Quote(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

// What the value may be, in the words of `complete`; nothing for a flag.
std::string Value(const OptionEntry& option) {
  switch (option.kind) {
    case ValueKind::kNone:
      return "";
    case ValueKind::kText:
      return " -x";
    case ValueKind::kFile:
      return " -r -F";
    case ValueKind::kVmName:
      return " -x -a '(__emuctl_names vm)'";
    case ValueKind::kImageName:
      return " -x -a '(__emuctl_names image)'";
    case ValueKind::kChoice:
      break;
  }
  std::string words;
  for (const std::string& choice : option.choices) words += (words.empty() ? "" : " ") + choice;
  return " -x -a " + Quote(words);
}

std::string Names(const OptionEntry& option) {
  std::string names;
  for (const std::string& name : option.names) {
    names += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  return names;
}

}  // namespace

std::string FishCompletion(const CommandEntry& root) {
  std::string known = "set -g __emuctl_commands";
  std::string rows;
  for (const CommandEntry* command : Flatten(root)) {
    known += " " + Quote(command->path);
    const std::string row = "complete -c emuctl -n " + Quote("__emuctl_at " + command->path);
    for (const CommandEntry& below : command->commands) {
      rows += row + " -a " + below.name + " -d " + Quote(below.help) + "\n";
    }
    for (const OptionEntry& option : AllOptions(*command)) {
      rows += row + Names(option) + Value(option) + " -d " + Quote(option.help) + "\n";
    }
    for (const OptionEntry& argument : command->arguments) {
      if (argument.kind != ValueKind::kText) rows += row + Value(argument) + "\n";
    }
  }
  return known + kFrame + rows;
}

}  // namespace emu::client
