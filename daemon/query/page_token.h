// Where a list goes on: bytes that clients carry and can't make.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace emu::daemon {

// For every thread.
class PageTokens {
 public:
  // The key lives as long as tokens are good.
  explicit PageTokens(std::string key) : key_(std::move(key)) {}

  // `scope`: the list that the place belongs to.
  std::string Seal(std::string_view scope, std::string_view place) const;
  // INVALID_ARGUMENT/INVALID_PAGE_TOKEN of one that was changed, or is of another scope.
  absl::StatusOr<std::string> Open(std::string_view scope, const std::string& token) const;

 private:
  std::string Tag(std::string_view scope, std::string_view place) const;
  const std::string key_;
};

}  // namespace emu::daemon
