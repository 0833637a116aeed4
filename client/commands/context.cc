// context add, use, list and rm.
#include <google/protobuf/struct.pb.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "client/commands/commands.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"

namespace emu::client {
namespace {

struct Flags {
  std::string name;
  std::string token_file;
  Endpoint endpoint;
  bool use = false;
};

int Fail(int code, const std::string& problem) {
  std::fprintf(stderr, "emuctl: %s\n", problem.c_str());
  return code;
}

// The first line of the file; - is standard input.
bool ReadToken(const std::string& path, std::string& token) {
  std::ifstream file(path == "-" ? "/dev/stdin" : path);
  return static_cast<bool>(std::getline(file, token)) && token.starts_with("emt_");
}

// As it is named from anywhere; false if it can't be read.
bool MakeAbsolute(std::string& path) {
  if (path.empty()) return true;
  path = std::filesystem::absolute(path).lexically_normal().string();
  return std::ifstream(path).good();
}

int Add(const Flags& flags, const Choice& choice) {
  Endpoint endpoint = flags.endpoint;
  endpoint.address = choice.address;
  endpoint.project = choice.project;
  if (endpoint.address.empty()) return Fail(kUsage, "--endpoint is missing; give tls:HOST:PORT");
  for (std::string* path : {&endpoint.ca, &endpoint.certificate, &endpoint.key}) {
    if (!MakeAbsolute(*path)) return Fail(kUsage, *path + " can't be read; check the path");
  }
  if (!flags.token_file.empty() && !ReadToken(flags.token_file, endpoint.token)) {
    return Fail(kUsage, "--token-file " + flags.token_file +
                            ": there is no token in it; give what emuctl token create printed");
  }
  Contexts contexts;
  std::string error;
  if (!contexts.Load(error)) return Fail(kFailed, error);
  contexts.by_name[flags.name] = endpoint;
  if (flags.use) contexts.current = flags.name;
  return contexts.Save(error) ? int{kDone} : Fail(kFailed, error);
}

int Use(const Flags& flags) {
  Contexts contexts;
  std::string error;
  if (!contexts.Load(error)) return Fail(kFailed, error);
  if (flags.name != "-" && !contexts.by_name.contains(flags.name)) {
    return Fail(kNotFound, "there is no context " + flags.name + "; see emuctl context list");
  }
  contexts.current = flags.name == "-" ? "" : flags.name;
  return contexts.Save(error) ? int{kDone} : Fail(kFailed, error);
}

int Remove(const Flags& flags) {
  Contexts contexts;
  std::string error;
  if (!contexts.Load(error)) return Fail(kFailed, error);
  if (contexts.by_name.erase(flags.name) == 0) {
    return Fail(kNotFound, "there is no context " + flags.name + "; see emuctl context list");
  }
  if (contexts.current == flags.name) contexts.current.clear();
  return contexts.Save(error) ? int{kDone} : Fail(kFailed, error);
}

// Whatever is shown, a token is not.
int List(const Options& options) {
  Contexts contexts;
  std::string error;
  if (!contexts.Load(error)) return Fail(kFailed, error);
  google::protobuf::Struct all;
  auto& listed = *(*all.mutable_fields())["contexts"].mutable_list_value();
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, endpoint] : contexts.by_name) {
    const char* const shown = !endpoint.token.empty()         ? "token"
                              : !endpoint.certificate.empty() ? "certificate"
                                                              : "-";
    const bool is_current = name == contexts.current;
    rows.push_back({is_current ? "*" : "", name, endpoint.address, shown,
                    endpoint.project.empty() ? "-" : endpoint.project});
    auto& fields = *listed.add_values()->mutable_struct_value()->mutable_fields();
    fields["name"].set_string_value(name);
    fields["current"].set_bool_value(is_current);
    fields["endpoint"].set_string_value(endpoint.address);
    fields["credential"].set_string_value(shown);
    fields["project"].set_string_value(endpoint.project);
  }
  Print(options.output, all, ToTable({"", "NAME", "ENDPOINT", "CREDENTIAL", "PROJECT"}, rows));
  return kDone;
}

}  // namespace

void AddContext(CLI::App& parent, Session& session) {
  auto* context = parent.add_subcommand("context", "Name daemons, and say which one is meant");
  context->require_subcommand(1);
  context->footer(
      "Examples:\n"
      "  emuctl context add lab --endpoint tls:emu.example.org:7443 --ca ca.pem \\\n"
      "      --token-file ci.token --use\n"
      "  emuctl context list\n"
      "  emuctl --context lab vm list\n"
      "They are kept in ~/.config/emuctl/contexts.yaml, which only you can read. --endpoint and\n"
      "EMUD_ENDPOINT win over the current one; beside EMUD_ENDPOINT there are EMUD_CA, "
      "EMUD_TOKEN,\n"
      "EMUD_CERTIFICATE, EMUD_KEY and EMUD_PROJECT.");
  auto flags = std::make_shared<Flags>();
  auto* add = context->add_subcommand("add", "Name a daemon, in place of what had the name");
  add->add_option("CONTEXT", flags->name, "what it is called")->required();
  add->add_option("--ca", flags->endpoint.ca,
                  "PEM file: who has signed the daemon's certificate (default: whom the system "
                  "trusts)")
      ->type_name("FILE");
  add->add_option("--token-file", flags->token_file, "a file with a token, - is standard input")
      ->type_name("FILE");
  add->add_option("--certificate", flags->endpoint.certificate, "PEM file of your certificate")
      ->type_name("FILE");
  add->add_option("--key", flags->endpoint.key, "PEM file of your certificate's key")
      ->type_name("FILE");
  add->add_flag("--use", flags->use, "and mean it from now on");
  add->footer(
      "Examples:\n"
      "  emuctl context add lab --endpoint tls:emu.example.org:7443 --ca ca.pem \\\n"
      "      --token-file ci.token --project lab --use\n"
      "  emuctl context add here --endpoint unix:/run/emud/emud.sock");
  add->callback([flags, &session] { session.code = Add(*flags, session.choice); });
  auto* use = context->add_subcommand("use", "Say which daemon is meant");
  use->add_option("CONTEXT", flags->name, "its name; - is none, your own socket")->required();
  use->footer("Examples:\n  emuctl context use lab\n  emuctl context use -");
  use->callback([flags, &session] { session.code = Use(*flags); });
  auto* list = context->add_subcommand("list", "Show the daemons that have names");
  list->footer("Example:\n  emuctl context list -o json");
  list->callback([&session] { session.code = List(session.options); });
  auto* remove = context->add_subcommand("rm", "Forget a daemon");
  remove->add_option("CONTEXT", flags->name, "its name")->required();
  remove->footer("Example:\n  emuctl context rm lab");
  remove->callback([flags, &session] { session.code = Remove(*flags); });
  for (CLI::App* command : context->get_subcommands({})) command->fallthrough();
}

}  // namespace emu::client
