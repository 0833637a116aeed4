// SHA-256, and with a key.
#pragma once

#include <string>
#include <string_view>

namespace emu::daemon {

std::string Sha256(std::string_view bytes);
std::string HmacSha256(std::string_view key, std::string_view bytes);
// Takes as long for equal and for different ones of the same length.
bool AreEqualDigests(std::string_view left, std::string_view right);

}  // namespace emu::daemon
