#include "client/reference/man_page.h"

#include <algorithm>
#include <sstream>

namespace emu::client {
namespace {

// Text as it stands: roff reads backslashes, hyphens, and dots and quotes that begin a line.
std::string Escape(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    const bool begins_line = escaped.empty() || escaped.back() == '\n';
    if (begins_line && (c == '.' || c == '\'')) escaped += "\\&";
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string Bold(const std::string& text) { return "\\fB" + Escape(text) + "\\fR"; }
std::string Italic(const std::string& text) { return "\\fI" + Escape(text) + "\\fR"; }

// A footer: prose, and lines that begin with two spaces, which are examples.
std::string Footer(const std::string& footer) {
  std::string roff;
  bool in_example = false;
  std::istringstream lines(footer);
  for (std::string line; std::getline(lines, line);) {
    const bool is_example = line.starts_with("  ");
    if (is_example && !in_example) roff += ".PP\n.RS 4\n.nf\n";
    if (!is_example && in_example) roff += ".fi\n.RE\n.PP\n";
    if (roff.empty()) roff += ".PP\n";
    in_example = is_example;
    roff += Escape(is_example ? line.substr(2) : line) + "\n";
  }
  if (in_example) roff += ".fi\n.RE\n";
  return roff;
}

std::string Value(const OptionEntry& option) {
  if (option.kind != ValueKind::kChoice) return Italic(option.value_name);
  std::string words;
  for (const std::string& choice : option.choices) words += (words.empty() ? "" : "|") + choice;
  return Escape(words);
}

std::string Options(const std::vector<OptionEntry>& options) {
  std::string roff;
  for (const OptionEntry& option : options) {
    roff += ".TP\n";
    std::string names;
    for (const std::string& name : option.names) names += (names.empty() ? "" : ", ") + Bold(name);
    if (option.kind != ValueKind::kNone) names += (names.empty() ? "" : " ") + Value(option);
    roff += names + "\n" + (option.help.empty() ? "\\&" : Escape(option.help)) + "\n";
  }
  return roff;
}

std::string Synopsis(const CommandEntry& command) {
  std::string roff = Bold(command.path) + " [" + Italic("OPTION") + "]...";
  if (!command.commands.empty()) roff += " " + Italic("COMMAND") + " ...";
  for (const OptionEntry& argument : command.arguments) {
    std::string word = Italic(argument.value_name);
    if (argument.is_repeated) word += "...";
    roff += argument.is_required ? " " + word : " [" + word + "]";
  }
  return roff + "\n";
}

// One command of a page, with those below it.
std::string Section(const CommandEntry& command) {
  std::string roff = ".SS " + Escape(command.path) + "\n" + Synopsis(command) + ".PP\n" +
                     Escape(command.help) + ".\n" + Options(command.arguments) +
                     Options(command.options) + Footer(command.footer);
  for (const CommandEntry& below : command.commands) roff += Section(below);
  return roff;
}

std::string PageName(const CommandEntry& command) {
  std::string name = command.path;
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string Head(const CommandEntry& command, int section, const std::string& version,
                 const std::string& help) {
  std::string title = PageName(command);
  const std::string program = title.substr(0, title.find('-'));
  std::transform(title.begin(), title.end(), title.begin(), ::toupper);
  return ".TH " + Escape(title) + " " + std::to_string(section) + " \"\" \"" + program + " " +
         Escape(version) + "\" \"emud\"\n.SH NAME\n" + Escape(PageName(command)) + " \\- " +
         Escape(help) + "\n.SH SYNOPSIS\n" + Synopsis(command);
}

}  // namespace

std::string ManPageOfProgram(const CommandEntry& program, const std::string& summary,
                             const std::string& version) {
  return Head(program, 8, version, summary) + ".SH DESCRIPTION\n" + Escape(program.help) + "\n" +
         ".SH OPTIONS\n" + Options(program.options) + ".SH NOTES\n" + Footer(program.footer) +
         ".SH FILES\n.TP\n.I /etc/emud/emud.yaml\nThe configuration, with every key explained.\n"
         ".SH SEE ALSO\n.BR emuctl (1)\n";
}

std::vector<ManPage> ManPages(const CommandEntry& root, const std::string& version) {
  std::string overview = Head(root, 1, version, root.help) + ".SH DESCRIPTION\n" +
                         Escape(root.help) + "\n" + Footer(root.footer) +
                         ".SH OPTIONS\nThey may be given after any command.\n" +
                         Options(root.options) + ".SH COMMANDS\n";
  std::string see_also;
  std::vector<ManPage> pages = {{PageName(root), ""}};
  for (const CommandEntry& group : root.commands) {
    overview += ".TP\n" + Bold(group.path) + "\n" + Escape(group.help) + "\n";
    if (!see_also.empty()) see_also += ",\n";
    see_also += ".BR " + Escape(PageName(group)) + " (1)";
    std::string text = Head(group, 1, version, group.help) + ".SH DESCRIPTION\n" +
                       Escape(group.help) + ".\n" + Footer(group.footer) +
                       ".SH OPTIONS\nThose of\n.BR emuctl (1)\nand\n" + Options(group.arguments) +
                       Options(group.options);
    if (!group.commands.empty()) text += ".SH COMMANDS\n";
    for (const CommandEntry& command : group.commands) text += Section(command);
    pages.push_back({PageName(group), text + ".SH SEE ALSO\n.BR emuctl (1)\n"});
  }
  pages.front().text = overview + ".SH SEE ALSO\n" + see_also + "\n";
  return pages;
}

}  // namespace emu::client
