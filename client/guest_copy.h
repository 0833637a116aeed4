// Files into a guest and out of it, by its agent and its own tar.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "client/endpoint.h"

namespace emu::client {

class GuestCopy {
 public:
  struct Guest {
    std::string vm;
    std::string user = {};  // empty: root
    int64_t agent_timeout_s = 0;
    std::function<bool()> is_cancelled = {};  // as of ProgramReader
  };

  GuestCopy(Guest guest, const Options& options) : guest_(std::move(guest)), options_(options) {}

  // A file, a folder with all that is in it, or a tar stream on stdin ("-"). Where `target` is a
  // folder of the guest it gets the source under its own name; else the source becomes it. The exit
  // code of emuctl: 0, what the guest's tar ended with, or kExecFailed, which was explained.
  int Into(std::string source, const std::string& target);
  // The other way round; "-" is a tar stream on stdout.
  int OutOf(const std::string& source, const std::string& target);

 private:
  using Output = std::function<void(bool is_error, std::string_view bytes)>;

  int Run(const std::vector<std::string>& command, class ProgramInput& input,
          const Output& output) const;
  int IsFolder(const std::string& path, bool& is_folder) const;

  const Guest guest_;
  const Options& options_;
};

}  // namespace emu::client
