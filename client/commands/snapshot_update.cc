#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "client/commands/commands.h"
#include "client/exit_code.h"
#include "client/format/snapshot_format.h"
#include "client/labels.h"
#include "emud/v1/snapshot.grpc.pb.h"

namespace emu::client {
namespace {

struct Flags {
  emud::v1::UpdateSnapshotRequest request;
  std::vector<std::string> labels, annotations;
};

int Update(const Flags& flags, const Options& options) {
  emud::v1::UpdateSnapshotRequest request = flags.request;
  emud::v1::Snapshot& wanted = *request.mutable_snapshot();
  google::protobuf::FieldMask& mask = *request.mutable_update_mask();
  std::string error;
  if (!ReadNoteChanges("--label", flags.labels, "labels", *wanted.mutable_labels(), mask, error) ||
      !ReadNoteChanges("--annotation", flags.annotations, "annotations",
                       *wanted.mutable_annotations(), mask, error)) {
    std::fprintf(stderr, "emuctl: %s\n", error.c_str());
    return kUsage;
  }
  if (mask.paths().empty()) {
    std::fprintf(stderr, "emuctl: nothing is to change; give --label or --annotation\n");
    return kUsage;
  }
  const auto stub = emud::v1::SnapshotService::NewStub(Connect(options));
  grpc::ClientContext context;
  emud::v1::Snapshot snapshot;
  const auto status = stub->UpdateSnapshot(&context, request, &snapshot);
  if (status.ok()) PrintSnapshots(options.output, snapshot, {snapshot}, SnapshotTable({snapshot}));
  return Report(status, options.endpoint);
}

}  // namespace

void AddSnapshotUpdate(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("update", "Change a snapshot's labels or annotations");
  auto flags = std::make_shared<Flags>();
  command
      ->add_option_function<std::string>(
          "SNAPSHOT",
          [flags](const std::string& name) { flags->request.mutable_snapshot()->set_name(name); },
          "the snapshot")
      ->required();
  command->add_option("--label", flags->labels, "KEY=VALUE, or KEY-; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--annotation", flags->annotations, "KEY=VALUE, or KEY-; may be repeated")
      ->allow_extra_args(false);
  command->add_option_function<std::string>(
      "--etag",
      [flags](const std::string& etag) { flags->request.mutable_snapshot()->set_etag(etag); },
      "only if it is still this version");
  AddRequestId(*command, flags->request, flags);
  command->footer("Example:\n  emuctl snapshot update warm --label stage=tested --label old-");
  command->callback([flags, &session] { session.code = Update(*flags, session.options); });
}

}  // namespace emu::client
