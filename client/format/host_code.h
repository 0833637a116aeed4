// Host code in traces. A VM process can't load a disassembler, so it sends rows of bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace emu::client {

// Rows like "  7f001000: 48 8b 03" become one line for each x86-64 instruction; all other lines
// stay as they are.
class HostCodeFilter {
 public:
  // What can be printed after `text` has come, too; text may end anywhere.
  std::string Feed(std::string_view text);
  // The rest.
  std::string Finish();

 private:
  void AddLine(std::string_view line, std::string& out);
  void Disassemble(std::string& out);

  std::string unfinished_;  // a line without its end
  uint64_t address_ = 0;
  std::vector<uint8_t> code_;  // from address_, of the rows so far
};

}  // namespace emu::client
