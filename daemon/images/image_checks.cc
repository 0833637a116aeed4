#include "daemon/images/image_checks.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "daemon/guest_architectures.h"
#include "daemon/images/blob_store.h"
#include "daemon/labels.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Image;
using emud::v1::ImportImageRequest;

constexpr size_t kMaxNameBytes = 127;
constexpr size_t kMaxCommandLineBytes = 2048;

bool IsLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

absl::Status CheckSource(const ImportImageRequest::Source& source, const std::string& field) {
  if (!Image::Role_IsValid(source.role())) {
    return errors::InvalidField(field + ".role", "there is no such role",
                                "give DISK, KERNEL, INITRD, FIRMWARE or FLASH");
  }
  if (source.upload_id().empty() == source.path().empty()) {
    return errors::InvalidField(field, "where its bytes are is not said, or twice",
                                "give an upload_id or a path");
  }
  if (!source.sha256().empty() && !IsDigest("sha256:" + source.sha256())) {
    return errors::InvalidField(field + ".sha256", "it is no SHA-256 sum",
                                "give 64 hexadecimal digits, in lower case");
  }
  return absl::OkStatus();
}

// What boots must be what a VM can boot.
absl::Status CheckRoles(const std::set<Image::Role>& roles, const ImportImageRequest& request) {
  if (!roles.contains(Image::DISK)) {
    return errors::InvalidField("sources", "there is no disk", "give one with the role DISK");
  }
  if (roles.contains(Image::KERNEL) && roles.contains(Image::FLASH)) {
    return errors::InvalidField("sources", "a flash image is started in place of a kernel",
                                "give either of the two");
  }
  const bool needs_kernel = roles.contains(Image::INITRD) || !request.cmdline().empty();
  if (needs_kernel && !roles.contains(Image::KERNEL)) {
    return errors::InvalidField("sources", "an initrd and a command line need a kernel",
                                "give one with the role KERNEL");
  }
  return absl::OkStatus();
}

}  // namespace

Image::Role RoleOf(const ImportImageRequest::Source& source) {
  return source.role() == Image::ROLE_UNSPECIFIED ? Image::DISK : source.role();
}

absl::Status CheckImageName(const std::string& name, const std::string& field) {
  const bool is_good =
      !name.empty() && name.size() <= kMaxNameBytes && IsLowerOrDigit(name.front()) &&
      IsLowerOrDigit(name.back()) && !absl::StrContains(name, "..") &&
      std::ranges::all_of(name, [](char c) {
        return IsLowerOrDigit(c) || c == '.' || c == '_' || c == ':' || c == '/' || c == '-';
      });
  if (is_good) return absl::OkStatus();
  return errors::InvalidField(
      field, absl::StrCat("\"", name.substr(0, 140), "\" is no name of an image"),
      "use 1 to 127 of a-z, 0-9, '.', '_', ':', '/' and '-', a letter or a digit at each end and "
      "no \"..\"");
}

absl::Status CheckImport(const ImportImageRequest& request) {
  RETURN_IF_ERROR(CheckImageName(request.name()));
  std::set<Image::Role> roles;
  for (int i = 0; i < request.sources_size(); ++i) {
    const std::string field = absl::StrCat("sources[", i, "]");
    RETURN_IF_ERROR(CheckSource(request.sources(i), field));
    if (!roles.insert(RoleOf(request.sources(i))).second) {
      return errors::InvalidField(field + ".role", "there is one already", "give each role once");
    }
  }
  RETURN_IF_ERROR(CheckRoles(roles, request));
  if (!Image::Format_IsValid(request.format())) {
    return errors::InvalidField("format", "there is no such format", "give RAW, QCOW2 or ISO");
  }
  if (!request.arch().empty() && FindGuestArchitecture(request.arch()) == nullptr) {
    return errors::InvalidField(
        "arch", absl::StrCat("\"", request.arch(), "\" is not supported"),
        absl::StrCat("use ", GuestArchitectureNames(), ", or leave it out"));
  }
  if (request.cmdline().size() > kMaxCommandLineBytes) {
    return errors::InvalidField("cmdline", "it is too long",
                                absl::StrCat("give at most ", kMaxCommandLineBytes, " bytes"));
  }
  return CheckLabels(request.labels());
}

}  // namespace emu::daemon
