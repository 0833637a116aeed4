// What can be typed, as one table: completion, manual pages and suggestions are made of it.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace emu::client {

enum class ValueKind { kNone, kText, kChoice, kFile, kVmName, kImageName };

// An option, a flag (kNone), or an argument, which is told by its place and has no names.
struct OptionEntry {
  std::vector<std::string> names;  // "-o", "--output"
  std::string value_name;          // "FILE"; of an argument what help calls it: "NAME"
  std::string help;
  ValueKind kind = ValueKind::kNone;
  std::vector<std::string> choices;  // of kChoice
  bool is_required = false;
  bool is_repeated = false;
};

struct CommandEntry {
  std::string path;  // "emuctl vm create"
  std::string name;  // "create"
  std::string help;
  std::string footer;
  std::vector<OptionEntry> options;
  std::vector<OptionEntry> inherited;  // of the commands above, which may be given here too
  std::vector<OptionEntry> arguments;  // in their order
  std::vector<CommandEntry> commands;  // below
};

CommandEntry DescribeCommands(const CLI::App& app);

// `command` and all below it, in the order of --help.
std::vector<const CommandEntry*> Flatten(const CommandEntry& command);
// What may be typed as an option of `command`: its own and those it inherits.
std::vector<OptionEntry> AllOptions(const CommandEntry& command);

}  // namespace emu::client
