#include "translator/host/x86_64/disassembler.h"

#include <capstone/capstone.h>

#include "absl/strings/str_format.h"

namespace emu::translator::x86_64 {

std::string Disassemble(std::span<const std::byte> code, uint64_t address) {
  csh handle = 0;
  if (cs_open(CS_ARCH_X86, CS_MODE_64, &handle) != CS_ERR_OK) return "";
  // Link sites hold a word of data behind their call.
  cs_option(handle, CS_OPT_SKIPDATA, CS_OPT_ON);
  cs_insn* insts = nullptr;
  const size_t count = cs_disasm(handle, reinterpret_cast<const uint8_t*>(code.data()), code.size(),
                                 address, 0, &insts);
  std::string text;
  for (size_t index = 0; index < count; ++index) {
    absl::StrAppendFormat(&text, "  %x: %s %s\n", insts[index].address, insts[index].mnemonic,
                          insts[index].op_str);
  }
  if (count != 0) cs_free(insts, count);
  cs_close(&handle);
  return text;
}

}  // namespace emu::translator::x86_64
