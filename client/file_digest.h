// What images are known by.
#pragma once

#include <string>

namespace emu::client {

// "sha256:" and the sum of the file's bytes; false, and `error`, if it can't be read.
bool DigestOfFile(const std::string& path, std::string& digest, std::string& error);

}  // namespace emu::client
