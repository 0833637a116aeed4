#include "translator/guest/aarch64/debug_registers.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "translator/guest/aarch64/cpu_state.h"
#include "translator/guest/aarch64/exceptions.h"
#include "translator/guest/aarch64/flags.h"
#include "translator/guest/aarch64/status_bits.h"
#include "translator/guest/aarch64/system_registers.h"

namespace emu::translator::aarch64 {
namespace {

// gdb's aarch64-tdep.h.
constexpr uint32_t kSp = 31, kPc = 32, kCpsr = 33;
constexpr uint32_t kFirstV = 34, kFpsr = 66, kFpcr = 67;
// Ours: the upper half of a vector; and a system register's number is added to it.
constexpr uint32_t kFirstUpper = 0x1000, kFirstSystem = 0x10000;
constexpr uint32_t kVectors = 32;

DebugArchitecture Build() {
  DebugFeature core = {"org.gnu.gdb.aarch64.core", {}};
  for (uint32_t number = 0; number < kSp; ++number) {
    core.registers.push_back({absl::StrCat("x", number), number, 64, "int", "general"});
  }
  core.registers.push_back({"sp", kSp, 64, "data_ptr", "general"});
  core.registers.push_back({"pc", kPc, 64, "code_ptr", "general"});
  core.registers.push_back({"cpsr", kCpsr, 32, "int", "general"});
  DebugFeature floats = {"org.gnu.gdb.aarch64.fpu", {}};
  for (uint32_t number = 0; number < kVectors; ++number) {
    floats.registers.push_back({absl::StrCat("v", number), kFirstV + number, 128, "uint128",
                                "float", kFirstUpper + number});
  }
  floats.registers.push_back({"fpsr", kFpsr, 32, "int", "float"});
  floats.registers.push_back({"fpcr", kFpcr, 32, "int", "float"});
  DebugFeature system = {"org.emud.aarch64.system", {}};
  for (const uint32_t number : RegisterNumbers()) {
    system.registers.push_back({RegisterName(number), kFirstSystem + number, 64, "int", "csr"});
  }
  return {"aarch64", kPc, {std::move(core), std::move(floats), std::move(system)}};
}

bool IsUpper(uint32_t number) { return number >= kFirstUpper && number < kFirstUpper + kVectors; }
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
  if (number >= kFirstV && number < kFpsr) return state.v[number - kFirstV].low;
  if (number == kFpsr) return ReadFpsr(context);
  if (number == kFpcr) return state.fpcr;
  if (IsUpper(number)) return state.v[number - kFirstUpper].high;
  if (number >= kFirstSystem) return PeekRegister(context, number - kFirstSystem);
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
  } else if (number >= kFirstV && number < kFpsr) {
    state.v[number - kFirstV].low = value;
  } else if (number == kFpsr) {
    WriteFpsr(context, value);
  } else if (number == kFpcr) {
    return PokeRegister(context, RegisterNumber(3, 3, 4, 4, 0), value);
  } else if (IsUpper(number)) {
    state.v[number - kFirstUpper].high = value;
  } else if (number >= kFirstSystem) {
    return PokeRegister(context, number - kFirstSystem, value);
  } else {
    return false;
  }
  return true;
}

}  // namespace emu::translator::aarch64
