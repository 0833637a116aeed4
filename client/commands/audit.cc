// audit list and verify.
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "client/commands/commands.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "emud/v1/audit.grpc.pb.h"
#include "proto/audit/audit_chain.h"

namespace emu::client {
namespace {

using emud::v1::AuditService;

struct Flags {
  emud::v1::ListAuditEntriesRequest list;
  std::vector<std::string> files;
};

// A line each, so that a reader of a stream has all of an entry.
std::string ToLine(const emud::v1::AuditEntry& entry) {
  std::string line = google::protobuf::util::TimeUtil::ToString(entry.time());
  line += "  " + entry.principal() + "  " + entry.method().substr(entry.method().rfind('.') + 1);
  line += "  " + (entry.resource().empty() ? "-" : entry.resource()) + "  " + entry.outcome();
  if (!entry.reason().empty()) line += " (" + entry.reason() + ")";
  return line + "\n";
}

int List(const Flags& flags, const Options& options) {
  const auto stub = AuditService::NewStub(Connect(options));
  grpc::ClientContext context;
  const auto stream = stub->ListAuditEntries(&context, flags.list);
  emud::v1::AuditEntry entry;
  while (stream->Read(&entry)) {
    std::string text = ToLine(entry);
    if (options.output == "json") {
      text.clear();
      (void)google::protobuf::util::MessageToJsonString(entry, &text);
      text += "\n";
    } else if (options.output == "yaml") {
      text = "---\n" + ToYaml(entry);
    }
    std::fputs(text.c_str(), stdout);
  }
  return Report(stream->Finish(), options.endpoint);
}

int Tell(const emud::v1::VerifyAuditLogResponse& response, const Options& options) {
  Print(options.output, response,
        response.problem().empty()
            ? "The log is whole, from entry " + std::to_string(response.first()) + " to " +
                  std::to_string(response.entries()) + "\n"
            : response.problem() + "\n");
  return response.problem().empty() ? kDone : kConditionFalse;
}

// Copies of the files, oldest first, without asking the daemon.
int VerifyFiles(const Flags& flags, const Options& options) {
  emud::v1::VerifyAuditLogResponse response;
  AuditChain chain;
  for (const std::string& file : flags.files) {
    response.set_problem(chain.FollowFile(file));
    if (!response.problem().empty()) break;
    response.set_first(chain.first());
    response.set_entries(chain.number());
  }
  return Tell(response, options);
}

int Verify(const Flags& flags, const Options& options) {
  if (!flags.files.empty()) return VerifyFiles(flags, options);
  const auto stub = AuditService::NewStub(Connect(options));
  grpc::ClientContext context;
  emud::v1::VerifyAuditLogResponse response;
  if (const auto status = stub->VerifyAuditLog(&context, {}, &response); !status.ok()) {
    return Report(status, options.endpoint);
  }
  return Tell(response, options);
}

}  // namespace

void AddAudit(CLI::App& parent, Session& session) {
  auto* audit = parent.add_subcommand("audit", "What was done, by whom, and whether that is so");
  audit->require_subcommand(1);
  audit->footer("Examples:\n  emuctl audit list --last 20\n  emuctl audit verify");
  auto flags = std::make_shared<Flags>();
  auto* list = audit->add_subcommand("list", "Show mutations, and consoles and gdbs attached");
  list->add_option_function<uint32_t>(
      "--last", [flags](uint32_t limit) { flags->list.set_limit(limit); },
      "so many of the newest (default 100)");
  list->footer("Examples:\n  emuctl audit list --last 20\n  emuctl audit list -o json");
  list->callback([flags, &session] { session.code = List(*flags, session.options); });
  auto* verify = audit->add_subcommand("verify", "Check that the log is as it was written");
  verify
      ->add_option("FILE", flags->files,
                   "copies of its files, oldest first (default: the daemon's)")
      ->type_name("FILE");
  verify->footer(
      "Examples:\n"
      "  emuctl audit verify\n"
      "  emuctl audit verify audit-20260101.jsonl audit-20260102.jsonl\n"
      "Exits 8 and names the line that was changed, removed, inserted or cut off. Lines missing "
      "at\n"
      "the very end are known to the daemon only: of copies that is not seen.");
  verify->callback([flags, &session] { session.code = Verify(*flags, session.options); });
  for (CLI::App* command : audit->get_subcommands({})) command->fallthrough();
}

}  // namespace emu::client
