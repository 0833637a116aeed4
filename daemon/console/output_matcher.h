// A regular expression over a stream that has no end, in bounded memory.
#pragma once

#include <re2/re2.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace emu::daemon {

// For one thread.
class OutputMatcher {
 public:
  // What is kept to match against with what comes, and so the longest match that is surely found.
  static constexpr size_t kWindowBytes = 64 * 1024;

  // INVALID_ARGUMENT that names the field `regex` and what is wrong with it.
  static absl::StatusOr<OutputMatcher> Create(const std::string& regex);

  struct Match {
    uint64_t offset;
    std::string text;
    std::vector<std::string> groups;
  };
  // The next bytes of the stream, at most a window of them; a gap before them is no part of any
  // match. The first match in what is kept and them.
  std::optional<Match> Add(uint64_t offset, std::string_view bytes);

  size_t kept_bytes() const { return window_.size(); }

 private:
  explicit OutputMatcher(std::unique_ptr<re2::RE2> regex) : regex_(std::move(regex)) {}

  std::unique_ptr<re2::RE2> regex_;
  uint64_t offset_ = 0;       // of the window's first byte
  size_t context_bytes_ = 0;  // at its front, seen by ^ and \b but part of no match
  std::string window_;
};

}  // namespace emu::daemon
