#include "translator/runtime/block_trace.h"

#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "translator/ir/printer.h"

namespace emu::translator {

absl::StatusOr<BlockTrace> BlockTrace::Create(std::string_view stages, const GuestIsa& isa) {
  BlockTrace trace(isa);
  const std::vector<std::string> wanted =
      absl::StrSplit(std::string(stages), ',', absl::SkipEmpty());
  for (const std::string& stage : wanted) {
    if (stage == "guest") {
      trace.guest_ = true;
    } else if (stage == "ir") {
      trace.ir_ = true;
    } else if (stage == "host") {
      trace.host_ = true;
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("trace: no stage \"", stage, "\"; there are guest, ir and host"));
    }
  }
  return trace;
}

void BlockTrace::Lifted(GuestPhysAddr start, std::span<const std::byte> code,
                        const ir::Function& function) const {
  if (guest_ || ir_ || host_) std::fprintf(stderr, "block 0x%lx\n", start.value);
  for (size_t at = 0; guest_ && at < code.size();) {
    uint32_t length = 0;
    const std::string text = isa_->Disassemble(code.subspan(at), start.value + at, &length);
    std::fprintf(stderr, "  %lx: %s\n", start.value + at, text.c_str());
    if (length == 0) break;
    at += length;
  }
  if (ir_) std::fputs(ir::Print(function).c_str(), stderr);
}

void BlockTrace::Compiled(const HostBackend& host, std::span<const std::byte> code,
                          const void* address) const {
  if (host_) std::fputs(host.Disassemble(code, address).c_str(), stderr);
}

}  // namespace emu::translator
