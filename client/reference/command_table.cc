#include "client/reference/command_table.h"

#include <cctype>
#include <sstream>

namespace emu::client {
namespace {

// "TEXT:{table,json}" -> table, json; none where no words are listed.
std::vector<std::string> ListedWords(const std::string& type) {
  const size_t begin = type.find('{');
  const size_t end = type.find('}', begin);
  if (begin == std::string::npos || end == std::string::npos) return {};
  std::vector<std::string> words;
  std::istringstream list(type.substr(begin + 1, end - begin - 1));
  for (std::string word; std::getline(list, word, ',');) words.push_back(word);
  return words;
}

// "UINT:POSITIVE" -> UINT
std::string BaseType(const std::string& type) { return type.substr(0, type.find(':')); }

OptionEntry DescribeOption(const CLI::Option& option) {
  OptionEntry entry;
  for (const std::string& name : option.get_snames()) entry.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) entry.names.push_back("--" + name);
  entry.help = option.get_description();
  entry.is_required = option.get_required();
  entry.is_repeated = option.get_items_expected_max() > 1;
  const bool takes_value = option.get_positional() || option.get_items_expected_max() > 0;
  if (!takes_value) return entry;
  const std::string type = option.get_type_name();
  entry.choices = ListedWords(type);
  entry.value_name = BaseType(type);
  if (entry.names.empty()) entry.value_name = option.get_name(/*positional=*/true);
  const bool is_name = entry.names.empty() && entry.value_name == "NAME";
  if (!entry.choices.empty()) {
    entry.kind = ValueKind::kChoice;
  } else if (BaseType(type) == "FILE") {
    entry.kind = ValueKind::kFile;
  } else if (BaseType(type) == "IMAGE") {
    entry.kind = ValueKind::kImageName;
  } else {
    entry.kind = is_name && type != "NEW" ? ValueKind::kVmName : ValueKind::kText;
  }
  return entry;
}

// Asking for help or the version of a command above means that one.
bool IsInherited(const CLI::App& app, const CLI::Option* option) {
  return !option->get_positional() && option != app.get_help_ptr() &&
         option->get_lnames() != std::vector<std::string>{"version"};
}

CommandEntry Describe(const CLI::App& app, const std::string& above,
                      const std::vector<OptionEntry>& inherited) {
  CommandEntry entry;
  entry.name = app.get_name();
  entry.path = above.empty() ? entry.name : above + " " + entry.name;
  entry.help = app.get_description();
  entry.footer = app.get_footer();
  entry.inherited = inherited;
  std::vector<OptionEntry> passed_on = inherited;
  for (const CLI::Option* option : app.get_options()) {
    const OptionEntry described = DescribeOption(*option);
    (option->get_positional() ? entry.arguments : entry.options).push_back(described);
    if (IsInherited(app, option)) passed_on.push_back(described);
  }
  for (const CLI::App* below : app.get_subcommands({})) {
    entry.commands.push_back(Describe(*below, entry.path, passed_on));
  }
  return entry;
}

}  // namespace

CommandEntry DescribeCommands(const CLI::App& app) { return Describe(app, "", {}); }

std::vector<const CommandEntry*> Flatten(const CommandEntry& command) {
  std::vector<const CommandEntry*> all = {&command};
  for (const CommandEntry& below : command.commands) {
    const std::vector<const CommandEntry*> deeper = Flatten(below);
    all.insert(all.end(), deeper.begin(), deeper.end());
  }
  return all;
}

std::vector<OptionEntry> AllOptions(const CommandEntry& command) {
  std::vector<OptionEntry> all = command.options;
  all.insert(all.end(), command.inherited.begin(), command.inherited.end());
  return all;
}

}  // namespace emu::client
