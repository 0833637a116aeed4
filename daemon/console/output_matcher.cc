#include "daemon/console/output_matcher.h"

#include "daemon/errors.h"

namespace emu::daemon {
namespace {

constexpr size_t kMaxRegexBytes = 4096;
constexpr int64_t kMaxRegexMemory = 4 << 20;  // program and automaton

}  // namespace

absl::StatusOr<OutputMatcher> OutputMatcher::Create(const std::string& regex) {
  if (regex.empty() || regex.size() > kMaxRegexBytes) {
    return errors::InvalidField("regex", "must have 1 to 4096 bytes", "give one");
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxRegexMemory);
  // Lines are what consoles are made of.
  auto compiled = std::make_unique<re2::RE2>("(?m)" + regex, options);
  if (!compiled->ok()) {
    return errors::InvalidField("regex", compiled->error(), "RE2's syntax is wanted");
  }
  return OutputMatcher(std::move(compiled));
}

std::optional<OutputMatcher::Match> OutputMatcher::Add(uint64_t offset, std::string_view bytes) {
  if (offset != offset_ + window_.size()) {
    window_.clear();
    context_bytes_ = 0;
    offset_ = offset;
  }
  window_ += bytes;
  const int group_count = 1 + regex_->NumberOfCapturingGroups();
  std::vector<re2::StringPiece> found(static_cast<size_t>(group_count));
  if (regex_->Match(window_, context_bytes_, window_.size(), re2::RE2::UNANCHORED, found.data(),
                    group_count)) {
    Match match;
    match.offset = offset_ + static_cast<uint64_t>(found[0].data() - window_.data());
    match.text = std::string(found[0]);
    for (size_t i = 1; i < found.size(); ++i) match.groups.emplace_back(found[i]);
    return match;
  }
  if (window_.size() > kWindowBytes) {
    const size_t surplus = window_.size() - kWindowBytes;
    // One byte more stays, to tell the beginning of a line.
    window_.erase(0, surplus - 1);
    offset_ += surplus - 1;
    context_bytes_ = 1;
  }
  return std::nullopt;
}

}  // namespace emu::daemon
