#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "client/commands/commands.h"
#include "client/exit_code.h"
#include "client/reference/man_page.h"

namespace emu::client {
namespace {

struct Flags {
  std::string page;
  std::string into;
};

int WriteAll(const std::vector<ManPage>& pages, const std::string& directory) {
  for (const ManPage& page : pages) {
    const std::string path = directory + "/" + page.name + ".1";
    std::ofstream file(path, std::ios::trunc);
    file << page.text << std::flush;
    if (!file) {
      std::fprintf(stderr, "emuctl: --into: %s can't be written: %s\n", path.c_str(),
                   std::strerror(errno));
      return kFailed;
    }
  }
  return kDone;
}

int PrintOne(const std::vector<ManPage>& pages, const std::string& word) {
  std::string names;
  for (const ManPage& page : pages) {
    if (page.name == word || page.name == "emuctl-" + word) {
      std::fputs(page.text.c_str(), stdout);
      return kDone;
    }
    names += " " + page.name;
  }
  std::fprintf(stderr, "emuctl: there is no page %s; there are%s\n", word.c_str(), names.c_str());
  return kNotFound;
}

}  // namespace

void AddMan(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("man", "Print a manual page, or write all of them");
  auto flags = std::make_shared<Flags>();
  command->add_option("PAGE", flags->page, "vm, console, ...; emuctl's own unless given");
  command->add_option("--into", flags->into, "write all pages into this folder")->type_name("FILE");
  command->footer(
      "Examples:\n"
      "  emuctl man vm | man -l -\n"
      "  emuctl man --into /usr/local/share/man/man1");
  command->callback([flags, &parent, &session] {
    const std::vector<ManPage> pages = ManPages(DescribeCommands(parent), EMU_VERSION);
    session.code = !flags->into.empty()
                       ? WriteAll(pages, flags->into)
                       : PrintOne(pages, flags->page.empty() ? "emuctl" : flags->page);
  });
}

}  // namespace emu::client
