#include "client/line_diff.h"

#include <algorithm>
#include <sstream>
#include <vector>

namespace emu::client {
namespace {

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

std::string LineDiff(const std::string& before, const std::string& after) {
  if (before == after) return "";
  const std::vector<std::string> old_lines = Lines(before);
  const std::vector<std::string> new_lines = Lines(after);
  // common[i][j]: how many lines the rests from i and j have in common, at most.
  std::vector<std::vector<size_t>> common(old_lines.size() + 1,
                                          std::vector<size_t>(new_lines.size() + 1));
  for (size_t i = old_lines.size(); i-- > 0;) {
    for (size_t j = new_lines.size(); j-- > 0;) {
      common[i][j] = old_lines[i] == new_lines[j] ? common[i + 1][j + 1] + 1
                                                  : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  std::string diff;
  const auto add = [&diff](char mark, const std::string& line) {
    diff += mark;
    diff += line + "\n";
  };
  size_t i = 0;
  size_t j = 0;
  while (i < old_lines.size() || j < new_lines.size()) {
    const bool has_both = i < old_lines.size() && j < new_lines.size();
    if (has_both && old_lines[i] == new_lines[j]) {
      add(' ', old_lines[i]);
      ++i;
      ++j;
    } else if (j == new_lines.size() || (has_both && common[i + 1][j] >= common[i][j + 1])) {
      add('-', old_lines[i++]);
    } else {
      add('+', new_lines[j++]);
    }
  }
  return diff;
}

}  // namespace emu::client
