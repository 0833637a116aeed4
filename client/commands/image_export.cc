#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <string>

#include "client/commands/commands.h"
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

int FileFailed(const std::string& path) {
  std::fprintf(stderr, "emuctl: %s: %s\n", path.c_str(), std::strerror(errno));
  return kFailed;
}

int Export(const Flags& flags, const Options& options) {
  const bool is_output = flags.file == "-";
  // What is not whole has another name.
  const std::string draft = flags.file + ".part";
  const int file =
      is_output ? STDOUT_FILENO : open(draft.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) return FileFailed(draft);
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
    status = Download(*stub, flags.name, kRoles.at(flags.part), file, show);
  }
  if (is_output) return Report(status, options.endpoint);
  const bool is_kept = status.ok() && fsync(file) == 0;
  close(file);
  if (is_kept && rename(draft.c_str(), flags.file.c_str()) == 0) return kDone;
  const int code = status.ok() ? FileFailed(flags.file) : Report(status, options.endpoint);
  unlink(draft.c_str());
  return code;
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
