// emuctl: the command line. Every command is in commands/.
#include <CLI/CLI.hpp>

#include "client/commands/commands.h"
#include "client/exit_code.h"

int main(int argc, char** argv) {
  using namespace emu::client;
  Session session;
  session.options.endpoint = DefaultEndpoint();
  CLI::App app("emuctl: controls the virtual machines of an emud.");
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--endpoint", session.options.endpoint, "unix:PATH of emud (or EMUD_ENDPOINT)")
      ->capture_default_str();
  app.add_option("-o,--output", session.options.output, "table, json or yaml")
      ->check(CLI::IsMember({"table", "json", "yaml"}));
  app.footer(
      "Examples:\n"
      "  emuctl vm create web1 --memory 512M --kernel linux --initrd initrd.gz --start\n"
      "  emuctl console web1\n"
      "  emuctl vm list -o json\n"
      "Exit codes: 0 done, 1 failure, 2 usage or bad value, 3 not found, 4 wrong state, 5 denied,\n"
      "6 quota, 7 unavailable or too late (try again), 8 what was waited for is not so.");
  auto* vm = app.add_subcommand("vm", "Make, show and move VMs");
  vm->require_subcommand(1);
  vm->fallthrough();
  AddVmCreate(*vm, session);
  AddVmList(*vm, session);
  AddVmGet(*vm, session);
  AddVmLifecycle(*vm, session);
  AddVmRemove(*vm, session);
  AddVmWait(*vm, session);
  AddConsole(app, session);
  AddVersion(app, session);
  AddHostInfo(app, session);
  AddCompletion(app, session);
  for (CLI::App* command : app.get_subcommands({})) command->fallthrough();
  for (CLI::App* command : vm->get_subcommands({})) command->fallthrough();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  return session.code;
}
