#include "daemon/images/image_builds.h"

#include <errno.h>
#include <fcntl.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "daemon/errors.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Image;
using google::protobuf::Struct;
using google::protobuf::Value;

constexpr std::chrono::milliseconds kPatience(200);  // how soon a cancellation is noticed
constexpr size_t kMaxManifestBytes = 64 << 10;
constexpr size_t kLogTailBytes = 4096;

std::string ReadFile(const std::string& path, size_t most) {
  std::ifstream file(path, std::ios::binary);
  std::string text(most, '\0');
  file.read(text.data(), static_cast<std::streamsize>(most));
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

std::string TailOf(const std::string& path) {
  std::error_code ignored;
  const auto size = std::filesystem::file_size(path, ignored);
  std::ifstream file(path, std::ios::binary);
  if (!ignored && size > kLogTailBytes) {
    file.seekg(static_cast<std::streamoff>(size - kLogTailBytes));
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

const Value& Field(const Struct& object, const char* name) {
  const auto it = object.fields().find(name);
  return it == object.fields().end() ? Value::default_instance() : it->second;
}

}  // namespace

absl::StatusOr<ToolProcess> ImageBuilds::Start(const std::vector<std::string>& arguments,
                                               const std::string& log_path) const {
  if (programs_.builder.empty()) return errors::NoImageBuilder();
  return ToolProcess::Start(
      {.program = programs_.builder,
       .arguments = arguments,
       .environment = {"PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL=C.UTF-8",
                       "HOME=" + folder_, "TMPDIR=" + folder_},
       .log_path = log_path});
}

absl::StatusOr<std::vector<std::string>> ImageBuilds::Recipes() const {
  ASSIGN_OR_RETURN(ToolProcess builder, Start({"--list"}, "/dev/null"));
  std::vector<std::string> names;
  const int code = builder.Run([&names](const std::string& line) { names.push_back(line); },
                               [] { return false; });
  if (code != 0) return errors::NoImageBuilder();
  return names;
}

absl::Status ImageBuilds::Pull(const emud::v1::Operation& operation, const Operations::Job& job) {
  const std::string& name = operation.metadata().target();
  if (images_.Find(name).ok()) return absl::OkStatus();  // an earlier daemon's work
  const std::string folder = absl::StrCat(folder_, "/", operation.id());
  std::error_code error;
  std::filesystem::create_directories(folder + "/out", error);
  if (error) return errors::Host(folder, error.value());
  absl::Status done = Build(name, folder, job);
  if (done.ok()) done = Import(operation, folder + "/out", job);
  std::filesystem::remove_all(folder, error);
  return done;
}

absl::Status ImageBuilds::Build(const std::string& name, const std::string& folder,
                                const Operations::Job& job) const {
  const std::string out = folder + "/out";
  {
    // The builder of a daemon that was killed ends at its next line, and holds this lock until
    // then.
    const UniqueFd lock(open(out.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!lock) return errors::Host(out, errno);
    while (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
      if (job.is_cancelled()) return absl::CancelledError("cancelled before it was begun");
      std::this_thread::sleep_for(kPatience);
    }
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(out, ignored)) {
      std::filesystem::remove_all(entry.path(), ignored);
    }
  }
  const std::string log = folder + "/log";
  std::vector<std::string> arguments = {name,  "--emu-vm", programs_.vm_program, "--out",
                                        out,   "--cache",  folder_ + "/cache",   "--progress",
                                        "json"};
  if (!programs_.agents.empty()) {
    arguments.insert(arguments.end(), {"--agents", programs_.agents});
  }
  ASSIGN_OR_RETURN(ToolProcess builder, Start(arguments, log));
  const auto take = [&job](const std::string& line) {
    Struct step;
    if (!google::protobuf::util::JsonStringToMessage(line, &step).ok()) return;
    job.report(Field(step, "stage").string_value(),
               static_cast<uint32_t>(Field(step, "percent").number_value()));
  };
  const int code = builder.Run(take, job.is_cancelled);
  if (job.is_cancelled()) return absl::CancelledError("cancelled while it was built");
  if (code == 0) return absl::OkStatus();
  LogWarning("image-not-built", {{"image", name}, {"code", code}});
  return errors::ImageBuildFailed(name, TailOf(log));
}

absl::Status ImageBuilds::Import(const emud::v1::Operation& operation, const std::string& folder,
                                 const Operations::Job& job) {
  job.report("import", 0);
  const std::string& name = operation.metadata().target();
  Struct manifest;
  if (!google::protobuf::util::JsonStringToMessage(
           ReadFile(folder + "/manifest.json", kMaxManifestBytes), &manifest)
           .ok()) {
    return errors::ImageBuildFailed(name, "its manifest can't be read");
  }
  emud::v1::ImportImageRequest request;
  request.set_name(name);
  request.set_project(operation.metadata().project());
  request.set_arch(Field(manifest, "arch").string_value());
  request.set_cmdline(Field(manifest, "cmdline").string_value());
  request.set_memory_mib(static_cast<uint64_t>(Field(manifest, "memory_mib").number_value()));
  for (const Value& part : Field(manifest, "parts").list_value().values()) {
    const Struct& fields = part.struct_value();
    Image::Role role = Image::ROLE_UNSPECIFIED;
    if (!Image::Role_Parse(Field(fields, "role").string_value(), &role)) {
      return errors::ImageBuildFailed(name, "its manifest has a part that is not known");
    }
    auto& source = *request.add_sources();
    source.set_role(role);
    source.set_path(absl::StrCat(folder, "/", Field(fields, "file").string_value()));
    source.set_sha256(Field(fields, "sha256").string_value());
    if (role == Image::DISK) request.set_format(Image::RAW);
  }
  RequestOrigin origin;
  origin.principal = operation.metadata().principal();
  return images_.Import(request, origin, job.is_cancelled).status();
}

}  // namespace emu::daemon
