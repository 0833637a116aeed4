#include "translator/host/x86_64/stubs.h"

#include <array>
#include <bit>
#include <initializer_list>

#include "translator/ir/function.h"
#include "translator/memory/tlb_layout.h"

namespace emu::translator::x86_64 {
namespace {

namespace x86 = asmjit::x86;

constexpr std::initializer_list<uint32_t> kCalleeSaved = {3, 5, 12, 13, 14, 15};  // rbx rbp r12-r15

class StubWriter {
 public:
  StubWriter(asmjit::CodeHolder& code, uint64_t address, MemoryAccess access)
      : a_(&code), address_(address), access_(access) {}

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
      stubs.load[log2] = WriteAccess(RuntimeCall::kLoad, 1U << log2);
      stubs.store[log2] = WriteAccess(RuntimeCall::kStore, 1U << log2);
    }
    for (const uint8_t space : {uint8_t{0}, ir::kOtherSpace}) {
      const size_t number = space != 0 ? 1 : 0;
      stubs.translate_read[number] = WriteTranslation(space);
      stubs.translate_write[number] = WriteTranslation(ir::kForWrite | space);
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

  // Of the address in rdx: the place of its entry in rcx, and in rsi how far behind the entry's
  // page it lies. Both have been pushed.
  void WriteLookup(Gp bank, bool for_write) {
    const auto array = static_cast<int32_t>(for_write ? kTlbWriteOffset : kTlbReadOffset);
    a_.rorx(x86::rcx, x86::rdx, 11);
    a_.xor_(x86::ecx, x86::edx);
    a_.shr(x86::ecx, 8);
    a_.and_(x86::ecx, x86::ptr(bank, offsetof(TlbBankHeader, index_mask), 4));
    a_.lea(x86::rcx, x86::ptr(bank, x86::rcx, 0, array));
    a_.mov(x86::rsi, x86::rdx);
    a_.sub(x86::rsi, x86::ptr(x86::rcx, offsetof(TlbEntry, page_base)));
  }
  void WritePops() {
    a_.pop(x86::rsi);
    a_.pop(x86::rcx);
  }

  uint64_t WriteAccess(RuntimeCall call, uint32_t bytes) {
    const uint64_t start = Here();
    if (access_ != MemoryAccess::kCalls) {
      const bool for_write = call == RuntimeCall::kStore;
      const asmjit::Label miss = a_.newLabel();
      a_.push(x86::rcx);
      a_.push(x86::rsi);
      WriteLookup(kBank, for_write);
      a_.cmp(x86::rsi, 4096 - bytes);
      a_.ja(miss);
      a_.mov(x86::rcx, x86::ptr(x86::rcx, offsetof(TlbEntry, addend)));
      const Mem place = x86::ptr(x86::rdx, x86::rcx, 0, 0, bytes);
      if (for_write) {
        const std::array<Gp, 4> values = {x86::al, x86::ax, x86::eax, x86::rax};
        a_.mov(place, values[static_cast<size_t>(std::countr_zero(bytes))]);
      } else if (bytes == 8) {
        a_.mov(x86::rax, place);
      } else if (bytes == 4) {
        a_.mov(x86::eax, place);
      } else {
        a_.movzx(x86::eax, place);
      }
      WritePops();
      a_.ret();
      a_.bind(miss);
      WritePops();
    }
    WriteRuntimeCall(call, bytes);
    return start;
  }

  uint64_t WriteTranslation(uint8_t attr) {
    const uint64_t start = Here();
    if (access_ != MemoryAccess::kCalls) {
      Gp bank = kBank;
      const asmjit::Label miss = a_.newLabel();
      const asmjit::Label is_whole = a_.newLabel();
      a_.push(x86::rcx);
      a_.push(x86::rsi);
      if ((attr & ir::kOtherSpace) != 0) {
        bank = x86::rsi;
        a_.mov(bank, FrameMem(offsetof(VcpuFrame, other_tlb_bank)));
      }
      WriteLookup(bank, (attr & ir::kForWrite) != 0);
      // Only from the entry's page on does the span count.
      a_.cmp(x86::rsi, 4096);
      a_.jae(miss);
      a_.add(x86::rsi, x86::rax);
      a_.cmp(x86::rsi, 4096);
      a_.ja(miss);
      a_.mov(x86::rax, x86::ptr(x86::rcx, offsetof(TlbEntry, addend)));
      a_.add(x86::rax, x86::rdx);
      WritePops();
      a_.ret();
      a_.bind(miss);
      WritePops();
      a_.push(x86::rdx);
      a_.and_(x86::edx, 4095);
      a_.add(x86::edx, x86::eax);
      a_.cmp(x86::edx, 4096);
      a_.pop(x86::rdx);
      a_.jbe(is_whole);
      a_.xor_(x86::eax, x86::eax);
      a_.ret();
      a_.bind(is_whole);
    }
    WriteRuntimeCall(RuntimeCall::kTranslate, attr);
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
    // Flags matter to nobody there, and to change them waits for all arithmetic under way, long.
    const asmjit::Label is_as_hosts = a_.newLabel();
    a_.mov(x86::r8d, FrameMem(offsetof(VcpuFrame, guest_float_control), 4));
    a_.and_(x86::r8d, ~kAllFlags);
    a_.cmp(x86::r8d, kAllMasked);
    a_.je(is_as_hosts);
    a_.vldmxcsr(FrameMem(offsetof(VcpuFrame, host_float_control), 4));
    a_.bind(is_as_hosts);
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
    a_.vldmxcsr(FrameMem(offsetof(VcpuFrame, host_float_control), 4));
    a_.add(x86::rsp, 8);  // the return address
    a_.mov(x86::eax, static_cast<uint32_t>(LeaveReason::kFault));
    a_.jmp(leave_in_host_mode_);
    return start;
  }

  x86::Assembler a_;
  const uint64_t address_;
  const MemoryAccess access_;
  asmjit::Label leave_ = a_.newLabel();
  asmjit::Label leave_in_host_mode_ = a_.newLabel();
};

}  // namespace

Stubs WriteStubs(asmjit::CodeHolder& code, uint64_t address, MemoryAccess access) {
  return StubWriter(code, address, access).Write();
}

}  // namespace emu::translator::x86_64
