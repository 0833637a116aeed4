#include "translator/guest/riscv64/debug_registers.h"

#include <array>
#include <string>
#include <string_view>

#include "translator/guest/riscv64/cpu_state.h"
#include "translator/guest/riscv64/system_registers.h"

namespace emu::translator::riscv64 {
namespace {

// gdb's riscv-tdep.h.
constexpr uint32_t kPc = 32, kFirstF = 33, kFirstCsr = 65, kLastCsr = 4160, kPriv = 4161;
constexpr uint32_t kLastFloatCsr = 3;  // fflags, frm, fcsr

constexpr std::array<std::string_view, 32> kIntegerNames = {
    "zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
    "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
    "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};
constexpr std::array<std::string_view, 32> kFloatNames = {
    "ft0", "ft1", "ft2", "ft3", "ft4",  "ft5",  "ft6", "ft7", "fs0",  "fs1", "fa0",
    "fa1", "fa2", "fa3", "fa4", "fa5",  "fa6",  "fa7", "fs2", "fs3",  "fs4", "fs5",
    "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11"};

std::string_view TypeOfInteger(uint32_t number) {
  switch (number) {
    case 1:
      return "code_ptr";
    case 2:
    case 3:
    case 4:
      return "data_ptr";
    default:
      return "int";
  }
}

DebugRegister CsrEntry(uint32_t number, std::string_view group) {
  return {CsrName(number), kFirstCsr + number, 64, "int", group};
}

DebugArchitecture Build() {
  DebugFeature core = {"org.gnu.gdb.riscv.cpu", {}};
  for (uint32_t number = 0; number < 32; ++number) {
    core.registers.push_back(
        {std::string(kIntegerNames[number]), number, 64, TypeOfInteger(number), "general"});
  }
  core.registers.push_back({"pc", kPc, 64, "code_ptr", "general"});

  DebugFeature floats = {"org.gnu.gdb.riscv.fpu", {}};
  for (uint32_t number = 0; number < 32; ++number) {
    floats.registers.push_back(
        {std::string(kFloatNames[number]), kFirstF + number, 64, "ieee_double", "float"});
  }
  DebugFeature csrs = {"org.gnu.gdb.riscv.csr", {}};
  for (const uint32_t number : CsrNumbers()) {
    if (number <= kLastFloatCsr) {
      floats.registers.push_back(CsrEntry(number, "float"));
    } else {
      csrs.registers.push_back(CsrEntry(number, "csr"));
    }
  }
  DebugFeature privilege = {"org.gnu.gdb.riscv.virtual", {{"priv", kPriv, 64, "int", "csr"}}};
  return {"riscv:rv64",
          kPc,
          {std::move(core), std::move(floats), std::move(privilege), std::move(csrs)}};
}

}  // namespace

const DebugArchitecture& ArchitectureForDebuggers() {
  static const DebugArchitecture kArchitecture = Build();
  return kArchitecture;
}

std::optional<uint64_t> ReadDebugRegister(GuestContext& context, uint32_t number) {
  const CpuState& state = StateAt(context.state());
  if (number == 0) return 0;
  if (number < kPc) return state.x[number - 1];
  if (number == kPc) return context.pc();
  if (number < kFirstCsr) return state.f[number - kFirstF];
  if (number <= kLastCsr) return ReadCsr(context, number - kFirstCsr);
  if (number == kPriv) return static_cast<uint64_t>(state.privilege);
  return std::nullopt;
}

bool WriteDebugRegister(GuestContext& context, uint32_t number, uint64_t value) {
  CpuState& state = StateAt(context.state());
  if (number == 0) return true;
  if (number < kPc) {
    state.x[number - 1] = value;
  } else if (number == kPc) {
    context.set_pc(value & ~uint64_t{1});
  } else if (number < kFirstCsr) {
    state.f[number - kFirstF] = value;
    state.fs_dirty = 1;
  } else if (number <= kLastCsr) {
    return WriteCsr(context, number - kFirstCsr, value);
  } else if (number == kPriv) {
    if (value != 0 && value != 1 && value != 3) return false;
    state.privilege = static_cast<Privilege>(value);
    context.ModeChanged();
    context.RequestInterruptCheck();
  } else {
    return false;
  }
  return true;
}

}  // namespace emu::translator::riscv64
