#include "daemon/query/filter.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "daemon/query/lexer.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {

// Recursive descent along the grammar in filter.h. One per text.
class FilterParser {
 public:
  FilterParser(std::string_view text, const google::protobuf::Descriptor& type)
      : type_(type), lexer_(text) {}

  absl::StatusOr<Filter> Parse() {
    Filter filter;
    RETURN_IF_ERROR(Advance());
    if (token_.kind == Token::Kind::kEnd) return filter;
    ASSIGN_OR_RETURN(filter.root_, Conjunction(0));
    if (token_.kind != Token::Kind::kEnd) return Unexpected("AND, OR or the end");
    return filter;
  }

 private:
  using Node = Filter::Node;
  using NodePtr = Filter::NodePtr;
  using Operator = Filter::Operator;

  static constexpr int kMaxDepth = 32;
  static constexpr std::array<std::pair<std::string_view, Operator>, 7> kOperators = {{
      {"=", Operator::kEqual},
      {"!=", Operator::kNotEqual},
      {"<", Operator::kLess},
      {"<=", Operator::kLessEqual},
      {">", Operator::kGreater},
      {">=", Operator::kGreaterEqual},
      {":", Operator::kHas},
  }};

  absl::Status Advance() {
    ASSIGN_OR_RETURN(token_, lexer_.Next());
    return absl::OkStatus();
  }
  bool IsWord(std::string_view word) const {
    return token_.kind == Token::Kind::kWord && token_.text == word;
  }
  absl::Status Unexpected(const std::string& wanted) const {
    const std::string found =
        token_.kind == Token::Kind::kEnd ? "the end" : absl::StrCat("\"", token_.text, "\"");
    return errors::InvalidFilter("filter", token_.position,
                                 absl::StrCat(wanted, " is wanted, not ", found));
  }

  absl::StatusOr<NodePtr> Conjunction(int depth) {
    if (depth > kMaxDepth) return Unexpected("less nesting");
    return List(Node::Kind::kAll, "AND",
                [&] { return List(Node::Kind::kAny, "OR", [&] { return Term(depth); }); });
  }

  // One of `next`, or several with `word` in between.
  template <typename Next>
  absl::StatusOr<NodePtr> List(Node::Kind kind, std::string_view word, const Next& next) {
    auto node = std::make_shared<Node>(Node{kind, {}, nullptr});
    while (true) {
      ASSIGN_OR_RETURN(NodePtr below, next());
      node->below.push_back(std::move(below));
      if (!IsWord(word)) break;
      RETURN_IF_ERROR(Advance());
    }
    return node->below.size() == 1 ? node->below.front() : NodePtr(node);
  }

  absl::StatusOr<NodePtr> Term(int depth) {
    const bool is_negated = IsWord("NOT") || token_.kind == Token::Kind::kMinus;
    if (is_negated) RETURN_IF_ERROR(Advance());
    NodePtr term;
    if (token_.kind == Token::Kind::kOpen) {
      RETURN_IF_ERROR(Advance());
      ASSIGN_OR_RETURN(term, Conjunction(depth + 1));
      if (token_.kind != Token::Kind::kClose) return Unexpected("AND, OR or )");
      RETURN_IF_ERROR(Advance());
    } else {
      ASSIGN_OR_RETURN(term, Restriction());
    }
    if (!is_negated) return term;
    return std::make_shared<const Node>(Node{Node::Kind::kNone, {term}, nullptr});
  }

  absl::StatusOr<NodePtr> Restriction() {
    if (token_.kind != Token::Kind::kWord) return Unexpected("a field");
    const size_t position = token_.position;
    const auto at = [](size_t where, const absl::Status& why) {
      return errors::InvalidFilter("filter", where, std::string(why.message()));
    };
    absl::StatusOr<FieldPath> path = FieldPath::Parse(token_.text, type_);
    if (!path.ok()) return at(position, path.status());
    RETURN_IF_ERROR(Advance());
    const auto* const known =
        std::find_if(kOperators.begin(), kOperators.end(), [&](const auto& candidate) {
          return token_.kind == Token::Kind::kOperator && candidate.first == token_.text;
        });
    if (known == kOperators.end()) return Unexpected("one of = != < <= > >= :");
    const Operator comparison = known->second;
    const bool is_map = path->type() == FieldPath::Type::kMap;
    if (is_map && comparison != Operator::kHas) return Unexpected(": and a key, or .KEY before,");
    RETURN_IF_ERROR(Advance());
    if (token_.kind != Token::Kind::kWord && token_.kind != Token::Kind::kQuoted) {
      return Unexpected("a value");
    }
    const std::string text = token_.text;
    const bool is_any = comparison == Operator::kHas && text == "*";
    absl::StatusOr<FieldValue> value = is_any ? FieldValue() : path->ParseValue(text);
    if (!value.ok()) return at(token_.position, value.status());
    RETURN_IF_ERROR(Advance());
    auto restriction = std::make_shared<const Filter::Restriction>(
        Filter::Restriction{*std::move(path), comparison, text, *std::move(value)});
    return std::make_shared<const Node>(Node{Node::Kind::kRestriction, {}, std::move(restriction)});
  }

  const google::protobuf::Descriptor& type_;
  Lexer lexer_;
  Token token_;
};

absl::StatusOr<Filter> Filter::Parse(std::string_view text,
                                     const google::protobuf::Descriptor& type) {
  if (text.size() > kMaxBytes) {
    return errors::InvalidFilter("filter", kMaxBytes + 1,
                                 absl::StrCat("it is longer than ", kMaxBytes, " bytes"));
  }
  return FilterParser(text, type).Parse();
}

bool Filter::Matches(const google::protobuf::Message& message) const {
  return root_ == nullptr || Holds(*root_, message);
}

bool Filter::Holds(const Node& node, const google::protobuf::Message& message) {
  const auto holds = [&message](const NodePtr& below) { return Holds(*below, message); };
  switch (node.kind) {
    case Node::Kind::kAll:
      return std::all_of(node.below.begin(), node.below.end(), holds);
    case Node::Kind::kAny:
      return std::any_of(node.below.begin(), node.below.end(), holds);
    case Node::Kind::kNone:
      return std::none_of(node.below.begin(), node.below.end(), holds);
    case Node::Kind::kRestriction:
      return Holds(*node.restriction, message);
  }
  return false;
}

bool Filter::Holds(const Restriction& restriction, const google::protobuf::Message& message) {
  const FieldPath& path = restriction.path;
  const bool is_any = std::holds_alternative<std::monostate>(restriction.value);
  if (path.type() == FieldPath::Type::kMap) return path.HasKey(message, restriction.text);
  const FieldValue value = path.Read(message);
  const bool is_there = !std::holds_alternative<std::monostate>(value);
  switch (restriction.comparison) {
    case Operator::kEqual:
      return is_there && value == restriction.value;
    case Operator::kNotEqual:
      return value != restriction.value;
    case Operator::kLess:
      return is_there && value < restriction.value;
    case Operator::kLessEqual:
      return is_there && value <= restriction.value;
    case Operator::kGreater:
      return is_there && value > restriction.value;
    case Operator::kGreaterEqual:
      return is_there && value >= restriction.value;
    case Operator::kHas:
      break;
  }
  if (is_any) return is_there && value != FieldValue("") && value != FieldValue(int64_t{0});
  const auto* const text = std::get_if<std::string>(&value);
  if (text == nullptr) return value == restriction.value;
  return absl::StrContains(absl::AsciiStrToLower(*text), absl::AsciiStrToLower(restriction.text));
}

}  // namespace emu::daemon
