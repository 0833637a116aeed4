#include <memory>
#include <optional>
#include <string>

#include "client/commands/commands.h"
#include "client/commands/exported_file.h"
#include "client/exit_code.h"
#include "client/format/progress.h"
#include "client/image_transfer.h"
#include "emud/v1/snapshot.grpc.pb.h"

namespace emu::client {
namespace {

struct Flags {
  emud::v1::ExportSnapshotRequest request;
  std::string file;
};

int Export(const Flags& flags, const Options& options) {
  const std::optional<ExportedFile> file = ExportedFile::Open(flags.file);
  if (!file) return kFailed;
  const auto stub = emud::v1::SnapshotService::NewStub(Connect(options));
  grpc::Status status;
  {
    Progress progress(options.progress, "download", flags.request.name());
    const auto show = [&](uint64_t done, uint64_t all) {
      Progress::State state;
      state.stage = "download " + flags.request.name();
      if (all != 0) state.percent = static_cast<int>(done * 100 / all);
      state.bytes_done = done;
      state.bytes_total = all;
      progress.Update(state);
    };
    status = DownloadSnapshot(*stub, flags.request, file->fd(), show);
  }
  return file->Finish(status, options);
}

}  // namespace

void AddSnapshotExport(CLI::App& parent, Session& session) {
  auto* command =
      parent.add_subcommand("export", "Write a snapshot into a file, for another daemon");
  auto flags = std::make_shared<Flags>();
  command
      ->add_option_function<std::string>(
          "SNAPSHOT", [flags](const std::string& name) { flags->request.set_name(name); },
          "the snapshot")
      ->required();
  command->add_option("FILE", flags->file, "where to; - is standard output")
      ->type_name("FILE")
      ->required();
  command->add_flag_callback(
      "--without-images", [flags] { flags->request.set_without_images(true); },
      "leave out the bytes of images, which the other daemon has");
  command->footer(
      "Examples:\n"
      "  emuctl snapshot export warm warm.tar\n"
      "  emuctl snapshot export warm - | zstd > warm.tar.zst\n"
      "  emuctl snapshot export warm - | emuctl --context other snapshot import - --name warm\n"
      "The file is a tar archive. It has the VM's memory, with all that was secret in it.");
  command->callback([flags, &session] { session.code = Export(*flags, session.options); });
}

}  // namespace emu::client
