// Labels, as command lines say them.
#pragma once

#include <google/protobuf/field_mask.pb.h>
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

// Likewise of changes to them, where KEY- takes one away; `mask` has the paths of all, below
// `field`.
inline bool ReadNoteChanges(const char* flag, const std::vector<std::string>& typed,
                            const std::string& field,
                            google::protobuf::Map<std::string, std::string>& notes,
                            google::protobuf::FieldMask& mask, std::string& error) {
  for (const std::string& note : typed) {
    const size_t equals = note.find('=');
    const bool is_removal = equals == std::string::npos && note.size() > 1 && note.back() == '-';
    if (!is_removal && (equals == std::string::npos || equals == 0)) {
      error = std::string(flag) + " " + note + ": give KEY=VALUE, or KEY- to take it away";
      return false;
    }
    const std::string key = is_removal ? note.substr(0, note.size() - 1) : note.substr(0, equals);
    if (!is_removal) notes[key] = note.substr(equals + 1);
    mask.add_paths(std::string(field).append(".`").append(key).append("`"));
  }
  return true;
}

}  // namespace emu::client
