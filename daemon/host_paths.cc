#include "daemon/host_paths.h"

#include <fcntl.h>
#include <google/protobuf/descriptor.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "daemon/errors.h"

namespace emu::daemon {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr char kHidden[] = "(a path of the host)";
constexpr absl::string_view kBefore = " \"'(=:,";  // a path
constexpr absl::string_view kBehind = " \"'),;:";

// `text` without the paths that are not in `known`.
std::string Hide(absl::string_view text, absl::string_view known) {
  std::string shown;
  for (size_t at = 0; at < text.size();) {
    const bool begins = text[at] == '/' && (at == 0 || absl::StrContains(kBefore, text[at - 1]));
    const size_t end = begins ? std::min(text.find_first_of(kBehind, at), text.size()) : at + 1;
    const absl::string_view word = text.substr(at, end - at);
    const bool is_hidden = begins && word.size() > 1 && !absl::StrContains(known, word);
    shown += is_hidden ? kHidden : std::string(word);
    at = end;
  }
  return shown;
}

void HideIn(Message& message, absl::string_view known) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        HideIn(field->is_repeated() ? *reflection.MutableRepeatedMessage(&message, field, i)
                                    : *reflection.MutableMessage(&message, field),
               known);
      } else if (field->type() != FieldDescriptor::TYPE_STRING) {
        continue;
      } else if (field->is_repeated()) {
        reflection.SetRepeatedString(&message, field, i,
                                     Hide(reflection.GetRepeatedString(message, field, i), known));
      } else {
        reflection.SetString(&message, field, Hide(reflection.GetString(message, field), known));
      }
    }
  }
}

}  // namespace

absl::Status WithoutHostPaths(const absl::Status& status, const Message& request) {
  if (status.ok()) return status;
  const std::string known = request.ShortDebugString();
  absl::Status shown(status.code(), Hide(status.message(), known));
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    const auto* const type =
        google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
            std::string(url.substr(url.rfind('/') + 1)));
    if (type == nullptr) return;
    const std::unique_ptr<Message> detail(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
    detail->ParseFromString(std::string(payload));
    HideIn(*detail, known);
    shown.SetPayload(url, absl::Cord(detail->SerializeAsString()));
  });
  return shown;
}

void HideHostPaths(Message& answer) { HideIn(answer, ""); }

absl::Status CheckBelow(const emud::v1::VmSpec& spec, const std::string& folder) {
  std::vector<NamedPath> files = {{"spec.boot.kernel", spec.boot().kernel()},
                                  {"spec.boot.initrd", spec.boot().initrd()},
                                  {"spec.boot.firmware", spec.boot().firmware()},
                                  {"spec.boot.flash", spec.boot().flash()}};
  for (int i = 0; i < spec.disks_size(); ++i) {
    files.emplace_back(absl::StrCat("spec.disks[", i, "].path"), spec.disks(i).path());
  }
  for (int i = 0; i < spec.nics_size(); ++i) {
    files.emplace_back(absl::StrCat("spec.nics[", i, "].boot_server.folder"),
                       spec.nics(i).boot_server().folder());
  }
  return CheckBelow(files, folder);
}

absl::Status CheckBelow(const std::vector<NamedPath>& files, const std::string& folder) {
  std::error_code error;
  const std::filesystem::path root = std::filesystem::weakly_canonical(folder, error);
  for (const auto& [field, path] : files) {
    if (path.empty()) continue;
    const std::filesystem::path real = std::filesystem::weakly_canonical(path, error);
    const auto [end, below] = std::ranges::mismatch(root, real);
    if (!error && end == root.end() && below != real.end()) continue;
    return errors::InvalidField(
        field, path + " is none of the files that projects may have",
        "name one below the daemon's fileRoot, which its administrator knows");
  }
  return absl::OkStatus();
}

absl::StatusOr<UniqueFd> OpenHostFile(const std::string& field, const std::string& path,
                                      FileUse use) {
  if (!path.starts_with('/')) {
    return errors::InvalidField(field, absl::StrCat(path, " is relative"),
                                "give an absolute path of the daemon's host");
  }
  UniqueFd fd(
      open(path.c_str(), (use == FileUse::kWrite ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK));
  if (!fd) {
    const int error = errno;
    const char* remedy = error == ENOENT   ? "check the path"
                         : error == EACCES ? "let the daemon's user read it"
                         : error == EROFS  ? "add ,readonly or copy the disk"
                                           : "check the file";
    return errors::InvalidField(field, absl::StrCat(path, ": ", std::strerror(error)), remedy);
  }
  struct stat info = {};
  if (fstat(fd.get(), &info) != 0 || !(S_ISREG(info.st_mode) || S_ISBLK(info.st_mode))) {
    return errors::InvalidField(field, absl::StrCat(path, " is not a file"), "give a regular file");
  }
  if (S_ISREG(info.st_mode) && info.st_size == 0) {
    return errors::InvalidField(field, absl::StrCat(path, " is empty"), "give another file");
  }
  return fd;
}

absl::Status LockDisk(const UniqueFd& disk, FileUse use, const std::string& field,
                      const std::string& path) {
  struct flock lock = {};
  lock.l_type = use == FileUse::kRead ? F_RDLCK : F_WRLCK;
  lock.l_whence = SEEK_SET;
  if (fcntl(disk.get(), F_OFD_SETLK, &lock) == 0) return absl::OkStatus();
  return errors::DiskInUse(field, path);
}

}  // namespace emu::daemon
