#include <cstdio>
#include <memory>
#include <string>

#include "client/commands/commands.h"
#include "client/commands/operation_follow.h"
#include "client/exit_code.h"
#include "client/format/image_format.h"
#include "client/format/message_format.h"
#include "emud/v1/image.grpc.pb.h"
#include "emud/v1/operation.grpc.pb.h"

namespace emu::client {
namespace {

struct Flags {
  std::string name, request_id;
  bool lists = false;
  bool no_wait = false;
};

int List(emud::v1::ImageService::Stub& stub, const Options& options) {
  grpc::ClientContext context;
  emud::v1::ListImageRecipesResponse recipes;
  if (const auto status = stub.ListImageRecipes(&context, {}, &recipes); !status.ok()) {
    return Report(status, options.endpoint);
  }
  std::string names;
  for (const std::string& name : recipes.names()) names += name + "\n";
  if (options.output == "name") {
    std::fputs(names.c_str(), stdout);
  } else {
    Print(options.output, recipes, names);
  }
  return kDone;
}

int Pull(const Flags& flags, const Options& options) {
  const auto channel = Connect(options);
  const auto images = emud::v1::ImageService::NewStub(channel);
  if (flags.lists) return List(*images, options);
  if (flags.name.empty()) {
    std::fprintf(stderr, "emuctl: give NAME; emuctl image pull --list says which there are\n");
    return kUsage;
  }
  emud::v1::PullImageRequest request;
  request.set_name(flags.name);
  request.set_request_id(flags.request_id);
  emud::v1::Operation operation;
  grpc::ClientContext begin;
  if (const auto status = images->PullImage(&begin, request, &operation); !status.ok()) {
    return Report(status, options.endpoint);
  }
  if (const auto code = FollowToSuccess(channel, options, flags.no_wait, operation)) return *code;
  emud::v1::GetImageRequest get;
  get.set_name(flags.name);
  grpc::ClientContext context;
  emud::v1::Image image;
  if (const auto status = images->GetImage(&context, get, &image); !status.ok()) {
    return Report(status, options.endpoint);
  }
  PrintImages(options.output, image, {image}, ImageDetails(image));
  return kDone;
}

}  // namespace

void AddImagePull(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("pull", "Build an image of a distribution's own packages");
  auto flags = std::make_shared<Flags>();
  command->add_option("NAME", flags->name, "what to build, like debian:13/riscv64")
      ->type_name("RECIPE");
  command->add_flag("--list", flags->lists, "say which there are");
  command->add_flag("--no-wait", flags->no_wait,
                    "leave as soon as it is begun, and show the operation (emuctl op)");
  command->add_option(
      "--request-id", flags->request_id,
      "an id of yours, best a UUID: asked for again with it, nothing is done twice");
  command->footer(
      "The daemon's host fetches the packages from the mirror that its apt uses, checks their\n"
      "signatures and installs them in a guest. That takes minutes; Ctrl-C leaves it going on.\n"
      "Examples:\n"
      "  emuctl image pull --list\n"
      "  emuctl image pull debian:13/riscv64\n"
      "  emuctl vm create web1 --image debian:13/riscv64 --ssh-key ~/.ssh/id_ed25519.pub \\\n"
      "      --forward tcp:2222:22 --start");
  command->callback([flags, &session] { session.code = Pull(*flags, session.options); });
}

}  // namespace emu::client
