#include "client/reference/suggestion.h"

#include <algorithm>

namespace emu::client {
namespace {

constexpr size_t kMaxSlips = 2;

// Optimal string alignment distance: Levenshtein's, where swapping neighbours counts as one.
size_t CountSlips(const std::string& a, const std::string& b) {
  std::vector<std::vector<size_t>> slips(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        slips[i][j] = i + j;
        continue;
      }
      const size_t replaced = slips[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      slips[i][j] = std::min({replaced, slips[i - 1][j] + 1, slips[i][j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        slips[i][j] = std::min(slips[i][j], slips[i - 2][j - 2] + 1);
      }
    }
  }
  return slips[a.size()][b.size()];
}

}  // namespace

std::string NearestWord(const std::string& word, const std::vector<std::string>& known) {
  std::string nearest;
  size_t fewest = std::min(kMaxSlips, (word.size() + 2) / 3) + 1;
  for (const std::string& candidate : known) {
    const size_t slips = CountSlips(word, candidate);
    if (slips >= fewest) continue;
    fewest = slips;
    nearest = candidate;
  }
  return nearest;
}

std::string DidYouMean(const std::string& word, const std::vector<std::string>& known) {
  const std::string nearest = NearestWord(word, known);
  return nearest.empty() ? "" : " Did you mean '" + nearest + "'?";
}

}  // namespace emu::client
