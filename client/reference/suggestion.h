// What somebody may have meant who mistyped a word.
#pragma once

#include <string>
#include <vector>

namespace emu::client {

// The one of `known` that the fewest slips of the finger lead to: a letter too many, missing,
// wrong, or swapped with its neighbour. Empty where none is near: more than a third of the word, or
// two slips, would be a guess.
std::string NearestWord(const std::string& word, const std::vector<std::string>& known);

// " Did you mean 'start'?", or nothing.
std::string DidYouMean(const std::string& word, const std::vector<std::string>& known);

}  // namespace emu::client
