#include "translator/guest/aarch64/debug_registers.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "translator/guest/aarch64/cpu_state.h"
#include "translator/guest/aarch64/exceptions.h"
#include "translator/guest/aarch64/flags.h"
#include "translator/guest/aarch64/status_bits.h"

namespace emu::translator::aarch64 {
namespace {

// gdb's aarch64-tdep.h.
constexpr uint32_t kSp = 31, kPc = 32, kCpsr = 33;

DebugArchitecture Build() {
  DebugFeature core = {"org.gnu.gdb.aarch64.core", {}};
  for (uint32_t number = 0; number < kSp; ++number) {
    core.registers.push_back({absl::StrCat("x", number), number, 64, "int", "general"});
  }
  core.registers.push_back({"sp", kSp, 64, "data_ptr", "general"});
  core.registers.push_back({"pc", kPc, 64, "code_ptr", "general"});
  core.registers.push_back({"cpsr", kCpsr, 32, "int", "general"});
  return {"aarch64", kPc, {std::move(core)}};
}

uint64_t& CurrentSp(CpuState& state) { return state.sp[state.el == 1 && state.sp_sel == 1]; }

}  // namespace

const DebugArchitecture& ArchitectureForDebuggers() {
  static const DebugArchitecture kArchitecture = Build();
  return kArchitecture;
}

std::optional<uint64_t> ReadDebugRegister(GuestContext& context, uint32_t number) {
  CpuState& state = StateAt(context.state());
  if (number < kSp) return state.x[number];
  if (number == kSp) return CurrentSp(state);
  if (number == kPc) return context.pc();
  if (number == kCpsr) return ReadPstate(state);
  return std::nullopt;
}

bool WriteDebugRegister(GuestContext& context, uint32_t number, uint64_t value) {
  CpuState& state = StateAt(context.state());
  if (number < kSp) {
    state.x[number] = value;
  } else if (number == kSp) {
    CurrentSp(state) = value;
  } else if (number == kPc) {
    context.set_pc(value);
  } else if (number == kCpsr) {
    // Flags and masks; a debugger changes no exception level.
    WriteNzcv(state, value >> kNzcvShift & 0xf);
    state.daif = value & kDaifMask;
    CheckInterrupts(context);
  } else {
    return false;
  }
  return true;
}

}  // namespace emu::translator::aarch64
