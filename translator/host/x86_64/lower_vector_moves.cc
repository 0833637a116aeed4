// Vectors: moves between lanes and scalars, of lanes, and to other widths.
#include <array>

#include "translator/host/x86_64/block_compiler.h"
#include "translator/host/x86_64/vector_constants.h"
#include "translator/host/x86_64/vector_lanes.h"

namespace emu::translator::x86_64 {

namespace x86 = asmjit::x86;
namespace InstId = asmjit::x86::Inst;

namespace {

constexpr std::array<x86::Inst::Id, 4> kBroadcast = {
    InstId::kIdVpbroadcastb, InstId::kIdVpbroadcastw, InstId::kIdVpbroadcastd,
    InstId::kIdVpbroadcastq};
constexpr std::array<x86::Inst::Id, 4> kExtract = {InstId::kIdVpextrb, InstId::kIdVpextrw,
                                                   InstId::kIdVpextrd, InstId::kIdVpextrq};
constexpr std::array<x86::Inst::Id, 4> kInsert = {InstId::kIdVpinsrb, InstId::kIdVpinsrw,
                                                  InstId::kIdVpinsrd, InstId::kIdVpinsrq};
constexpr std::array<x86::Inst::Id, 3> kSignExtend = {InstId::kIdVpmovsxbw, InstId::kIdVpmovsxwd,
                                                      InstId::kIdVpmovsxdq};
constexpr std::array<x86::Inst::Id, 3> kZeroExtend = {InstId::kIdVpmovzxbw, InstId::kIdVpmovzxwd,
                                                      InstId::kIdVpmovzxdq};

}  // namespace

bool BlockCompiler::LowerVectorMove(uint32_t index) {
  const Inst& op = function_->insts[index];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (op.op) {
    case Op::kVSplat:
      LowerSplat(index);
      return true;
    case Op::kVScalar:
      LowerScalar(index);
      return true;
    case Op::kVCopyLane:
      LowerCopyLane(index);
      return true;
    case Op::kVExtract:
      LowerExtract(index);
      return true;
    case Op::kVInsert:
      LowerInsert(index);
      return true;
    case Op::kVEven:
    case Op::kVOdd:
      LowerEvenOdd(index);
      return true;
    case Op::kVAlign: {
      const Xmm high = Float(op.b);
      const asmjit::Operand low = FloatOperand(op.a, Type::kV128);
      a_.emit(InstId::kIdVpalignr, DefineFloat(Id(index)), high, low, op.imm);
      return true;
    }
    case Op::kVReverse:
      LowerReverse(index);
      return true;
    case Op::kVLookup: {
      // The instruction gives 0 where a sign bit is set.
      const Xmm table = Float(op.a);
      const Xmm which = Float(op.b);
      a_.vpaddusb(kFloatScratch0, which, ConstantMem(VectorConstant::kBeyondLookup));
      a_.vpshufb(DefineFloat(Id(index)), table, kFloatScratch0);
      return true;
    }
    case Op::kVWidenLowS:
    case Op::kVWidenLowU:
    case Op::kVWidenHighS:
    case Op::kVWidenHighU:
      LowerWiden(index);
      return true;
    case Op::kVNarrowSatS:
    case Op::kVNarrowSatSU:
    case Op::kVNarrowSatU:
      if (LaneOf(op) == Type::kI64 && !features_.avx512) return false;
      if (LaneOf(op) == Type::kI64) {
        LowerNarrow64(index);
      } else {
        LowerNarrowUnsigned(index);
      }
      return true;
    case Op::kVClMul: {
      if (!features_.pclmul) return false;
      const Xmm a = Float(op.a);
      const asmjit::Operand b = FloatOperand(op.b, Type::kV128);
      const uint64_t halves = (op.imm & 1) | (op.imm & 2) << 3;
      a_.emit(InstId::kIdVpclmulqdq, DefineFloat(Id(index)), a, b, halves);
      return true;
    }
    default:
      return false;
  }
#pragma GCC diagnostic pop
}

// Packing saturates, so what is not wanted goes first.
void BlockCompiler::LowerEvenOdd(uint32_t index) {
  const Inst& op = function_->insts[index];
  const bool is_odd = op.op == Op::kVOdd;
  const Type lane = LaneOf(op);
  const Xmm a = Float(op.a);
  const Xmm b = Float(op.b);
  const Xmm to = DefineFloat(Id(index));
  if (lane == Type::kI32) {
    a_.vshufps(to, a, b, is_odd ? 0b11'01'11'01 : 0b10'00'10'00);
    return;
  }
  const bool bytes = lane == Type::kI8;
  const auto reduce = [&](Xmm into, Xmm from) {
    if (!is_odd) {
      a_.vpand(into, from,
               ConstantMem(bytes ? VectorConstant::kLowBytes : VectorConstant::kLowWords));
    } else if (bytes) {
      a_.vpsrlw(into, from, 8);
    } else {
      a_.vpsrld(into, from, 16);
    }
  };
  reduce(kFloatScratch0, a);
  reduce(kFloatScratch1, b);
  a_.emit(bytes ? InstId::kIdVpackuswb : InstId::kIdVpackusdw, to, kFloatScratch0, kFloatScratch1);
}

void BlockCompiler::LowerReverse(uint32_t index) {
  const Inst& op = function_->insts[index];
  const Xmm source = Float(op.a);
  const Xmm to = DefineFloat(Id(index));
  if (LaneOf(op) == Type::kI32) {
    a_.vpshufd(to, source, 0b10'11'00'01);
    return;
  }
  using enum VectorConstant;
  const bool bytes = LaneOf(op) == Type::kI8;
  const VectorConstant order = op.imm == 16   ? kReverseBytes16
                               : op.imm == 32 ? (bytes ? kReverseBytes32 : kReverseWords32)
                                              : (bytes ? kReverseBytes64 : kReverseWords64);
  a_.vpshufb(to, source, ConstantMem(order));
}

void BlockCompiler::LowerWiden(uint32_t index) {
  const Inst& op = function_->insts[index];
  const bool is_signed = op.op == Op::kVWidenLowS || op.op == Op::kVWidenHighS;
  const bool is_high = op.op == Op::kVWidenHighS || op.op == Op::kVWidenHighU;
  const size_t size = SizeOf(LaneOf(op));
  asmjit::Operand source = FloatOperand(op.a, Type::kV128);
  if (source.isMem()) {
    Mem half = source.as<Mem>().cloneAdjusted(is_high ? 8 : 0);
    half.setSize(8);
    source = half;
  } else if (is_high) {
    a_.vpshufd(kFloatScratch0, source.as<Xmm>(), 0b11'10'11'10);
    source = kFloatScratch0;
  }
  a_.emit((is_signed ? kSignExtend : kZeroExtend)[size], DefineFloat(Id(index)), source);
}

void BlockCompiler::LowerNarrow64(uint32_t index) {
  const Inst& op = function_->insts[index];
  const Xmm a = Float(op.a);
  const Xmm b = Float(op.b);
  const auto narrow = [&](Xmm into, Xmm from) {
    if (op.op == Op::kVNarrowSatS) {
      a_.vpmovsqd(into, from);
      return;
    }
    if (op.op == Op::kVNarrowSatSU) {
      a_.vpxor(into, into, into);
      a_.vpmaxsq(into, into, from);
    }
    a_.vpmovusqd(into, op.op == Op::kVNarrowSatSU ? into : from);
  };
  narrow(kFloatScratch0, a);
  narrow(kFloatScratch1, b);
  a_.vpunpcklqdq(DefineFloat(Id(index)), kFloatScratch0, kFloatScratch1);
}

// Packing takes its operands for signed ones: what is too large is made the maximum first.
void BlockCompiler::LowerNarrowUnsigned(uint32_t index) {
  const Inst& op = function_->insts[index];
  const bool words = LaneOf(op) == Type::kI16;
  const Xmm a = Float(op.a);
  const Xmm b = Float(op.b);
  const Mem maximum = ConstantMem(words ? VectorConstant::kLowBytes : VectorConstant::kLowWords);
  const x86::Inst::Id minimum_of = words ? InstId::kIdVpminuw : InstId::kIdVpminud;
  a_.emit(minimum_of, kFloatScratch0, a, maximum);
  a_.emit(minimum_of, kFloatScratch1, b, maximum);
  a_.emit(words ? InstId::kIdVpackuswb : InstId::kIdVpackusdw, DefineFloat(Id(index)),
          kFloatScratch0, kFloatScratch1);
}

void BlockCompiler::LowerSplat(uint32_t index) {
  const Inst& op = function_->insts[index];
  const Type lane = LaneOf(op);
  if (ir::IsFloat(lane)) {
    const asmjit::Operand source = FloatOperand(Source(op.a), lane);
    const Xmm to = DefineFloat(Id(index));
    a_.emit(lane == Type::kF64 ? InstId::kIdVmovddup : InstId::kIdVbroadcastss, to, source);
    return;
  }
  const Gp source = Integer(op.a);
  const Xmm to = DefineFloat(Id(index));
  if (lane == Type::kI64) {
    a_.vmovq(to, source);
  } else {
    a_.vmovd(to, source.r32());
  }
  a_.emit(kBroadcast[SizeOf(lane)], to, to);
}

void BlockCompiler::LowerScalar(uint32_t index) {
  const Inst& op = function_->insts[index];
  const Type lane = LaneOf(op);
  if (ir::IsFloat(lane)) {
    const Xmm source = Float(Source(op.a));
    const Xmm to = DefineFloat(Id(index));
    if (lane == Type::kF64) {
      a_.vmovq(to, source);
    } else {
      a_.vinsertps(to, source, source, kZeroButLowest);
    }
    return;
  }
  const Gp source = Integer(op.a);
  const Xmm to = DefineFloat(Id(index));
  if (lane == Type::kI64) {
    a_.vmovq(to, source);
    return;
  }
  if (lane == Type::kI16) a_.movzx(kScratch0.r32(), source.r16());
  if (lane == Type::kI8) a_.movzx(kScratch0.r32(), source.r8());
  a_.vmovd(to, lane == Type::kI32 ? source.r32() : kScratch0.r32());
}

void BlockCompiler::LowerCopyLane(uint32_t index) {
  const Inst& op = function_->insts[index];
  const Type lane = LaneOf(op);
  const auto number = static_cast<uint32_t>(op.imm);
  const uint32_t bytes = ir::BytesOf(lane);
  const x86::Inst::Id broadcast = kBroadcast[SizeOf(lane)];
  const asmjit::Operand source = FloatOperand(op.a, Type::kV128);
  const Xmm to = DefineFloat(Id(index));
  if (source.isMem()) {
    Mem place = source.as<Mem>().cloneAdjusted(number * bytes);
    place.setSize(bytes);
    a_.emit(broadcast, to, place);
  } else if (number == 0) {
    a_.emit(broadcast, to, source);
  } else if (bytes == 8) {
    a_.vpshufd(to, source.as<Xmm>(), 0b11'10'11'10);
  } else if (bytes == 4) {
    a_.vpshufd(to, source.as<Xmm>(), 0b01'01'01'01 * number);
  } else {
    a_.vpsrldq(kFloatScratch0, source.as<Xmm>(), number * bytes);
    a_.emit(broadcast, to, kFloatScratch0);
  }
}

// The lowest lane of floats is an alias, and never comes here.
void BlockCompiler::LowerExtract(uint32_t index) {
  const Inst& op = function_->insts[index];
  const Type lane = LaneOf(op);
  const auto number = static_cast<uint32_t>(op.imm);
  const uint32_t bytes = ir::BytesOf(lane);
  std::optional<Mem> memory;
  if (StateOf(op.a).reg == kNoRegister && !IsConst(op.a)) memory = MemoryOf(op.a, bytes);
  if (memory.has_value()) memory->addOffset(number * bytes);
  if (ir::IsFloat(lane)) {
    if (memory.has_value()) {
      MoveFloat(DefineFloat(Id(index)), *memory);
      return;
    }
    const Xmm source = Float(op.a);
    const Xmm to = DefineFloat(Id(index));
    if (lane == Type::kF64) {
      a_.vunpckhpd(to, source, source);
    } else {
      a_.vpermilps(to, source, number);
    }
    return;
  }
  if (memory.has_value()) {
    const Gp to = DefineInteger(Id(index));
    if (bytes >= 4) {
      a_.mov(Sized(to, lane), *memory);
    } else {
      a_.movzx(to.r32(), *memory);
    }
    return;
  }
  const Xmm source = Float(op.a);
  const Gp to = DefineInteger(Id(index));
  if (number == 0 && bytes >= 4) {
    bytes == 8 ? a_.vmovq(to, source) : a_.vmovd(to.r32(), source);
  } else {
    a_.emit(kExtract[SizeOf(lane)], Sized(to, lane), source, number);
  }
}

void BlockCompiler::LowerInsert(uint32_t index) {
  const Inst& op = function_->insts[index];
  const Type lane = LaneOf(op);
  const auto number = static_cast<uint32_t>(op.imm);
  const Xmm vector = Float(op.a);
  if (!ir::IsFloat(lane)) {
    const Gp value = Sized(Integer(op.b), lane);
    a_.emit(kInsert[SizeOf(lane)], DefineFloat(Id(index)), vector, value, number);
    return;
  }
  const Xmm value = Float(Source(op.b));
  const Xmm to = DefineFloat(Id(index));
  if (lane == Type::kF32) {
    a_.vinsertps(to, vector, value, number << 4);
  } else if (number == 0) {
    a_.vmovsd(to, vector, value);
  } else {
    a_.vunpcklpd(to, vector, value);
  }
}

// A mask of the condition: unlike a jump, it costs the same whatever is chosen.
void BlockCompiler::LowerSelectFloat(uint32_t index) {
  const Inst& op = function_->insts[index];
  const Xmm if_true = Float(Source(op.b));
  const Xmm if_false = Float(Source(op.c));
  const Xmm to = DefineFloat(Id(index));
  a_.set(EmitCondition(op.a), x86::al);
  a_.movzx(x86::eax, x86::al);
  a_.neg(x86::rax);
  a_.vmovq(kFloatScratch0, x86::rax);
  if (op.type == Type::kV128) a_.vpunpcklqdq(kFloatScratch0, kFloatScratch0, kFloatScratch0);
  a_.vblendvps(to, if_false, if_true, kFloatScratch0);
}

}  // namespace emu::translator::x86_64
