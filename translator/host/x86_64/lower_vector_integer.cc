// Integer vectors: what takes several instructions of the host.
#include <array>

#include "translator/host/x86_64/block_compiler.h"
#include "translator/host/x86_64/vector_constants.h"
#include "translator/host/x86_64/vector_lanes.h"

namespace emu::translator::x86_64 {

namespace x86 = asmjit::x86;
namespace InstId = asmjit::x86::Inst;

namespace {

using BySize = std::array<x86::Inst::Id, 4>;
constexpr x86::Inst::Id kNo = InstId::kIdNone;
constexpr BySize kEqual = {InstId::kIdVpcmpeqb, InstId::kIdVpcmpeqw, InstId::kIdVpcmpeqd,
                           InstId::kIdVpcmpeqq};
constexpr BySize kMaximumSigned = {InstId::kIdVpmaxsb, InstId::kIdVpmaxsw, InstId::kIdVpmaxsd, kNo};
constexpr BySize kMaximumUnsigned = {InstId::kIdVpmaxub, InstId::kIdVpmaxuw, InstId::kIdVpmaxud,
                                     kNo};
constexpr BySize kAdd = {kNo, kNo, InstId::kIdVpaddd, InstId::kIdVpaddq};
constexpr BySize kSubtract = {kNo, kNo, InstId::kIdVpsubd, InstId::kIdVpsubq};
constexpr BySize kShiftLeft = {kNo, InstId::kIdVpsllw, InstId::kIdVpslld, InstId::kIdVpsllq};
constexpr BySize kShiftRight = {kNo, InstId::kIdVpsrlw, InstId::kIdVpsrld, InstId::kIdVpsrlq};
constexpr BySize kShiftSigned = {kNo, InstId::kIdVpsraw, InstId::kIdVpsrad, kNo};

}  // namespace

bool BlockCompiler::LowerVectorInteger(uint32_t index) {
  const Inst& op = function_->insts[index];
  const Type lane = LaneOf(op);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (op.op) {
    case Op::kVMul:
      LowerMultiplyBytes(index);
      return true;
    case Op::kVAbs:
      LowerVectorAbs(index);
      return true;
    case Op::kVGeS:
    case Op::kVGtU:
    case Op::kVGeU:
      LowerVectorCompare(index);
      return true;
    case Op::kVAddSatS:
    case Op::kVSubSatS:
      LowerSaturatingSigned(index);
      return true;
    case Op::kVAddSatU:
    case Op::kVSubSatU:
      LowerSaturatingUnsigned(index);
      return true;
    case Op::kVAverageU: {
      // (a | b) - ((a ^ b) >> 1)
      const Xmm a = Float(op.a);
      const Xmm b = Float(op.b);
      a_.vpxor(kFloatScratch0, a, b);
      a_.vpsrld(kFloatScratch0, kFloatScratch0, 1);
      a_.vpor(kFloatScratch1, a, b);
      a_.vpsubd(DefineFloat(Id(index)), kFloatScratch1, kFloatScratch0);
      return true;
    }
    case Op::kVAndNot: {
      const Xmm b = Float(op.b);
      const asmjit::Operand a = FloatOperand(op.a, Type::kV128);
      a_.emit(InstId::kIdVpandn, DefineFloat(Id(index)), b, a);
      return true;
    }
    case Op::kVBitSelect:
      LowerBitSelect(index);
      return true;
    case Op::kVShl:
    case Op::kVShrU:
    case Op::kVShrS:
      LowerShiftByImmediate(index);
      return true;
    case Op::kVShlLanes:
    case Op::kVShrULanes:
    case Op::kVShrSLanes:
      if (lane == Type::kI16) {
        LowerShiftOfWords(index);
      } else if (lane == Type::kI8 && features_.avx512) {
        LowerShiftOfByteLanes(index);
      } else {
        return false;
      }
      return true;
    case Op::kVPopCount:
    case Op::kVBitReverse:
      LowerNibbleTables(index);
      return true;
    default:
      return false;
  }
#pragma GCC diagnostic pop
}

// Even and odd bytes as words.
void BlockCompiler::LowerMultiplyBytes(uint32_t index) {
  const Inst& op = function_->insts[index];
  const Xmm a = Float(op.a);
  const Xmm b = Float(op.b);
  const Xmm to = DefineFloat(Id(index));
  a_.vpmullw(kFloatScratch0, a, b);
  a_.vpand(kFloatScratch0, kFloatScratch0, ConstantMem(VectorConstant::kLowBytes));
  a_.vpsrlw(kFloatScratch1, a, 8);
  a_.vpsrlw(to, b, 8);
  a_.vpmullw(to, to, kFloatScratch1);
  a_.vpsllw(to, to, 8);
  a_.vpor(to, to, kFloatScratch0);
}

// Lanes of 64 bits.
void BlockCompiler::LowerVectorAbs(uint32_t index) {
  const Inst& op = function_->insts[index];
  const Xmm source = Float(op.a);
  a_.vpxor(kFloatScratch0, kFloatScratch0, kFloatScratch0);
  a_.vpcmpgtq(kFloatScratch0, kFloatScratch0, source);
  a_.vpxor(kFloatScratch1, source, kFloatScratch0);
  a_.vpsubq(DefineFloat(Id(index)), kFloatScratch1, kFloatScratch0);
}

// a >= b where the maximum of both is a. The host compares signed lanes only, and for none of 64
// bits has it a maximum.
void BlockCompiler::LowerVectorCompare(uint32_t index) {
  const Inst& op = function_->insts[index];
  const size_t size = SizeOf(LaneOf(op));
  const bool is_signed = op.op == Op::kVGeS;
  const bool is_greater = op.op == Op::kVGtU;
  const Xmm a = Float(op.a);
  const Xmm b = Float(op.b);
  const Xmm to = DefineFloat(Id(index));
  if (size < 3) {
    a_.emit((is_signed ? kMaximumSigned : kMaximumUnsigned)[size], kFloatScratch0, a, b);
    a_.emit(kEqual[size], to, kFloatScratch0, is_greater ? b : a);
  } else if (is_signed) {
    a_.vpcmpgtq(to, b, a);
  } else {
    a_.vpxor(kFloatScratch0, a, ConstantMem(VectorConstant::kSigns64));
    a_.vpxor(kFloatScratch1, b, ConstantMem(VectorConstant::kSigns64));
    is_greater ? a_.vpcmpgtq(to, kFloatScratch0, kFloatScratch1)
               : a_.vpcmpgtq(to, kFloatScratch1, kFloatScratch0);
  }
  if (is_greater == (size < 3)) {
    // What it is so far is where it does not hold.
    a_.vpcmpeqd(kFloatScratch0, kFloatScratch0, kFloatScratch0);
    a_.vpxor(to, to, kFloatScratch0);
  }
}

// Lanes of 32 and 64 bits. Where the sign of the result is wrong, the limit on its other side is
// right.
void BlockCompiler::LowerSaturatingSigned(uint32_t index) {
  const Inst& op = function_->insts[index];
  const bool adds = op.op == Op::kVAddSatS;
  const size_t size = SizeOf(LaneOf(op));
  const Xmm a = Float(op.a);
  const Xmm b = Float(op.b);
  const Xmm to = DefineFloat(Id(index));
  a_.emit((adds ? kAdd : kSubtract)[size], to, a, b);
  a_.vpxor(kFloatScratch0, a, to);
  adds ? a_.vpxor(kFloatScratch1, b, to) : a_.vpxor(kFloatScratch1, a, b);
  a_.vpand(kFloatScratch0, kFloatScratch0, kFloatScratch1);
  if (size == 2) {
    a_.vpsrad(kFloatScratch1, to, 31);
    a_.vpxor(kFloatScratch1, kFloatScratch1, ConstantMem(VectorConstant::kSigns32));
    a_.vblendvps(to, to, kFloatScratch1, kFloatScratch0);
  } else {
    a_.vpxor(kFloatScratch1, kFloatScratch1, kFloatScratch1);
    a_.vpcmpgtq(kFloatScratch1, kFloatScratch1, to);
    a_.vpxor(kFloatScratch1, kFloatScratch1, ConstantMem(VectorConstant::kSigns64));
    a_.vblendvpd(to, to, kFloatScratch1, kFloatScratch0);
  }
}

// Lanes of 32 and 64 bits.
void BlockCompiler::LowerSaturatingUnsigned(uint32_t index) {
  const Inst& op = function_->insts[index];
  const bool adds = op.op == Op::kVAddSatU;
  const Xmm a = Float(op.a);
  const Xmm b = Float(op.b);
  const Xmm to = DefineFloat(Id(index));
  if (LaneOf(op) == Type::kI32 && adds) {
    a_.vpcmpeqd(kFloatScratch0, kFloatScratch0, kFloatScratch0);
    a_.vpxor(kFloatScratch0, kFloatScratch0, a);
    a_.vpminud(kFloatScratch0, kFloatScratch0, b);
    a_.vpaddd(to, kFloatScratch0, a);
  } else if (LaneOf(op) == Type::kI32) {
    a_.vpmaxud(kFloatScratch0, a, b);
    a_.vpsubd(to, kFloatScratch0, b);
  } else {
    // Wrapped where a is above the sum, or b above a.
    const Mem signs = ConstantMem(VectorConstant::kSigns64);
    adds ? a_.vpaddq(to, a, b) : a_.vpsubq(to, a, b);
    a_.vpxor(kFloatScratch0, adds ? a : b, signs);
    a_.vpxor(kFloatScratch1, adds ? to : a, signs);
    a_.vpcmpgtq(kFloatScratch0, kFloatScratch0, kFloatScratch1);
    adds ? a_.vpor(to, to, kFloatScratch0) : a_.vpandn(to, kFloatScratch0, to);
  }
}

void BlockCompiler::LowerBitSelect(uint32_t index) {
  const Inst& op = function_->insts[index];
  if (features_.avx512) {
    constexpr uint32_t kChoose = 0b1100'1010;
    const Xmm b = Float(op.b);
    const Xmm c = Float(op.c);
    a_.vpternlogq(DefineFloatFrom(Id(index), op.a), b, c, kChoose);
    return;
  }
  const Xmm mask = Float(op.a);
  const Xmm b = Float(op.b);
  const Xmm c = Float(op.c);
  const Xmm to = DefineFloat(Id(index));
  a_.vpand(kFloatScratch0, mask, b);
  a_.vpandn(to, mask, c);
  a_.vpor(to, to, kFloatScratch0);
}

void BlockCompiler::LowerShiftByImmediate(uint32_t index) {
  const Inst& op = function_->insts[index];
  const Type lane = LaneOf(op);
  if (lane == Type::kI8) {
    LowerShiftOfBytes(index);
  } else if (lane == Type::kI64 && op.op == Op::kVShrS) {
    LowerArithmeticShift64(index);
  } else {
    const BySize& shift = op.op == Op::kVShl    ? kShiftLeft
                          : op.op == Op::kVShrU ? kShiftRight
                                                : kShiftSigned;
    const Xmm source = Float(op.a);
    a_.emit(shift[SizeOf(lane)], DefineFloat(Id(index)), source, op.imm);
  }
}

// As words, without what comes from the byte beside it.
void BlockCompiler::LowerShiftOfBytes(uint32_t index) {
  const Inst& op = function_->insts[index];
  const bool is_left = op.op == Op::kVShl;
  const auto count = static_cast<uint32_t>(op.imm);
  const Xmm source = Float(op.a);
  const Xmm to = DefineFloat(Id(index));
  a_.emit((is_left ? kShiftLeft : kShiftRight)[1], to, source, count);
  a_.vpbroadcastb(kFloatScratch0,
                  ConstantMem(VectorConstant::kByteMasks, 1, is_left ? count : 8 + count));
  a_.vpand(to, to, kFloatScratch0);
  if (op.op != Op::kVShrS) return;
  a_.vpbroadcastb(kFloatScratch0, ConstantMem(VectorConstant::kByteSigns, 1, count));
  a_.vpxor(to, to, kFloatScratch0);
  a_.vpsubb(to, to, kFloatScratch0);
}

void BlockCompiler::LowerArithmeticShift64(uint32_t index) {
  const Inst& op = function_->insts[index];
  const auto count = static_cast<uint32_t>(op.imm);
  const Xmm source = Float(op.a);
  const Xmm to = DefineFloat(Id(index));
  if (features_.avx512) {
    a_.vpsraq(to, source, count);
  } else if (count < 32) {
    a_.vpsrad(kFloatScratch0, source, count);
    a_.vpsrlq(to, source, count);
    a_.vpblendd(to, to, kFloatScratch0, 0b1010);
  } else {
    a_.vpsrad(kFloatScratch0, source, 31);
    a_.vpsrad(kFloatScratch1, source, count - 32);
    a_.vpshufd(kFloatScratch1, kFloatScratch1, 0b11'11'01'01);
    a_.vpblendd(to, kFloatScratch1, kFloatScratch0, 0b1010);
  }
}

// As lanes of 32 bits, in two halves.
void BlockCompiler::LowerShiftOfWords(uint32_t index) {
  const Inst& op = function_->insts[index];
  const Xmm a = Float(op.a);
  const Xmm b = Float(op.b);
  const Xmm to = DefineFloat(Id(index));
  const bool is_signed = op.op == Op::kVShrSLanes;
  const x86::Inst::Id widen = is_signed ? InstId::kIdVpmovsxwd : InstId::kIdVpmovzxwd;
  const x86::Inst::Id shift = is_signed                 ? InstId::kIdVpsravd
                              : op.op == Op::kVShlLanes ? InstId::kIdVpsllvd
                                                        : InstId::kIdVpsrlvd;
  a_.emit(widen, to, a);
  a_.vpmovzxwd(kFloatScratch0, b);
  a_.emit(shift, to, to, kFloatScratch0);
  constexpr uint32_t kUpperHalf = 0b11'10'11'10;
  a_.vpshufd(kFloatScratch0, a, kUpperHalf);
  a_.emit(widen, kFloatScratch0, kFloatScratch0);
  a_.vpshufd(kFloatScratch1, b, kUpperHalf);
  a_.vpmovzxwd(kFloatScratch1, kFloatScratch1);
  a_.emit(shift, kFloatScratch0, kFloatScratch0, kFloatScratch1);
  if (is_signed) {
    a_.vpackssdw(to, to, kFloatScratch0);
    return;
  }
  a_.vpand(to, to, ConstantMem(VectorConstant::kLowWords));
  a_.vpand(kFloatScratch0, kFloatScratch0, ConstantMem(VectorConstant::kLowWords));
  a_.vpackusdw(to, to, kFloatScratch0);
}

// As lanes of 16 bits, in the one place where vectors are larger.
void BlockCompiler::LowerShiftOfByteLanes(uint32_t index) {
  const Inst& op = function_->insts[index];
  const bool is_signed = op.op == Op::kVShrSLanes;
  const x86::Ymm values = kFloatScratch0.ymm();
  const x86::Ymm counts = kFloatScratch1.ymm();
  const Xmm a = Float(op.a);
  const Xmm b = Float(op.b);
  const Xmm to = DefineFloat(Id(index));
  a_.emit(is_signed ? InstId::kIdVpmovsxbw : InstId::kIdVpmovzxbw, values, a);
  a_.vpmovzxbw(counts, b);
  a_.emit(is_signed                 ? InstId::kIdVpsravw
          : op.op == Op::kVShlLanes ? InstId::kIdVpsllvw
                                    : InstId::kIdVpsrlvw,
          values, values, counts);
  a_.vpmovwb(to, values);
  a_.vzeroupper();
}

// Of bytes, from what tables say of their two halves.
void BlockCompiler::LowerNibbleTables(uint32_t index) {
  using enum VectorConstant;
  const Inst& op = function_->insts[index];
  const bool counts = op.op == Op::kVPopCount;
  const Xmm source = Float(op.a);
  const Xmm to = DefineFloat(Id(index));
  a_.vpand(kFloatScratch0, source, ConstantMem(kLowNibbles));
  a_.vpsrlw(kFloatScratch1, source, 4);
  a_.vpand(kFloatScratch1, kFloatScratch1, ConstantMem(kLowNibbles));
  a_.vmovups(to, ConstantMem(counts ? kPopCounts : kReversedHigh));
  a_.vpshufb(kFloatScratch0, to, kFloatScratch0);
  if (!counts) a_.vmovups(to, ConstantMem(kReversedLow));
  a_.vpshufb(kFloatScratch1, to, kFloatScratch1);
  counts ? a_.vpaddb(to, kFloatScratch0, kFloatScratch1)
         : a_.vpor(to, kFloatScratch0, kFloatScratch1);
}

}  // namespace emu::translator::x86_64
