#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/commands/commands.h"
#include "client/commands/image_sending.h"
#include "client/exit_code.h"
#include "client/format/image_format.h"
#include "client/format/message_format.h"
#include "client/labels.h"
#include "client/size.h"
#include "emud/v1/image.grpc.pb.h"

namespace emu::client {
namespace {

using emud::v1::Image;
using emud::v1::ImageService;
using emud::v1::ImportImageRequest;

struct Flags {
  std::string file, kernel, initrd, firmware, flash, format, sha256, memory;
  std::vector<std::string> labels;
  bool is_on_host = false;
  ImportImageRequest request;
};

// "Debian-13.qcow2" -> debian-13
std::string NameOf(const std::string& file) {
  std::string name = std::filesystem::path(file).stem().string();
  std::ranges::transform(name, name.begin(), [](unsigned char c) {
    const bool is_good = std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
    return static_cast<char>(is_good ? std::tolower(c) : '-');
  });
  return name;
}

std::vector<std::pair<Image::Role, std::string>> FilesOf(const Flags& flags) {
  std::vector<std::pair<Image::Role, std::string>> files = {{Image::DISK, flags.file},
                                                            {Image::KERNEL, flags.kernel},
                                                            {Image::INITRD, flags.initrd},
                                                            {Image::FIRMWARE, flags.firmware},
                                                            {Image::FLASH, flags.flash}};
  std::erase_if(files, [](const auto& file) { return file.second.empty(); });
  return files;
}

bool BuildRequest(const Flags& flags, ImportImageRequest& request, std::string& error) {
  request = flags.request;
  if (request.name().empty()) request.set_name(NameOf(flags.file));
  if (flags.file == "-" && flags.request.name().empty()) {
    error = "--name: standard input has none; give one";
    return false;
  }
  uint64_t memory_mib = 0;
  if (!flags.memory.empty() && !ParseMib(flags.memory, memory_mib)) {
    error = "--memory " + flags.memory + ": give a size like 512M or 2G";
    return false;
  }
  request.set_memory_mib(memory_mib);
  if (flags.format == "raw") request.set_format(Image::RAW);
  if (flags.format == "qcow2") request.set_format(Image::QCOW2);
  if (flags.format == "iso") request.set_format(Image::ISO);
  return ReadLabels("--label", flags.labels, *request.mutable_labels(), error);
}

int Import(const Flags& flags, const Options& options) {
  ImportImageRequest request;
  std::string error;
  if (!BuildRequest(flags, request, error)) {
    std::fprintf(stderr, "emuctl: %s\n", error.c_str());
    return kUsage;
  }
  for (const auto& [role, path] : FilesOf(flags)) {
    ImportImageRequest::Source& source = *request.add_sources();
    source.set_role(role);
    source.set_path(path);
    if (role == Image::DISK) source.set_sha256(flags.sha256);
  }
  const auto stub = ImageService::NewStub(Connect(options));
  Image image;
  const int code = flags.is_on_host ? ImportOnHost(*stub, request, options, image)
                                    : SendAndImport(*stub, std::move(request), options, image);
  if (code == kDone) PrintImages(options.output, image, {image}, ImageTable({image}));
  return code;
}

}  // namespace

void AddImageImport(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("import", "Make an image of a file");
  auto flags = std::make_shared<Flags>();
  command->add_option("FILE", flags->file, "the disk: raw, QCOW2 or ISO 9660; - is standard input")
      ->type_name("FILE")
      ->required();
  const auto set = [flags](void (ImportImageRequest::*setter)(const std::string&)) {
    return [flags, setter](const std::string& text) { (flags->request.*setter)(text); };
  };
  command->add_option_function<std::string>(
      "--name", set(&ImportImageRequest::set_name<const std::string&>),
      "its name, like debian:13/riscv64 (default: the file's, without what follows its last dot)");
  command
      ->add_option("--format", flags->format,
                   "of the disk (default: what its first bytes say, now and never again)")
      ->check(CLI::IsMember({"raw", "qcow2", "iso"}));
  command
      ->add_option_function<std::string>("--arch",
                                         set(&ImportImageRequest::set_arch<const std::string&>),
                                         "whose VMs it is for (default: any)")
      ->type_name("{aarch64,riscv64}");
  for (const auto& [name, path, help] :
       {std::tuple("--kernel", &flags->kernel, "what its VMs boot: Linux Image"),
        std::tuple("--initrd", &flags->initrd, "the kernel's initial RAM disk"),
        std::tuple("--firmware", &flags->firmware, "ELF or raw image that runs from reset"),
        std::tuple("--flash", &flags->flash, "raw image in the flash, in place of a kernel")}) {
    command->add_option(name, *path, help)->type_name("FILE");
  }
  command->add_option_function<std::string>(
      "--append", set(&ImportImageRequest::set_cmdline<const std::string&>),
      "the kernel's command line");
  command->add_option("--memory", flags->memory,
                      "RAM for VMs that boot from it and say nothing else, like 1G");
  command->add_option("--sha256", flags->sha256, "the sum that the disk's file must have");
  command->add_option("--label", flags->labels, "KEY=VALUE; may be repeated")
      ->allow_extra_args(false);
  command->add_flag("--on-host", flags->is_on_host,
                    "the files are paths of emud's host: nothing is sent");
  AddRequestId(*command, flags->request, flags);
  command->footer(
      "Examples:\n"
      "  emuctl image import disk.qcow2 --name tools\n"
      "  emuctl image import root.img --name debian:13/riscv64 --arch riscv64 --kernel vmlinuz \\\n"
      "      --initrd initrd.img --append 'root=/dev/vda1 console=ttyS0'\n"
      "  xz -dc disk.img.xz | emuctl image import - --name disk\n"
      "  emuctl image import /srv/images/debian.iso --on-host\n"
      "An upload goes on by itself where the connection breaks, or emud is restarted.");
  command->callback([flags, &session] { session.code = Import(*flags, session.options); });
}

}  // namespace emu::client
