#include "translator/host/x86_64/disassembler.h"

#include <capstone/capstone.h>
#include <dlfcn.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace emu::translator::x86_64 {
namespace {

// Loaded when it is first wanted: its relocations alone would cost every VM 2 MiB.
struct Capstone {
  Capstone()
      : library(
            dlopen(absl::StrCat("libcapstone.so.", CS_API_MAJOR).c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (library == nullptr) return;
    Load("cs_open", open);
    Load("cs_option", option);
    Load("cs_disasm", disassemble);
    Load("cs_free", free);
    Load("cs_close", close);
  }
  bool IsThere() const {
    return open != nullptr && option != nullptr && disassemble != nullptr && free != nullptr &&
           close != nullptr;
  }

  void* library;
  decltype(&cs_open) open = nullptr;
  decltype(&cs_option) option = nullptr;
  decltype(&cs_disasm) disassemble = nullptr;
  decltype(&cs_free) free = nullptr;
  decltype(&cs_close) close = nullptr;

 private:
  template <typename Function>
  void Load(const char* name, Function& function) {
    // SAFETY: the header of this major version declares what the library has under the name.
    function = reinterpret_cast<Function>(dlsym(library, name));
  }
};

// Where there is no library, or no file can be opened any more: for a disassembler elsewhere.
std::string Bytes(std::span<const std::byte> code, uint64_t address) {
  constexpr size_t kInRow = 16;
  std::string text;
  for (size_t at = 0; at < code.size(); ++at) {
    if (at % kInRow == 0) absl::StrAppendFormat(&text, "  %x:", address + at);
    absl::StrAppendFormat(&text, " %02x", static_cast<uint8_t>(code[at]));
    if (at % kInRow == kInRow - 1 || at + 1 == code.size()) text += "\n";
  }
  return text;
}

}  // namespace

std::string Disassemble(std::span<const std::byte> code, uint64_t address) {
  static const Capstone kCapstone;
  csh handle = 0;
  if (!kCapstone.IsThere() || kCapstone.open(CS_ARCH_X86, CS_MODE_64, &handle) != CS_ERR_OK) {
    return Bytes(code, address);
  }
  // Link sites hold a word of data behind their call.
  kCapstone.option(handle, CS_OPT_SKIPDATA, CS_OPT_ON);
  cs_insn* insts = nullptr;
  const size_t count = kCapstone.disassemble(handle, reinterpret_cast<const uint8_t*>(code.data()),
                                             code.size(), address, 0, &insts);
  std::string text;
  for (size_t index = 0; index < count; ++index) {
    absl::StrAppendFormat(&text, "  %x: %s %s\n", insts[index].address, insts[index].mnemonic,
                          insts[index].op_str);
  }
  if (count != 0) kCapstone.free(insts, count);
  csh closing = handle;
  kCapstone.close(&closing);
  return text;
}

}  // namespace emu::translator::x86_64
