// image list, get, update, rm and gc.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "client/commands/commands.h"
#include "client/commands/list_flags.h"
#include "client/commands/list_pages.h"
#include "client/exit_code.h"
#include "client/format/image_format.h"
#include "client/format/message_format.h"
#include "emud/v1/image.grpc.pb.h"

namespace emu::client {
namespace {

using emud::v1::Image;
using emud::v1::ImageService;

int List(const emud::v1::ListImagesRequest& wanted, const Options& options) {
  const auto stub = ImageService::NewStub(Connect(options));
  emud::v1::ListImagesResponse all;
  const auto call = [&stub](auto* context, const auto& request, auto* page) {
    return stub->ListImages(context, request, page);
  };
  if (const auto status = ListPages(wanted, call, all); !status.ok()) {
    return Report(status, options.endpoint);
  }
  const std::vector<Image> images(all.images().begin(), all.images().end());
  PrintImages(options.output, all, images, ImageTable(images) + NextPageHint(all));
  return kDone;
}

int Get(const emud::v1::GetImageRequest& request, const Options& options) {
  const auto stub = ImageService::NewStub(Connect(options));
  grpc::ClientContext context;
  Image image;
  const auto status = stub->GetImage(&context, request, &image);
  if (status.ok()) PrintImages(options.output, image, {image}, ImageDetails(image));
  return Report(status, options.endpoint);
}

struct UpdateFlags {
  std::vector<std::string> labels;
  emud::v1::UpdateImageRequest request;
};

int Update(const UpdateFlags& flags, const Options& options) {
  emud::v1::UpdateImageRequest request = flags.request;
  for (const std::string& label : flags.labels) {
    const size_t equals = label.find('=');
    const std::string key = label.substr(0, equals);
    if (key.empty()) {
      std::fprintf(stderr, "emuctl: --label %s: give KEY=VALUE, or KEY to take it off\n",
                   label.c_str());
      return kUsage;
    }
    request.mutable_update_mask()->add_paths("labels.`" + key + "`");
    if (equals == std::string::npos) continue;
    (*request.mutable_image()->mutable_labels())[key] = label.substr(equals + 1);
  }
  const auto stub = ImageService::NewStub(Connect(options));
  grpc::ClientContext context;
  Image image;
  const auto status = stub->UpdateImage(&context, request, &image);
  if (status.ok()) PrintImages(options.output, image, {image}, ImageDetails(image));
  return Report(status, options.endpoint);
}

struct RemoveFlags {
  std::vector<std::string> names;
  std::string etag;
  std::string request_id;
};

// The first that fails ends it.
int Remove(const RemoveFlags& flags, const Options& options) {
  if (flags.names.size() > 1 && !(flags.etag + flags.request_id).empty()) {
    std::fprintf(stderr, "emuctl: --etag and --request-id: name one image\n");
    return kUsage;
  }
  const auto stub = ImageService::NewStub(Connect(options));
  for (const std::string& name : flags.names) {
    emud::v1::DeleteImageRequest request;
    request.set_name(name);
    request.set_etag(flags.etag);
    request.set_request_id(flags.request_id);
    grpc::ClientContext context;
    google::protobuf::Empty nothing;
    const int code = Report(stub->DeleteImage(&context, request, &nothing), options.endpoint);
    if (code != kDone) return code;
  }
  Print(options.output, google::protobuf::Empty(), "");
  return kDone;
}

int Collect(const emud::v1::CollectImagesRequest& request, const Options& options) {
  const auto stub = ImageService::NewStub(Connect(options));
  grpc::ClientContext context;
  emud::v1::CollectImagesResponse freed;
  const auto status = stub->CollectImages(&context, request, &freed);
  if (status.ok()) {
    Print(options.output, freed,
          ToTable({"FILES", "UPLOADS", "FREED"},
                  {{std::to_string(freed.blobs()), std::to_string(freed.uploads()),
                    BytesText(freed.freed_bytes())}}));
  }
  return Report(status, options.endpoint);
}

void AddList(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("list", "Show images");
  auto request = std::make_shared<emud::v1::ListImagesRequest>();
  AddListFlags(*command, request,
               "those of which this is true, as in vm list, with the fields of an image");
  command->footer(
      "Examples:\n"
      "  emuctl image list\n"
      "  emuctl image list --filter 'arch=riscv64' --order-by 'create_time desc' -o json");
  command->callback([request, &session] { session.code = List(*request, session.options); });
}

void AddGet(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("get", "Show one image and its parts");
  auto request = std::make_shared<emud::v1::GetImageRequest>();
  command
      ->add_option_function<std::string>(
          "IMAGE", [request](const std::string& name) { request->set_name(name); }, "the image")
      ->type_name("IMAGE")
      ->required();
  command->footer("Example:\n  emuctl image get debian:13/riscv64 -o yaml");
  command->callback([request, &session] { session.code = Get(*request, session.options); });
}

void AddUpdate(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("update", "Change an image's labels");
  auto flags = std::make_shared<UpdateFlags>();
  command
      ->add_option_function<std::string>(
          "IMAGE",
          [flags](const std::string& name) { flags->request.mutable_image()->set_name(name); },
          "the image")
      ->type_name("IMAGE")
      ->required();
  command->add_option("--label", flags->labels, "KEY=VALUE, or KEY to take it off; may be repeated")
      ->allow_extra_args(false)
      ->required();
  AddRequestId(*command, flags->request, flags);
  command->footer("Example:\n  emuctl image update debian:13/riscv64 --label team=core");
  command->callback([flags, &session] { session.code = Update(*flags, session.options); });
}

void AddRemove(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("rm", "Delete images that no VM has");
  auto flags = std::make_shared<RemoveFlags>();
  command->add_option("IMAGE", flags->names, "the images")->type_name("IMAGE")->required();
  command->add_option("--etag", flags->etag, "only if it is still this version");
  command->add_option(
      "--request-id", flags->request_id,
      "an id of yours, best a UUID: asked for again with it, nothing is done twice");
  command->footer(
      "Examples:\n"
      "  emuctl image rm debian:13/riscv64\n"
      "  emuctl image rm old older && emuctl image gc");
  command->callback([flags, &session] { session.code = Remove(*flags, session.options); });
}

void AddCollect(CLI::App& parent, Session& session) {
  auto* command =
      parent.add_subcommand("gc", "Free what deleted images and forgotten uploads have left");
  auto request = std::make_shared<emud::v1::CollectImagesRequest>();
  command->add_flag_callback(
      "--dry-run", [request] { request->set_validate_only(true); }, "say what would be freed");
  command->footer("Examples:\n  emuctl image gc --dry-run\n  emuctl image gc");
  command->callback([request, &session] { session.code = Collect(*request, session.options); });
}

}  // namespace

void AddImage(CLI::App& parent, Session& session) {
  auto* image = parent.add_subcommand("image", "What disks of VMs begin as");
  image->require_subcommand(1);
  image->footer(
      "Examples:\n"
      "  emuctl image import debian.qcow2 --name debian:13/riscv64 --arch riscv64 \\\n"
      "      --kernel vmlinuz --initrd initrd.img --append 'root=/dev/vda1 console=ttyS0'\n"
      "  emuctl vm create lab1 --image debian:13/riscv64 --start\n"
      "  emuctl image list");
  AddImageImport(*image, session);
  AddList(*image, session);
  AddGet(*image, session);
  AddUpdate(*image, session);
  AddRemove(*image, session);
  AddCollect(*image, session);
  AddImageExport(*image, session);
  AddImagePull(*image, session);
  for (CLI::App* command : image->get_subcommands({})) command->fallthrough();
}

}  // namespace emu::client
