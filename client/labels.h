// Labels, as command lines say them.
#pragma once

#include <google/protobuf/map.h>

#include <string>
#include <vector>

namespace emu::client {

// Puts each KEY=VALUE of `typed`, the values of `flag`, into `labels`. False, and `error` says what
// is wrong.
inline bool ReadLabels(const char* flag, const std::vector<std::string>& typed,
                       google::protobuf::Map<std::string, std::string>& labels,
                       std::string& error) {
  for (const std::string& label : typed) {
    const size_t equals = label.find('=');
    if (equals == std::string::npos || equals == 0) {
      error = std::string(flag) + " " + label + ": give KEY=VALUE";
      return false;
    }
    labels[label.substr(0, equals)] = label.substr(equals + 1);
  }
  return true;
}

}  // namespace emu::client
