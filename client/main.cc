// emuctl: the command line. Every command is in commands/.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "client/commands/commands.h"
#include "client/exit_code.h"
#include "client/reference/command_table.h"
#include "client/reference/suggestion.h"

namespace emu::client {
namespace {

// What a word that is no command, or no option, of `command` may have been meant for.
std::string Suggest(const CommandEntry& command, const std::string& word) {
  std::vector<std::string> known;
  if (word.starts_with("-")) {
    for (const OptionEntry& option : AllOptions(command)) {
      known.insert(known.end(), option.names.begin(), option.names.end());
    }
  } else {
    for (const CommandEntry& below : command.commands) known.push_back(below.name);
  }
  return DidYouMean(word.substr(0, word.find('=')), known);
}

// The command line is wrong: what is wrong with it, and where to read on.
int ReportUsage(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* command = &app;
  std::string path = app.get_name();
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().front();
    path += " " + command->get_name();
  }
  const std::vector<const CLI::App*> below = command->get_subcommands({});
  const std::vector<std::string> words = app.remaining(/*recurse=*/true);
  std::string problem = error.what();
  const std::string first = words.empty() ? "" : words.front();
  // Where arguments may follow, the word is one too many; a mistyped option is no command either.
  if (!below.empty() && !first.starts_with("-") && command->get_name() != "console") {
    problem = words.empty() ? "a command is missing" : words.front() + " is no command";
    problem += "; there are";
    for (const CLI::App* known : below) problem += " " + known->get_name();
  }
  const CommandEntry root = DescribeCommands(app);
  for (const CommandEntry* entry : Flatten(root)) {
    if (entry->path != path || words.empty()) continue;
    if (const std::string hint = Suggest(*entry, words.front()); !hint.empty()) {
      problem += "." + hint;
    }
  }
  std::fprintf(stderr, "emuctl: %s\nSee %s --help\n", problem.c_str(), path.c_str());
  return kUsage;
}

}  // namespace
}  // namespace emu::client

int main(int argc, char** argv) {
  using namespace emu::client;
  Session session;
  CLI::App app("Controls the virtual machines of an emud", "emuctl");
  app.set_version_flag("--version", "emuctl " EMU_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option(
         "--endpoint", session.choice.address,
         "unix:PATH or tls:HOST:PORT of emud (or EMUD_ENDPOINT; default " + DefaultAddress() + ")")
      ->check(CLI::Validator(CheckAddress, "", "endpoint"));
  app.add_option("--context", session.choice.context,
                 "the daemon that emuctl context knows by this name")
      ->type_name("CONTEXT");
  app.add_option("--project", session.choice.project,
                 "see this project only, and make VMs in it (or EMUD_PROJECT)")
      ->type_name("PROJECT");
  app.parse_complete_callback([&app, &session] {
    std::string error;
    if (app.got_subcommand("context") || Resolve(session.choice, session.options, error)) return;
    throw CLI::ValidationError(error);
  });
  app.add_option("-o,--output", session.options.output,
                 "table, wide (more columns), json, yaml or name (of VMs, a line each)")
      ->check(CLI::IsMember({"table", "wide", "json", "yaml", "name"}));
  app.add_option(
         "--progress", session.options.progress,
         "of what takes long, on standard error: auto (at a terminal), json (a line for each "
         "change) or none")
      ->check(CLI::IsMember({"auto", "json", "none"}));
  app.footer(
      "Examples:\n"
      "  emuctl vm create web1 --memory 512M --kernel linux --initrd initrd.gz --start\n"
      "  emuctl console web1\n"
      "  emuctl vm list -o json\n"
      "Exit codes: 0 done, 1 failure, 2 usage or bad value, 3 not found, 4 wrong state, 5 denied,\n"
      "6 quota, 7 unavailable or too late (try again), 8 what was waited for is not so.");
  auto* vm = app.add_subcommand("vm", "Make, show and move VMs");
  vm->require_subcommand(1);
  vm->footer(
      "Examples:\n"
      "  emuctl vm create web1 --memory 512M --kernel linux --initrd initrd.gz --start\n"
      "  emuctl vm list\n"
      "  emuctl vm stop web1 && emuctl vm rm web1\n"
      "Each command has its own: emuctl vm create --help");
  vm->fallthrough();
  AddVmCreate(*vm, session);
  AddVmList(*vm, session);
  AddVmGet(*vm, session);
  AddVmUpdate(*vm, session);
  AddVmForward(*vm, session);
  AddVmLifecycle(*vm, session);
  AddVmRemove(*vm, session);
  AddVmWait(*vm, session);
  AddVmWatch(*vm, session);
  AddVmStats(*vm, session);
  AddVmFork(*vm, session);
  AddVmMove(*vm, session);
  AddImage(app, session);
  AddVolume(app, session);
  AddSnapshot(app, session);
  AddPool(app, session);
  AddManifests(app, session);
  AddOperations(app, session);
  AddConsole(app, session);
  AddRun(app, session);
  AddCopy(app, session);
  AddExec(app, session);
  AddGuest(app, session);
  AddEvents(app, session);
  AddDebug(app, session);
  AddApi(app, session);
  AddContext(app, session);
  AddProject(app, session);
  AddRole(app, session);
  AddToken(app, session);
  AddWhoAmI(app, session);
  AddAudit(app, session);
  AddVersion(app, session);
  AddHost(app, session);
  AddCompletion(app, session);
  AddMan(app, session);
  for (CLI::App* command : app.get_subcommands({})) command->fallthrough();
  for (CLI::App* command : vm->get_subcommands({})) command->fallthrough();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return error.get_exit_code() == 0 ? app.exit(error) : ReportUsage(app, error);
  }
  return session.code;
}
