// Which host register holds what in translated code.
#pragma once

#include <asmjit/x86.h>

#include <cstdint>

#include "translator/host/vcpu_frame.h"

namespace emu::translator::x86_64 {

using asmjit::x86::Gp;
using asmjit::x86::Mem;
using asmjit::x86::Xmm;

// rax and rdx are scratch, as division and compare-exchange want them; so are xmm14 and xmm15.
// rsp is the host's stack, aligned to 16 between instructions.
inline const Gp kBank = asmjit::x86::r14;   // the current TLB bank
inline const Gp kState = asmjit::x86::r15;  // the guest's state plus kStateBias
inline const Gp kScratch0 = asmjit::x86::rax;
inline const Gp kScratch1 = asmjit::x86::rdx;
inline const Xmm kFloatScratch0 = asmjit::x86::xmm15;
inline const Xmm kFloatScratch1 = asmjit::x86::xmm14;

// MXCSR (Intel SDM volume 1, s. 10.2.3): what the host's own code has, and its sticky flags.
inline constexpr uint32_t kAllMasked = 0x1f80;
inline constexpr uint32_t kAllFlags = 0x3f;

// Immediate of vinsertps: the lowest lane, and zeros above it.
inline constexpr uint32_t kZeroButLowest = 0b1110;

// Short displacements reach from the frame's last three words to the guest's 29th.
inline constexpr int32_t kStateBias = 104;

inline constexpr uint32_t kIntegerRegisters = 0b0011'1111'1110'1010;  // rcx rbx rbp rsi rdi r8-r13
inline constexpr uint32_t kFloatRegisters = 0b0011'1111'1111'1111;    // xmm0-xmm13

inline Mem StateMem(int32_t offset, uint32_t bytes = 8) {
  return asmjit::x86::ptr(kState, offset - kStateBias, bytes);
}
// `offset` is of a member of VcpuFrame.
inline Mem FrameMem(size_t offset, uint32_t bytes = 8) {
  return asmjit::x86::ptr(
      kState, static_cast<int32_t>(offset) - static_cast<int32_t>(sizeof(VcpuFrame)) - kStateBias,
      bytes);
}

// One of the frame's arguments of a runtime call.
inline Mem ArgumentMem(size_t number, uint32_t bytes = 8) {
  return FrameMem(offsetof(VcpuFrame, arguments) + 8 * number, bytes);
}

inline Mem VectorArgumentMem(size_t number) {
  return FrameMem(offsetof(VcpuFrame, vector_arguments) + 16 * number, 16);
}

}  // namespace emu::translator::x86_64
