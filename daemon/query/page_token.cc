#include "daemon/query/page_token.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "daemon/digest.h"
#include "daemon/errors.h"

namespace emu::daemon {
namespace {

constexpr size_t kTagBytes = 16;

}  // namespace

std::string PageTokens::Tag(std::string_view scope, std::string_view place) const {
  // The scope's length keeps the two apart.
  const std::string bytes =
      absl::StrCat(scope.size(), "\n", std::string(scope), std::string(place));
  return HmacSha256(key_, bytes).substr(0, kTagBytes);
}

std::string PageTokens::Seal(std::string_view scope, std::string_view place) const {
  return absl::WebSafeBase64Escape(absl::StrCat(Tag(scope, place), std::string(place)));
}

absl::StatusOr<std::string> PageTokens::Open(std::string_view scope,
                                             const std::string& token) const {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(token, &bytes) || bytes.size() < kTagBytes) {
    return errors::InvalidPageToken();
  }
  std::string place = bytes.substr(kTagBytes);
  if (!AreEqualDigests(bytes.substr(0, kTagBytes), Tag(scope, place))) {
    return errors::InvalidPageToken();
  }
  return place;
}

}  // namespace emu::daemon
