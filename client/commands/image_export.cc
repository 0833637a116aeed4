#include <map>
#include <memory>
#include <optional>
#include <string>

#include "client/commands/commands.h"
#include "client/commands/exported_file.h"
#include "client/exit_code.h"
#include "client/format/progress.h"
#include "client/image_transfer.h"
#include "emud/v1/image.grpc.pb.h"

namespace emu::client {
namespace {

using emud::v1::Image;

struct Flags {
  std::string name, file, part = "disk";
};

const std::map<std::string, Image::Role> kRoles = {{"disk", Image::DISK},
                                                   {"kernel", Image::KERNEL},
                                                   {"initrd", Image::INITRD},
                                                   {"firmware", Image::FIRMWARE},
                                                   {"flash", Image::FLASH}};

int Export(const Flags& flags, const Options& options) {
  const std::optional<ExportedFile> file = ExportedFile::Open(flags.file);
  if (!file) return kFailed;
  const auto stub = emud::v1::ImageService::NewStub(Connect(options));
  grpc::Status status;
  {
    Progress progress(options.progress, "download", flags.name);
    const auto show = [&](uint64_t bytes) {
      Progress::State state;
      state.stage = "download " + flags.name;
      state.bytes_done = bytes;
      progress.Update(state);
    };
    status = Download(*stub, flags.name, kRoles.at(flags.part), file->fd(), show);
  }
  return file->Finish(status, options);
}

}  // namespace

void AddImageExport(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("export", "Write an image's bytes into a file");
  auto flags = std::make_shared<Flags>();
  command->add_option("IMAGE", flags->name, "the image")->type_name("IMAGE")->required();
  command->add_option("FILE", flags->file, "where to; - is standard output")
      ->type_name("FILE")
      ->required();
  command->add_option("--part", flags->part, "disk (default), kernel, initrd, firmware or flash")
      ->check(CLI::IsMember({"disk", "kernel", "initrd", "firmware", "flash"}));
  command->footer(
      "Examples:\n"
      "  emuctl image export debian:13/riscv64 debian.img\n"
      "  emuctl image export debian:13/riscv64 - --part kernel | sha256sum");
  command->callback([flags, &session] { session.code = Export(*flags, session.options); });
}

}  // namespace emu::client
