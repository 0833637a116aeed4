#include "translator/runtime/block_trace.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "translator/ir/printer.h"
#include "translator/optimize/access_groups.h"

namespace emu::translator {
namespace {

// One line for each group of accesses that share an address translation.
void AppendGroups(const ir::Function& function, std::string& text) {
  AccessGroups groups;
  groups.Analyze(function);
  for (uint32_t number = 0; number < groups.size(); ++number) {
    const AccessGroup& group = groups.group(number);
    if (group.members < 2) continue;
    absl::StrAppend(&text, "  ; group: ", group.members, group.for_write ? " writes" : " reads",
                    " of bytes ", group.first, " to ", group.end - 1, " from one address\n");
  }
}

}  // namespace

absl::StatusOr<BlockTrace> BlockTrace::Create(const TraceOptions& options, TraceSink sink,
                                              const GuestIsa& isa) {
  BlockTrace trace(options, std::move(sink), isa);
  const std::vector<std::string> wanted = absl::StrSplit(options.stages, ',', absl::SkipEmpty());
  for (const std::string& stage : wanted) {
    if (stage == "guest") {
      trace.guest_ = true;
    } else if (stage == "ir") {
      trace.ir_ = true;
    } else if (stage == "opt") {
      trace.opt_ = true;
    } else if (stage == "host") {
      trace.host_ = true;
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("trace: no stage \"", stage, "\"; there are guest, ir, opt and host"));
    }
  }
  return trace;
}

void BlockTrace::AppendGuest(const Block& block, std::string& text) const {
  for (size_t at = 0; at < block.code.size();) {
    uint32_t length = 0;
    const std::string line = isa_->Disassemble(block.code.subspan(at), block.pc + at, &length);
    absl::StrAppendFormat(&text, "  %x: %s\n", block.pc + at, line);
    if (length == 0) return;
    at += length;
  }
}

void BlockTrace::AppendUnfolded(const Block& block, std::string& text) const {
  ir::Function function;
  ir::Builder builder(function, ir::Builder::Folding::kOff);
  if (isa_->Translate(block.request, builder)) text += ir::Print(function);
}

void BlockTrace::Lifted(const Block& block) const {
  if (!IsWanted(block.start, block.pc)) return;
  std::string text = absl::StrFormat("block 0x%x pc 0x%x\n", block.start.value, block.pc);
  if (guest_) AppendGuest(block, text);
  if (ir_) {
    text += "ir:\n";
    AppendUnfolded(block, text);
  }
  if (opt_) {
    text += "opt:\n";
    text += ir::Print(block.function);
    AppendGroups(block.function, text);
  }
  sink_(text);
}

void BlockTrace::Compiled(GuestPhysAddr start, uint64_t pc, const HostBackend& host,
                          std::span<const std::byte> code, const void* address) const {
  if (!host_ || !IsWanted(start, pc)) return;
  sink_(absl::StrCat("host:\n", host.Disassemble(code, address)));
}

}  // namespace emu::translator
