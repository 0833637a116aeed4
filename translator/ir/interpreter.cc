#include "translator/ir/interpreter.h"

#include <atomic>
#include <cassert>
#include <cstring>
#include <optional>

#include "translator/ir/evaluate.h"
#include "translator/ir/float_evaluate.h"
#include "translator/ir/vector_evaluate.h"

namespace emu::ir {
namespace {

uint64_t ReadSlot(const std::byte* state, uint64_t offset, uint32_t bytes) {
  uint64_t value = 0;
  std::memcpy(&value, state + offset, bytes);
  return value;
}

}  // namespace

Outcome Interpreter::Run(const Function& function, std::byte* state, uint64_t page,
                         Environment& environment, uint64_t* pc) {
  if (low_.size() < function.insts.size()) {
    low_.resize(function.insts.size());
    high_.resize(function.insts.size());
  }
  const auto value_of = [this](ValueId id) {
    return id == ValueId::kNone ? 0 : low_[static_cast<uint32_t>(id)];
  };
  const auto bytes_of = [&function](ValueId id) { return BytesOf(function.inst(id).type); };
  const auto fault = [pc] { return Outcome{.kind = Outcome::Kind::kFault, .pc = *pc}; };

  const Block* block = &function.blocks[0];
  uint32_t index = block->first;
  for (;; ++index) {
    const Inst& inst = function.insts[index];
    uint64_t& result = low_[index];
    const uint64_t a = value_of(inst.a);
    const uint64_t b = value_of(inst.b);
    switch (inst.op) {
      case Op::kConst:
        result = inst.imm;
        high_[index] = inst.imm;
        break;
      case Op::kGetSlot:
        if (inst.type == Type::kV128) high_[index] = ReadSlot(state, inst.imm + 8, 8);
        result = ReadSlot(state, inst.imm, inst.type == Type::kV128 ? 8 : BytesOf(inst.type));
        break;
      case Op::kSetSlot: {
        const uint32_t bytes = bytes_of(inst.a);
        std::memcpy(state + inst.imm, &a, bytes < 8 ? bytes : 8);
        if (bytes == 16) {
          std::memcpy(state + inst.imm + 8, &high_[static_cast<uint32_t>(inst.a)], 8);
        }
        break;
      }
      case Op::kGetPc:
        result = page + inst.imm;
        break;
      case Op::kInsn:
        *pc = page + (inst.imm & 0xffff'ffff);
        break;

      case Op::kProbe:
        if (!environment.Probe(a + static_cast<uint64_t>(static_cast<int32_t>(inst.imm)),
                               static_cast<uint32_t>(inst.imm >> 32), inst.attr)) {
          return fault();
        }
        break;
      case Op::kLoad:
        if (inst.type == Type::kV128) {
          const uint64_t address = a + inst.imm;
          if (!environment.Load(address, 8, inst.attr, &result) ||
              !environment.Load(address + 8, 8, inst.attr, &high_[index])) {
            return fault();
          }
          break;
        }
        if (!environment.Load(a + inst.imm, BytesOf(inst.type), inst.attr, &result)) return fault();
        break;
      case Op::kStore:
        if (bytes_of(inst.b) == 16) {
          const uint64_t address = a + inst.imm;
          const uint64_t high = high_[static_cast<uint32_t>(inst.b)];
          if (!environment.Probe(address, 16, kForWrite) ||
              !environment.Store(address, 8, inst.attr, b) ||
              !environment.Store(address + 8, 8, inst.attr, high)) {
            return fault();
          }
          break;
        }
        if (!environment.Store(a + inst.imm, bytes_of(inst.b), inst.attr, b)) return fault();
        break;
      case Op::kAtomicRmw:
        if (!environment.AtomicRmw(static_cast<RmwKind>(inst.imm), a, BytesOf(inst.type), b,
                                   &result)) {
          return fault();
        }
        break;
      case Op::kCompareSwap:
        if (!environment.CompareSwap(a, BytesOf(inst.type), b, value_of(inst.c), &result)) {
          return fault();
        }
        break;
      case Op::kLoadReserved:
        if (!environment.LoadReserved(a, BytesOf(inst.type), &result)) return fault();
        break;
      case Op::kStoreConditional: {
        bool stored = false;
        if (!environment.StoreConditional(a, bytes_of(inst.b), b, &stored)) return fault();
        result = stored;
        break;
      }
      case Op::kFence:
        std::atomic_thread_fence(std::memory_order_seq_cst);
        break;
      case Op::kCall:
        if (!environment.Call(inst.imm, a, b, value_of(inst.c), &result)) return fault();
        result = MaskTo(inst.type, result);
        break;

      case Op::kFAdd:
      case Op::kFSub:
      case Op::kFMul:
      case Op::kFDiv:
      case Op::kFSqrt:
      case Op::kFMulAdd:
      case Op::kFRound:
      case Op::kFRoundExact:
      case Op::kFMin:
      case Op::kFMax:
      case Op::kFMinNum:
      case Op::kFMaxNum:
      case Op::kFMinimum:
      case Op::kFMaximum:
      case Op::kFCompareQuiet:
      case Op::kFCompare:
      case Op::kFEq:
      case Op::kFLtQuiet:
      case Op::kFLeQuiet:
      case Op::kFLt:
      case Op::kFLe:
      case Op::kFConvert:
      case Op::kFFromHalf:
      case Op::kFToHalf:
      case Op::kFToS:
      case Op::kFToU:
      case Op::kSToF:
      case Op::kUToF: {
        const FloatResult computed =
            EvaluateFloat({inst.op, inst.type, function.inst(inst.a).type, inst.attr},
                          environment.CurrentRounding(), a, b, value_of(inst.c));
        if (computed.flags != 0) environment.RaiseFloatFlags(computed.flags);
        result = computed.bits;
        break;
      }

      case Op::kVSplat:
      case Op::kVScalar:
      case Op::kVExtract:
      case Op::kVInsert:
#define EMU_IR_OP(name, text, operands, result, effects)
#define EMU_IR_TERMINAL(name, text)
#define EMU_IR_VECTOR_OP(name, text, operands, lanes, imm, effects) case Op::k##name:
#include "translator/ir/ops.inc"
      {
        const auto high_of = [this](ValueId id) {
          return id == ValueId::kNone ? 0 : high_[static_cast<uint32_t>(id)];
        };
        const VectorResult computed =
            EvaluateVector(inst, environment.CurrentRounding(), {a, high_of(inst.a)},
                           {b, high_of(inst.b)}, {value_of(inst.c), high_of(inst.c)});
        if (computed.flags != 0) environment.RaiseFloatFlags(computed.flags);
        result = computed.value.low;
        high_[index] = computed.value.high;
        break;
      }

      case Op::kSelect: {
        const ValueId chosen = (a & 1) != 0 ? inst.b : inst.c;
        result = value_of(chosen);
        high_[index] = high_[static_cast<uint32_t>(chosen)];
        break;
      }

      case Op::kBr:
        block = &function.blocks[static_cast<uint32_t>(block->taken)];
        index = block->first - 1;
        break;
      case Op::kBrCond:
        block = &function.blocks[static_cast<uint32_t>(a != 0 ? block->taken : block->not_taken)];
        index = block->first - 1;
        break;
      case Op::kGotoGuest:
        return {.kind = Outcome::Kind::kContinue, .pc = page + inst.imm};
      case Op::kGotoIndirect:
      case Op::kExit:
        return {.kind = Outcome::Kind::kContinue, .pc = a};
      case Op::kRaise:
        return {.kind = Outcome::Kind::kRaise, .pc = *pc, .cause = inst.imm, .value = a};
      case Op::kWait:
        return {.kind = Outcome::Kind::kWait, .pc = a};

      case Op::kTranslate:
      case Op::kHostLoad:
      case Op::kHostStore:
        assert(false &&
               "made by the compiler's passes only; the interpreter runs what lifters write");
        return fault();

      case Op::kAdd:
      case Op::kSub:
      case Op::kMul:
      case Op::kMulHighS:
      case Op::kMulHighU:
      case Op::kMulHighSU:
      case Op::kDivS:
      case Op::kDivU:
      case Op::kRemS:
      case Op::kRemU:
      case Op::kAnd:
      case Op::kOr:
      case Op::kXor:
      case Op::kAndNot:
      case Op::kNot:
      case Op::kShl:
      case Op::kShrU:
      case Op::kShrS:
      case Op::kRotL:
      case Op::kRotR:
      case Op::kClz:
      case Op::kCtz:
      case Op::kPopCount:
      case Op::kByteSwap:
      case Op::kOrCombine:
      case Op::kClMulLow:
      case Op::kClMulHigh:
      case Op::kByteLookup:
      case Op::kNibbleLookup:
      case Op::kAesEncrypt:
      case Op::kAesEncryptLast:
      case Op::kAesDecrypt:
      case Op::kAesDecryptLast:
      case Op::kAesInvMixColumns:
      case Op::kAesSubWord:
      case Op::kEq:
      case Op::kNe:
      case Op::kLtS:
      case Op::kGeS:
      case Op::kLtU:
      case Op::kGeU:
      case Op::kSignExtend:
      case Op::kZeroExtend:
      case Op::kTruncate:
      case Op::kBitCast:
      case Op::kFNeg:
      case Op::kFAbs:
      case Op::kCanon:
      case Op::kBox:
      case Op::kUnbox:
        result =
            *EvaluatePure(inst.op, inst.type, function.inst(inst.a).type, a, b, value_of(inst.c));
        break;
    }
  }
}

}  // namespace emu::ir
