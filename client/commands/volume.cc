// volume create, list, get and rm.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "client/commands/commands.h"
#include "client/commands/list_flags.h"
#include "client/commands/list_pages.h"
#include "client/exit_code.h"
#include "client/format/image_format.h"
#include "client/format/message_format.h"
#include "client/size.h"
#include "emud/v1/volume.grpc.pb.h"

namespace emu::client {
namespace {

using emud::v1::Volume;
using emud::v1::VolumeService;

// One or some of `volumes`, which are what `message` is about, in any form.
void PrintVolumes(const std::string& output, const google::protobuf::Message& message,
                  const std::vector<Volume>& volumes, const std::string& hint = "") {
  if (output == "name") {
    for (const Volume& volume : volumes) std::printf("%s\n", volume.name().c_str());
    return;
  }
  std::vector<std::vector<std::string>> rows;
  for (const Volume& volume : volumes) {
    rows.push_back({volume.name(), volume.project(), BytesText(volume.size_mib() << 20),
                    volume.image().empty() ? "-" : volume.image(),
                    volume.vms().empty() ? "-" : absl::StrJoin(volume.vms(), ",")});
  }
  Print(output, message, ToTable({"NAME", "PROJECT", "SIZE", "IMAGE", "VMS"}, rows) + hint);
}

struct CreateFlags {
  std::string size;
  emud::v1::CreateVolumeRequest request;
};

int Create(const CreateFlags& flags, const Options& options) {
  emud::v1::CreateVolumeRequest request = flags.request;
  uint64_t mib = 0;
  if (!flags.size.empty() && !ParseMib(flags.size, mib)) {
    std::fprintf(stderr, "emuctl: --size %s: give a size like 512M or 8G\n", flags.size.c_str());
    return kUsage;
  }
  request.set_size_mib(mib);
  const auto stub = VolumeService::NewStub(Connect(options));
  grpc::ClientContext context;
  Volume volume;
  const auto status = stub->CreateVolume(&context, request, &volume);
  if (status.ok()) PrintVolumes(options.output, volume, {volume});
  return Report(status, options.endpoint);
}

int List(const emud::v1::ListVolumesRequest& wanted, const Options& options) {
  const auto stub = VolumeService::NewStub(Connect(options));
  emud::v1::ListVolumesResponse all;
  const auto call = [&stub](auto* context, const auto& request, auto* page) {
    return stub->ListVolumes(context, request, page);
  };
  if (const auto status = ListPages(wanted, call, all); !status.ok()) {
    return Report(status, options.endpoint);
  }
  PrintVolumes(options.output, all, {all.volumes().begin(), all.volumes().end()},
               NextPageHint(all));
  return kDone;
}

int Get(const emud::v1::GetVolumeRequest& request, const Options& options) {
  const auto stub = VolumeService::NewStub(Connect(options));
  grpc::ClientContext context;
  Volume volume;
  const auto status = stub->GetVolume(&context, request, &volume);
  if (status.ok()) PrintVolumes(options.output, volume, {volume});
  return Report(status, options.endpoint);
}

// The first that fails ends it.
int Remove(const std::vector<std::string>& names, const Options& options) {
  const auto stub = VolumeService::NewStub(Connect(options));
  for (const std::string& name : names) {
    emud::v1::DeleteVolumeRequest request;
    request.set_name(name);
    grpc::ClientContext context;
    google::protobuf::Empty nothing;
    const int code = Report(stub->DeleteVolume(&context, request, &nothing), options.endpoint);
    if (code != kDone) return code;
  }
  Print(options.output, google::protobuf::Empty(), "");
  return kDone;
}

void AddCreate(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("create", "Make a volume");
  auto flags = std::make_shared<CreateFlags>();
  command
      ->add_option_function<std::string>(
          "NAME", [flags](const std::string& name) { flags->request.set_name(name); },
          "name: a-z, 0-9 and -, beginning with a letter")
      ->type_name("NEW")
      ->required();
  command->add_option("--size", flags->size,
                      "what a guest sees, like 8G (default: as large as its image)");
  command
      ->add_option_function<std::string>(
          "--image", [flags](const std::string& name) { flags->request.set_image(name); },
          "that it begins as, which stays as it is (default: zeros)")
      ->type_name("IMAGE");
  command->add_flag_callback(
      "--dry-run", [flags] { flags->request.set_validate_only(true); },
      "check, show what would be, make nothing");
  AddRequestId(*command, flags->request, flags);
  command->footer(
      "Examples:\n"
      "  emuctl volume create data --size 8G\n"
      "  emuctl volume create root --image debian:13/riscv64 --size 16G\n"
      "  emuctl vm create web1 --image debian:13/riscv64 --disk volume=data --start");
  command->callback([flags, &session] { session.code = Create(*flags, session.options); });
}

void AddList(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("list", "Show volumes");
  auto request = std::make_shared<emud::v1::ListVolumesRequest>();
  AddListFlags(*command, request,
               "those of which this is true, as in vm list, with the fields of a volume");
  command->footer(
      "Examples:\n"
      "  emuctl volume list\n"
      "  emuctl volume list --filter 'size_mib>=1024' -o json");
  command->callback([request, &session] { session.code = List(*request, session.options); });
}

void AddGet(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("get", "Show one volume and the VMs that have it");
  auto request = std::make_shared<emud::v1::GetVolumeRequest>();
  command
      ->add_option_function<std::string>(
          "VOLUME", [request](const std::string& name) { request->set_name(name); }, "the volume")
      ->required();
  command->footer("Example:\n  emuctl volume get data -o yaml");
  command->callback([request, &session] { session.code = Get(*request, session.options); });
}

void AddRemove(CLI::App& parent, Session& session) {
  auto* command =
      parent.add_subcommand("rm", "Delete volumes that no VM has, with what was written to them");
  auto names = std::make_shared<std::vector<std::string>>();
  command->add_option("VOLUME", *names, "the volumes")->required();
  command->footer("Example:\n  emuctl volume rm data");
  command->callback([names, &session] { session.code = Remove(*names, session.options); });
}

}  // namespace

void AddVolume(CLI::App& parent, Session& session) {
  auto* volume = parent.add_subcommand("volume", "Disks that outlive VMs");
  volume->require_subcommand(1);
  volume->footer(
      "Examples:\n"
      "  emuctl volume create data --size 8G\n"
      "  emuctl vm create web1 --image debian:13/riscv64 --disk volume=data --start\n"
      "  emuctl volume list\n"
      "Several VMs may have a volume; one at a time runs with it. vm rm leaves it.");
  AddCreate(*volume, session);
  AddList(*volume, session);
  AddGet(*volume, session);
  AddRemove(*volume, session);
  for (CLI::App* command : volume->get_subcommands({})) command->fallthrough();
}

}  // namespace emu::client
