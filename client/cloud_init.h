// What is said to cloud-init in a guest, as people give it on a command line.
#pragma once

#include <string>
#include <vector>

#include "emud/v1/vm.pb.h"

namespace emu::client {

struct CloudInitFlags {
  std::string user_data;              // a file
  std::vector<std::string> ssh_keys;  // keys, or files of them
  std::string hostname;
};

// Adds to what the spec says, where there is a flag. False, and `error` says what is wrong.
bool SetCloudInit(const CloudInitFlags& flags, emud::v1::VmSpec& spec, std::string& error);

}  // namespace emu::client
