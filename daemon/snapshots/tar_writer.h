// Files as members of a tar archive that is written as a stream.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "daemon/images/sparse_file.h"

namespace emu::daemon::tar {

using Give = std::function<absl::Status(std::string_view)>;

// A member whose file nobody writes to. What is planned twice is the same.
class PlannedMember {
 public:
  // Of the file's holes those are kept that are worth it, as long as `runs_left`, which they are
  // taken from, lasts. `modified_s`: since 1970.
  PlannedMember(std::string name, int file, int64_t modified_s, size_t& runs_left);

  const std::string& name() const { return name_; }
  uint64_t file_bytes() const { return file_bytes_; }
  // What it takes in the archive.
  uint64_t archive_bytes() const;
  // Gives that, header and all.
  absl::Status Write(const Give& give, const IsCancelled& is_cancelled) const;

 private:
  void FindRuns(size_t& runs_left);

  std::string name_;
  int file_;
  uint64_t file_bytes_;
  std::vector<DataRun> runs_;
  uint64_t data_bytes_ = 0;  // of all runs
  std::string head_;         // all that comes before them
};

// A small member that is no file.
std::string TextMember(const std::string& name, const std::string& text, int64_t modified_s);
// What comes behind the last one.
std::string End();

}  // namespace emu::daemon::tar
