#include "daemon/query/lexer.h"

#include <cctype>

#include "absl/strings/str_cat.h"
#include "daemon/errors.h"

namespace emu::daemon {
namespace {

// Of names, paths and bare values; a time's colons need quotes.
bool IsWordCharacter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) != 0 || c == '_' || c == '.' || c == '-' || c == '/' || c == '*' ||
         byte >= 0x80;
}

}  // namespace

absl::StatusOr<Token> Lexer::Next() {
  while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  const size_t position = at_ + 1;
  if (at_ == text_.size()) return Token{Token::Kind::kEnd, "", position};
  const char c = text_[at_];
  if (c == '(' || c == ')') {
    ++at_;
    return Token{c == '(' ? Token::Kind::kOpen : Token::Kind::kClose, std::string(1, c), position};
  }
  if (c == '"' || c == '\'') return Quoted(position);
  for (const std::string_view symbol : {"!=", "<=", ">=", "=", "<", ">", ":"}) {
    if (text_.substr(at_, symbol.size()) != symbol) continue;
    at_ += symbol.size();
    return Token{Token::Kind::kOperator, std::string(symbol), position};
  }
  // In front of a word it negates; inside one, and in front of a number, it belongs to it.
  const bool is_number =
      at_ + 1 < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_ + 1])) != 0;
  if (c == '-' && !is_number) {
    ++at_;
    return Token{Token::Kind::kMinus, "-", position};
  }
  const size_t begin = at_;
  while (at_ < text_.size() && IsWordCharacter(text_[at_])) ++at_;
  if (at_ == begin) {
    return errors::InvalidFilter("filter", position,
                                 absl::StrCat("'", std::string(1, c), "' means nothing here"));
  }
  return Token{Token::Kind::kWord, std::string(text_.substr(begin, at_ - begin)), position};
}

absl::StatusOr<Token> Lexer::Quoted(size_t position) {
  const char quote = text_[at_++];
  std::string value;
  while (at_ < text_.size() && text_[at_] != quote) {
    if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
    value += text_[at_++];
  }
  if (at_ == text_.size()) {
    return errors::InvalidFilter("filter", position, "the text that begins here has no end");
  }
  ++at_;
  return Token{Token::Kind::kQuoted, value, position};
}

}  // namespace emu::daemon
