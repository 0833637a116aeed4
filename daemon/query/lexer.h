// The words of a filter.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace emu::daemon {

struct Token {
  enum class Kind : uint8_t { kWord, kQuoted, kOperator, kOpen, kClose, kMinus, kEnd };
  Kind kind = Kind::kEnd;
  std::string text;     // of a quoted one, what it stands for
  size_t position = 1;  // of its first character
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  // kEnd at the end, again and again. INVALID_ARGUMENT/INVALID_FILTER.
  absl::StatusOr<Token> Next();

 private:
  absl::StatusOr<Token> Quoted(size_t position);

  const std::string_view text_;
  size_t at_ = 0;
};

}  // namespace emu::daemon
