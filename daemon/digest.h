// SHA-256, and with a key.
#pragma once

#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace emu::daemon {

std::string Sha256(std::string_view bytes);

// Of bytes that come piece by piece.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;

  void Add(std::string_view bytes);
  // In hexadecimal. Once, last.
  std::string Finish();

 private:
  evp_md_ctx_st* const context_;
};

std::string HmacSha256(std::string_view key, std::string_view bytes);
// Takes as long for equal and for different ones of the same length.
bool AreEqualDigests(std::string_view left, std::string_view right);

}  // namespace emu::daemon
