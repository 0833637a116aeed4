#include "translator/host/x86_64/stubs.h"

#include <bit>
#include <initializer_list>

#include "translator/ir/function.h"

namespace emu::translator::x86_64 {
namespace {

namespace x86 = asmjit::x86;

constexpr std::initializer_list<uint32_t> kCalleeSaved = {3, 5, 12, 13, 14, 15};  // rbx rbp r12-r15

class StubWriter {
 public:
  StubWriter(asmjit::CodeHolder& code, uint64_t address) : a_(&code), address_(address) {}

  Stubs Write() {
    Stubs stubs = {};
    stubs.enter = Here();
    WriteEnter();
    stubs.leave = Here();
    a_.bind(leave_);
    WriteLeave();
    stubs.lookup = Here();
    a_.mov(FrameMem(offsetof(VcpuFrame, leave_pc)), x86::rdx);
    a_.mov(x86::eax, static_cast<uint32_t>(LeaveReason::kLookup));
    a_.jmp(leave_);
    stubs.link = WriteLeaveFromSite(LeaveReason::kLink);
    stubs.stale = WriteLeaveFromSite(LeaveReason::kStale);
    for (uint32_t log2 = 0; log2 < 4; ++log2) {
      stubs.load[log2] = WriteRuntimeCall(RuntimeCall::kLoad, 1U << log2);
      stubs.store[log2] = WriteRuntimeCall(RuntimeCall::kStore, 1U << log2);
    }
    for (const uint8_t space : {uint8_t{0}, ir::kOtherSpace}) {
      const size_t number = space != 0 ? 1 : 0;
      stubs.translate_read[number] = WriteRuntimeCall(RuntimeCall::kTranslate, space);
      stubs.translate_write[number] =
          WriteRuntimeCall(RuntimeCall::kTranslate, ir::kForWrite | space);
    }
    stubs.operation = WriteRuntimeCall(RuntimeCall::kOperation, 0);
    stubs.helper = WriteRuntimeCall(RuntimeCall::kHelper, 0);
    return stubs;
  }

 private:
  uint64_t Here() const { return address_ + a_.offset(); }

  void WriteEnter() {
    for (const uint32_t number : kCalleeSaved) a_.push(x86::gpq(number));
    a_.sub(x86::rsp, 8);
    a_.lea(kState, x86::ptr(x86::rdi, static_cast<int32_t>(sizeof(VcpuFrame)) + kStateBias));
    a_.mov(kBank, FrameMem(offsetof(VcpuFrame, tlb_bank)));
    a_.vstmxcsr(FrameMem(offsetof(VcpuFrame, host_float_control), 4));
    a_.vldmxcsr(FrameMem(offsetof(VcpuFrame, guest_float_control), 4));
    a_.jmp(x86::rsi);
  }

  void WriteLeave() {
    a_.vstmxcsr(FrameMem(offsetof(VcpuFrame, guest_float_control), 4));
    a_.vldmxcsr(FrameMem(offsetof(VcpuFrame, host_float_control), 4));
    a_.bind(leave_in_host_mode_);
    a_.add(x86::rsp, 8);
    for (auto number = std::rbegin(kCalleeSaved); number != std::rend(kCalleeSaved); ++number) {
      a_.pop(x86::gpq(*number));
    }
    a_.ret();
  }

  uint64_t WriteLeaveFromSite(LeaveReason reason) {
    const uint64_t start = Here();
    a_.pop(x86::rax);
    a_.mov(FrameMem(offsetof(VcpuFrame, leave_site)), x86::rax);
    a_.mov(x86::eax, static_cast<uint32_t>(reason));
    a_.jmp(leave_);
    return start;
  }

  // CallResult f(owner, rdx, rax, third, return address): two operands as the code left them.
  uint64_t WriteRuntimeCall(RuntimeCall call, uint32_t third) {
    const uint64_t start = Here();
    const auto integer = [](uint32_t number) {
      return FrameMem(offsetof(VcpuFrame, saved_integer) + 8 * number);
    };
    const auto vector = [](uint32_t number) {
      return FrameMem(offsetof(VcpuFrame, saved_float) + 16 * number, 16);
    };
    for (uint32_t number = 0; number < 16; ++number) {
      if ((kIntegerRegisters >> number & 1) != 0) a_.mov(integer(number), x86::gpq(number));
      if ((kFloatRegisters >> number & 1) != 0) a_.vmovups(vector(number), x86::xmm(number));
    }
    a_.vstmxcsr(FrameMem(offsetof(VcpuFrame, guest_float_control), 4));
    a_.vldmxcsr(FrameMem(offsetof(VcpuFrame, host_float_control), 4));
    a_.mov(x86::rdi, FrameMem(offsetof(VcpuFrame, owner)));
    a_.mov(x86::rsi, x86::rdx);
    a_.mov(x86::rdx, x86::rax);
    a_.mov(x86::ecx, third);
    a_.mov(x86::r8, x86::ptr(x86::rsp));
    a_.sub(x86::rsp, 8);
    a_.call(FrameMem(offsetof(VcpuFrame, functions) + 8 * static_cast<size_t>(call)));
    a_.add(x86::rsp, 8);
    const asmjit::Label faulted = a_.newLabel();
    a_.test(x86::edx, x86::edx);
    a_.jnz(faulted);
    a_.vldmxcsr(FrameMem(offsetof(VcpuFrame, guest_float_control), 4));
    for (uint32_t number = 0; number < 16; ++number) {
      const bool survives = number == 3 || number == 5 || number >= 12;
      if ((kIntegerRegisters >> number & 1) != 0 && !survives) {
        a_.mov(x86::gpq(number), integer(number));
      }
      if ((kFloatRegisters >> number & 1) != 0) a_.vmovups(x86::xmm(number), vector(number));
    }
    a_.ret();
    a_.bind(faulted);
    a_.add(x86::rsp, 8);  // the return address
    a_.mov(x86::eax, static_cast<uint32_t>(LeaveReason::kFault));
    a_.jmp(leave_in_host_mode_);
    return start;
  }

  x86::Assembler a_;
  const uint64_t address_;
  asmjit::Label leave_ = a_.newLabel();
  asmjit::Label leave_in_host_mode_ = a_.newLabel();
};

}  // namespace

Stubs WriteStubs(asmjit::CodeHolder& code, uint64_t address) {
  return StubWriter(code, address).Write();
}

}  // namespace emu::translator::x86_64
