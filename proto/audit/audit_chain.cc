#include "proto/audit/audit_chain.h"

#include <google/protobuf/util/json_util.h>
#include <openssl/sha.h>

#include <fstream>
#include <iterator>

namespace emu {
namespace {

constexpr std::string_view kHashField = ",\"sha256\":\"";
constexpr std::string_view kEnd = "\"}";
constexpr size_t kHashDigits = 2 * SHA256_DIGEST_LENGTH;

std::string HashOf(const std::string& text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  // SAFETY: bytes are bytes.
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  std::string digits;
  for (const unsigned char byte : digest) {
    digits += "0123456789abcdef"[byte >> 4];
    digits += "0123456789abcdef"[byte & 15];
  }
  return digits;
}

// The line as its hash was made of it, and the hash; false if it has none.
bool Split(std::string_view line, std::string& text, std::string& hash) {
  const size_t tail = kHashField.size() + kHashDigits + kEnd.size();
  if (line.size() < tail || !line.ends_with(kEnd)) return false;
  const size_t at = line.size() - tail;
  if (line.substr(at, kHashField.size()) != kHashField) return false;
  text = std::string(line.substr(0, at)) + "}";
  hash = line.substr(at + kHashField.size(), kHashDigits);
  return true;
}

}  // namespace

std::string AuditChain::Append(emud::v1::AuditEntry entry) {
  entry.set_number(++number_);
  entry.set_previous_sha256(hash_);
  std::string line;
  (void)google::protobuf::util::MessageToJsonString(entry, &line);
  hash_ = HashOf(line);
  line.pop_back();
  return line.append(kHashField).append(hash_).append(kEnd).append("\n");
}

std::string AuditChain::Follow(std::string_view line) {
  std::string text;
  std::string hash;
  emud::v1::AuditEntry entry;
  if (!Split(line, text, hash) || !ParseAuditLine(line, entry))
    return "the line is none of the log";
  if (HashOf(text) != hash) return "the line was changed";
  // The oldest file that is kept begins where others have ended.
  const bool is_first = number_ == 0;
  if (!is_first && (entry.number() != number_ + 1 || entry.previous_sha256() != hash_)) {
    return "entry " + std::to_string(entry.number()) + " does not follow entry " +
           std::to_string(number_) + ": lines were removed, inserted or moved";
  }
  if (is_first) first_ = entry.number();
  number_ = entry.number();
  hash_ = hash;
  return "";
}

std::string AuditChain::FollowFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string name = path.substr(path.rfind('/') + 1) + ":";
  if (!file) return name + " it can't be read";
  size_t count = 0;
  for (std::string line; std::getline(file, line);) {
    const std::string where = name + std::to_string(++count) + ": ";
    if (file.eof()) return where + "the line was cut off";
    if (const std::string problem = Follow(line); !problem.empty()) return where + problem;
  }
  return "";
}

bool ParseAuditLine(std::string_view line, emud::v1::AuditEntry& entry) {
  std::string text;
  std::string hash;
  return Split(line, text, hash) && google::protobuf::util::JsonStringToMessage(text, &entry).ok();
}

}  // namespace emu
