// The audit log's file format, which emud writes and emuctl checks, too: an emud.v1.AuditEntry in
// JSON a line. Each has the SHA-256 of itself, and of the line before.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "emud/v1/audit.pb.h"

namespace emu {

// Where a chain of lines has got to. Not for several threads.
class AuditChain {
 public:
  // Of a log that begins.
  AuditChain() = default;
  AuditChain(uint64_t number, std::string hash) : number_(number), hash_(std::move(hash)) {}

  uint64_t number() const { return number_; }  // of the last line
  uint64_t first() const { return first_; }    // of the first one that was followed
  const std::string& hash() const { return hash_; }

  // The next line, with its end, which says `entry`.
  std::string Append(emud::v1::AuditEntry entry);
  // Goes on with `line`, without its end. Empty, or what is wrong with it; then nothing has
  // changed.
  std::string Follow(std::string_view line);
  // Follows every line of the file; "NAME:LINE: what is wrong", or empty.
  std::string FollowFile(const std::string& path);

 private:
  uint64_t first_ = 0;
  uint64_t number_ = 0;
  std::string hash_;
};

// What a line says; false if it is none.
bool ParseAuditLine(std::string_view line, emud::v1::AuditEntry& entry);

}  // namespace emu
