#include "client/file_digest.h"

#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>

namespace emu::client {

bool DigestOfFile(const std::string& path, std::string& digest, std::string& error) {
  std::ifstream file(path, std::ios::binary);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> sum(EVP_MD_CTX_new(),
                                                                    EVP_MD_CTX_free);
  EVP_DigestInit_ex(sum.get(), EVP_sha256(), nullptr);
  std::array<char, 1 << 16> part;
  while (file.read(part.data(), part.size()) || file.gcount() != 0) {
    EVP_DigestUpdate(sum.get(), part.data(), static_cast<size_t>(file.gcount()));
  }
  if (!file.eof() || file.bad()) {
    error = path + ": can't be read: " + std::strerror(errno) + "; check the path";
    return false;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
  unsigned size = 0;
  EVP_DigestFinal_ex(sum.get(), bytes.data(), &size);
  digest = "sha256:";
  for (unsigned i = 0; i < size; ++i) {
    constexpr const char* kDigits = "0123456789abcdef";
    digest += kDigits[bytes[i] >> 4];
    digest += kDigits[bytes[i] & 15];
  }
  return true;
}

}  // namespace emu::client
