#include "daemon/labels.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/errors.h"

namespace emu::daemon {
namespace {

constexpr size_t kMaxLabels = 64;
constexpr size_t kMaxLabelBytes = 256;  // of a key, and of a value

}  // namespace

absl::Status CheckLabels(const Notes& labels) {
  if (labels.size() > kMaxLabels) {
    return errors::InvalidField("labels", absl::StrCat(labels.size(), " are too many"),
                                absl::StrCat("give at most ", kMaxLabels));
  }
  for (const auto& [key, value] : labels) {
    if (!key.empty() && key.size() <= kMaxLabelBytes && value.size() <= kMaxLabelBytes) continue;
    return errors::InvalidField(absl::StrCat("labels.", key.substr(0, 80)),
                                "its key or value is too long or its key empty",
                                absl::StrCat("give at most ", kMaxLabelBytes, " bytes"));
  }
  return absl::OkStatus();
}

void ApplyNotes(absl::string_view below, const Notes& from, Notes& to) {
  if (below.empty()) {
    to = from;
    return;
  }
  absl::ConsumePrefix(&below, ".");
  if (absl::ConsumePrefix(&below, "`")) absl::ConsumeSuffix(&below, "`");
  const std::string key(below);
  if (const auto it = from.find(key); it != from.end()) {
    to[key] = it->second;
  } else {
    to.erase(key);
  }
}

}  // namespace emu::daemon
