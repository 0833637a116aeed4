#include "client/reference/completion.h"

namespace emu::client {
namespace {

// Finds the command that is being written, how many of its arguments there are, and whether an
// option waits for its value. Readline has cut the line at = and : too.
constexpr char kFrame[] = R"bash(
# Of the daemon that the line is about.
_emuctl_names() {
  local endpoint=()
  [[ $COMP_LINE =~ --endpoint[=\ ]+([^\ ]+) ]] && endpoint=(--endpoint "${BASH_REMATCH[1]}")
  emuctl "${endpoint[@]}" "$1" list -o name 2>/dev/null
}
# Names of images have colons, and what is before the last one is typed already.
_emuctl_images() {
  local typed=${COMP_LINE:0:COMP_POINT} name
  typed=${typed##*[ =]}
  for name in $(compgen -W "$(_emuctl_names image)" -- "$typed"); do
    COMPREPLY+=("${name#"${typed%"${typed##*:}"}"}")
  done
}
_emuctl_offer() {
  case $1 in
    @file) COMPREPLY+=($(compgen -f -- "$2"));;
    @vm) COMPREPLY+=($(compgen -W "$(_emuctl_names vm)" -- "$2"));;
    @image) _emuctl_images;;
    @text) ;;
    *) COMPREPLY+=($(compgen -W "$1" -- "$2"));;
  esac
}
_emuctl() {
  local current=${COMP_WORDS[COMP_CWORD]} command=emuctl word value= given=0 kind= places
  COMPREPLY=()
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ $word == '=' && -n $value ]]; then continue
    elif [[ $word == ':' && $kind == @image ]]; then value=@image
    elif [[ $word == ':' ]]; then value=@text
    elif [[ -n $value ]]; then kind=$value value=
    elif [[ -n ${_emuctl_verbs["$command $word"]+set} ]]; then command="$command $word" given=0
    elif [[ $word == -* ]]; then value=${_emuctl_values["$command $word"]}
    else places=(${_emuctl_arguments["$command"]}) kind=${places[given]} given=$((given + 1))
    fi
  done
  [[ $current == ':' && $kind == @image ]] && value=@image
  [[ $current == '=' ]] && current=
  local arguments=(${_emuctl_arguments["$command"]})
  local options=${_emuctl_options["$command"]} verbs=${_emuctl_verbs["$command"]}
  if [[ -n $value ]]; then _emuctl_offer "$value" "$current"
  elif [[ $current == -* || -z $verbs$arguments ]]; then _emuctl_offer "$options" "$current"
  else
    [[ $given == 0 ]] && _emuctl_offer "$verbs" "$current"
    _emuctl_offer "${arguments[given]//,/ }" "$current"
  fi
}
complete -o default -F _emuctl emuctl
)bash";

// What _emuctl_offer takes; choices have `separator` between them.
std::string Offer(const OptionEntry& option, char separator) {
  switch (option.kind) {
    case ValueKind::kNone:
      return "";
    case ValueKind::kText:
      return "@text";
    case ValueKind::kFile:
      return "@file";
    case ValueKind::kVmName:
      return "@vm";
    case ValueKind::kImageName:
      return "@image";
    case ValueKind::kChoice:
      break;
  }
  std::string words;
  for (const std::string& choice : option.choices) {
    if (!words.empty()) words += separator;
    words += choice;
  }
  return words;
}

void AddRow(const std::string& key, const std::string& value, std::string& array) {
  array.append("  ['").append(key).append("']='").append(value).append("'\n");
}

}  // namespace

std::string BashCompletion(const CommandEntry& root) {
  // Global, as the script may be read inside a function.
  std::string verbs = "declare -gA _emuctl_verbs=(\n";
  std::string options = "declare -gA _emuctl_options=(\n";
  std::string values = "declare -gA _emuctl_values=(\n";
  std::string arguments = "declare -gA _emuctl_arguments=(\n";
  for (const CommandEntry* command : Flatten(root)) {
    std::string below;
    for (const CommandEntry& entry : command->commands) below += entry.name + " ";
    AddRow(command->path, below, verbs);
    std::string names;
    for (const OptionEntry& option : AllOptions(*command)) {
      for (const std::string& name : option.names) {
        if (name.starts_with("--")) names += name + " ";
        if (option.kind == ValueKind::kNone) continue;
        AddRow(command->path + " " + name, Offer(option, ' '), values);
      }
    }
    AddRow(command->path, names, options);
    std::string places;
    for (const OptionEntry& argument : command->arguments) places += Offer(argument, ',') + " ";
    if (!places.empty()) AddRow(command->path, places, arguments);
  }
  return verbs + ")\n" + options + ")\n" + values + ")\n" + arguments + ")" + kFrame;
}

}  // namespace emu::client
