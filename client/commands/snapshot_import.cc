#include <memory>
#include <string>

#include "client/commands/commands.h"
#include "client/commands/image_sending.h"
#include "client/exit_code.h"
#include "client/format/progress.h"
#include "client/format/snapshot_format.h"
#include "emud/v1/image.grpc.pb.h"
#include "emud/v1/snapshot.grpc.pb.h"

namespace emu::client {
namespace {

struct Flags {
  emud::v1::ImportSnapshotRequest request;
  std::string file;
};

int Import(const Flags& flags, const Options& options) {
  const auto channel = Connect(options);
  const auto uploads = emud::v1::ImageService::NewStub(channel);
  emud::v1::ImportSnapshotRequest request = flags.request;
  int code = SendFile(*uploads, flags.file, options, *request.mutable_upload_id());
  if (code == kDone) {
    grpc::ClientContext context;
    emud::v1::Snapshot snapshot;
    const Progress progress(options.progress, "import", flags.file);
    const auto stub = emud::v1::SnapshotService::NewStub(channel);
    code = Report(stub->ImportSnapshot(&context, request, &snapshot), options.endpoint);
    if (code == kDone) {
      PrintSnapshots(options.output, snapshot, {snapshot}, SnapshotTable({snapshot}));
    }
  }
  // Where nobody knows how it went, it is left, and expires.
  if (code != kDone && code != kUnavailable && !request.upload_id().empty()) {
    DropUpload(*uploads, request.upload_id());
  }
  return code;
}

}  // namespace

void AddSnapshotImport(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("import", "Make a snapshot of a file of snapshot export");
  auto flags = std::make_shared<Flags>();
  command->add_option("FILE", flags->file, "the file, not compressed; - is standard input")
      ->type_name("FILE")
      ->required();
  command
      ->add_option_function<std::string>(
          "--name", [flags](const std::string& name) { flags->request.set_name(name); },
          "its name (default: as it was called)")
      ->type_name("NEW");
  AddRequestId(*command, flags->request, flags);
  command->footer(
      "Examples:\n"
      "  emuctl snapshot import warm.tar\n"
      "  zstd -dc warm.tar.zst | emuctl snapshot import - --name warm2\n"
      "Files of the host that its VM boots with, or has as disks, must be at their paths here, "
      "too.");
  command->callback([flags, &session] { session.code = Import(*flags, session.options); });
}

}  // namespace emu::client
