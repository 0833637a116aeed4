// One function of IR to x86-64 code, in one pass over its main line; what happens rarely is written
// behind it. The lower_*.cc files hold one family of operations each.
#pragma once

#include <array>
#include <cassert>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <vector>

#include "translator/guest/guest_isa.h"
#include "translator/host/fault_sites.h"
#include "translator/host/host_backend.h"
#include "translator/host/x86_64/cpu_features.h"
#include "translator/host/x86_64/registers.h"
#include "translator/host/x86_64/stubs.h"
#include "translator/ir/function.h"
#include "translator/optimize/access_groups.h"
#include "translator/optimize/carried_slots.h"
#include "translator/optimize/value_uses.h"

namespace emu::translator::x86_64 {

using ir::Inst;
using ir::Op;
using ir::Type;
using ir::ValueId;

// Values live in registers, in the home of the slot they were read from, or in spill places of the
// frame. A set slot is *pending*: its value is stored only where control leaves the block, before
// helpers, or to free a register.
class BlockCompiler : private asmjit::ErrorHandler {
 public:
  BlockCompiler(const Stubs& stubs, std::span<const Helper> helpers, CpuFeatures features,
                MemoryAccess access)
      : stubs_(stubs), helpers_(helpers), features_(features), access_(access) {}

  // Writes into `code`, initialized with the address where it will run. False if the function needs
  // the interpreter.
  bool Compile(const CompileRequest& request, asmjit::CodeHolder& code, FaultSiteWriter& sites);

 private:
  static constexpr uint8_t kNoRegister = 0xff;
  static constexpr uint8_t kFloatBase = 16;  // register numbers from here on are xmm
  static constexpr int16_t kNoSpill = -1;

  struct ValueState {
    uint8_t reg = kNoRegister;
    bool in_home = false;  // its slot's place in the guest state holds it
    int16_t spill = kNoSpill;
    uint16_t pending = 0;  // number of pending slots that wait for it
  };
  struct Pending {
    uint16_t offset;
    uint8_t bytes;
    uint8_t transform;
    ValueId value;
  };
  // What changes along the code; copied for the other way of a branch.
  struct Allocation {
    std::array<ValueId, 32> holder;  // by register
    std::vector<Pending> pending;    // ordered by offset
  };
  using Cold = std::function<void()>;
  // A slot that goes round a loop, and the register that has it at the loop's start.
  struct Carried {
    uint16_t offset;
    uint8_t bytes;
    uint8_t reg;
  };
  struct CarriedMove {
    Carried to;
    uint8_t from;  // kNoRegister: it is in memory
    uint8_t transform;
  };

  // block_compiler.cc
  void handleError(asmjit::Error error, const char* message, asmjit::BaseEmitter* origin) override;
  void CompileMainLine();
  bool LowerInst(uint32_t index);
  void LowerSetSlot(const Inst& inst);
  void Later(Cold cold) { cold_.push_back(std::move(cold)); }
  const Inst& inst(ValueId id) const { return function_->inst(id); }
  // A group's addend, which no instruction of the function makes.
  bool IsAddend(ValueId id) const {
    return id != ValueId::kNone && static_cast<uint32_t>(id) >= function_->insts.size();
  }
  ValueId AddendOf(uint32_t group) const {
    return Id(static_cast<uint32_t>(function_->insts.size()) + group);
  }
  ValueId Source(ValueId id) const { return IsAddend(id) ? id : ValueUses::Source(*function_, id); }
  ValueId Id(uint32_t index) const { return ValueId{index}; }
  ValueState& StateOf(ValueId id) { return values_[static_cast<uint32_t>(id)]; }
  bool IsConst(ValueId id) const {
    return id != ValueId::kNone && !IsAddend(id) && inst(id).op == Op::kConst;
  }
  uint32_t LastUse(ValueId id) const;
  std::optional<int32_t> SmallConst(ValueId id) const;
  Type TypeOf(ValueId id) const { return inst(id).type; }

  // register_file.cc: all of these may store and load other values, through no scratch register.
  Gp Integer(ValueId id);  // in a register, locked until the instruction ends
  Xmm Float(ValueId id);   // a float or a vector
  asmjit::Operand IntegerOperand(ValueId id, Type type);  // register, memory or constant
  asmjit::Operand FloatOperand(ValueId id, Type type);    // register or memory
  Gp DefineInteger(ValueId id);
  Xmm DefineFloat(ValueId id);
  Gp DefineIntegerFrom(ValueId id, ValueId from);  // begins as a copy of `from`
  Xmm DefineFloatFrom(ValueId id, ValueId from);
  bool DiesHere(ValueId id) const;  // its last use is the current instruction, or has been
  bool IsDead(ValueId id) const;
  void FreeIfDead(ValueId id);
  uint8_t TakeRegister(uint32_t candidates);
  void Evict(uint8_t reg);
  // Of `bytes` bytes: 16 for a vector, else 8.
  int16_t NewSpill(uint32_t bytes);
  static Mem SpillMem(int16_t spill, uint32_t bytes) {
    return FrameMem(offsetof(VcpuFrame, spills) + 8 * static_cast<size_t>(spill), bytes);
  }
  std::optional<Mem> MemoryOf(ValueId id, uint32_t bytes);
  void LoadInteger(Gp to, ValueId id);  // from wherever it is, any register
  void LoadFloat(Xmm to, ValueId id);
  // As many bytes as the memory operand has.
  void MoveFloat(Xmm to, const Mem& from);
  void MoveFloat(const Mem& to, Xmm from);
  void Bind(ValueId id, uint8_t reg);
  void Unbind(uint8_t reg);
  void ProtectHome(uint16_t offset);
  void EndInst(uint32_t index);
  // A mistake of this compiler: the interpreter runs the block.
  void FailInternally() {
    assert(false && "a value without a place");
    failed_ = true;
  }
  static bool LivesInXmm(Type type) { return ir::IsFloat(type) || type == Type::kV128; }
  static Gp Sized(Gp reg, Type type) {
    if (type == Type::kI64) return reg.r64();
    return reg.r32();
  }

  // pending_slots.cc
  void StorePending(const Pending& pending);
  void StoreCanonical(const Pending& pending, Xmm value);
  void StoreTransformed(const Pending& pending);
  void FlushPending();
  void FlushPending(uint16_t offset);  // of one slot, if it waits
  std::vector<PendingSlot> DescribePending();

  // lower_integer.cc
  bool LowerInteger(uint32_t index);
  void LowerAlu(uint32_t index, asmjit::x86::Inst::Id id, bool commutes);
  void LowerAdd(uint32_t index);
  void LowerShift(uint32_t index);
  void LowerRotate(uint32_t index);
  void LowerMultiply(uint32_t index);
  void LowerDivide(uint32_t index);
  void LowerCount(uint32_t index);
  void LowerExtension(uint32_t index);
  void LowerSelect(uint32_t index);
  void LowerCarryless(uint32_t index);
  asmjit::x86::CondCode EmitComparison(const Inst& comparison);
  asmjit::x86::CondCode EmitCondition(ValueId condition);

  // lower_aes.cc
  void LowerAesRound(uint32_t index);
  void LowerAesPart(uint32_t index);

  // lower_lookup.cc
  void LowerByteLookup(uint32_t index);
  void LowerNibbleLookup(uint32_t index);

  // lower_vector.cc
  bool LowerVector(uint32_t index);
  bool LowerDirectly(uint32_t index);

  // lower_vector_integer.cc: what takes several instructions; false for what the runtime does.
  bool LowerVectorInteger(uint32_t index);
  void LowerMultiplyBytes(uint32_t index);
  void LowerVectorCompare(uint32_t index);
  void LowerVectorAbs(uint32_t index);
  void LowerSaturatingSigned(uint32_t index);
  void LowerSaturatingUnsigned(uint32_t index);
  void LowerBitSelect(uint32_t index);
  void LowerShiftByImmediate(uint32_t index);
  void LowerShiftOfBytes(uint32_t index);
  void LowerArithmeticShift64(uint32_t index);
  void LowerShiftOfWords(uint32_t index);
  void LowerShiftOfByteLanes(uint32_t index);
  void LowerNibbleTables(uint32_t index);

  // lower_vector_crypto.cc: likewise
  bool LowerVectorCrypto(uint32_t index);
  void LowerSha256Rounds(uint32_t index);
  void LowerSha1Rounds(uint32_t index);
  void LowerSha256Schedule(uint32_t index);

  // lower_vector_float.cc: likewise
  using Operands = std::initializer_list<asmjit::Operand>;
  bool LowerVectorFloat(uint32_t index);
  bool LowerVectorArithmetic(uint32_t index);
  void CheckVectorResult(const Inst& op, Xmm to, Operands operands);
  void LeaveOddLanes(const Inst& op, Xmm to, Operands operands,
                     const std::function<void()>& otherwise = nullptr);
  void LowerVectorMinMax(uint32_t index);
  bool LowerVectorRound(uint32_t index);
  void EmitVectorRoundAway(Xmm to, Xmm source, bool wide);
  bool LowerVectorToInteger(uint32_t index);
  bool LowerVectorFromInteger(uint32_t index);
  bool LowerVectorFormat(uint32_t index);

  // lower_vector_moves.cc: likewise
  bool LowerVectorMove(uint32_t index);
  void LowerEvenOdd(uint32_t index);
  void LowerReverse(uint32_t index);
  void LowerWiden(uint32_t index);
  void LowerNarrowUnsigned(uint32_t index);
  void LowerNarrow64(uint32_t index);
  void LowerSplat(uint32_t index);
  void LowerScalar(uint32_t index);
  void LowerCopyLane(uint32_t index);
  void LowerExtract(uint32_t index);
  void LowerInsert(uint32_t index);
  void LowerSelectFloat(uint32_t index);  // of floats or vectors

  // lower_memory.cc
  void LowerLoad(uint32_t index);
  void LowerStore(uint32_t index);
  void LowerProbe(uint32_t index);
  void LowerFence(const Inst& fence);
  void ComputeAddress(Gp to, Gp base, int32_t displacement);
  struct Lookup {
    Gp base;
    int32_t displacement;
    uint32_t span;
    bool for_write;
    bool in_other_space = false;
  };
  // What leads from guest to host addresses, or goes to `miss`. Overwrites rdx and rax.
  void EmitLookup(Gp addend, const Lookup& lookup, asmjit::Label miss);
  void LoadFromHost(Mem from, ValueId to, Type type, Op extension);
  bool IsLeader(uint32_t index) const {
    return groups_.group(groups_.GroupOf(index)).leader == index;
  }
  Gp GroupAddend(uint32_t index, asmjit::Label slow);
  struct SlowAccess {
    Gp base;
    int32_t displacement;
    uint32_t instruction;
    std::vector<PendingSlot> pending;
  };
  void EmitSlowOperation(const SlowAccess& access, const Inst& op);
  // Of what the access leads to, if it is memory in one page: its host address in rax. Goes to
  // `apart` otherwise.
  void EmitTranslation(const SlowAccess& access, bool for_write, uint32_t span,
                       asmjit::Label apart);
  void EmitSlowVectorLoad(const SlowAccess& access, Xmm to);
  void EmitSlowVectorStore(const SlowAccess& access, Xmm from);

  // lower_atomic.cc
  asmjit::Label EmitAtomicLookup(const Inst& op, Gp base, ValueId result, uint32_t bytes,
                                 bool for_write);
  bool LowerAligned(uint32_t index);
  void LowerAtomic(uint32_t index);
  void LowerAtomicRmw(uint32_t index);
  void LowerCompareSwap(uint32_t index);
  void LowerLoadReserved(uint32_t index);
  void LowerStoreConditional(uint32_t index);

  // lower_float.cc
  bool LowerFloat(uint32_t index);
  void LowerFloatBinary(uint32_t index, asmjit::x86::Inst::Id f64, asmjit::x86::Inst::Id f32);
  void CheckFloatResult(const Inst& op, Xmm to, std::initializer_list<asmjit::Operand> operands);
  void KeepRightNan(Type type, Xmm to, Xmm a, const asmjit::Operand& b, asmjit::Label done);
  void StoreOperand(uint32_t number, const asmjit::Operand& operand);
  void LowerMulAdd(uint32_t index);
  void LowerFloatOrder(uint32_t index);
  void LowerFloatCompare(uint32_t index);
  void LowerMinMax(uint32_t index);
  void LowerIntegerToFloat(uint32_t index);
  void LowerCanon(uint32_t index);
  void LowerBitCast(uint32_t index);
  void LowerUnbox(uint32_t index);
  void LowerBox(uint32_t index);
  ValueId ArithmeticSource(ValueId id) const;  // through a lazy Canon
  void FloatConstant(Xmm to, uint64_t bits, Type type);

  // lower_rounding.cc
  // The immediate of vcvtps2ph and vrounds; none for what the host cannot do.
  static std::optional<uint32_t> HostRounding(ir::Rounding rounding);
  static constexpr uint32_t kNeverInexact = 8;  // in an immediate of vrounds
  void LowerFromHalf(uint32_t index);
  void LowerToHalf(uint32_t index);
  void LowerRoundToIntegral(uint32_t index);
  void EmitRound(Xmm to, Xmm source, ir::Rounding rounding, bool wide);
  void LowerFloatToInteger(uint32_t index);

  // loops.cc
  void BeginLoop();
  bool IsBackEdge(uint64_t target) const;
  std::vector<CarriedMove> PlanBackEdge();
  void LowerBackEdge(int64_t target);
  void LoadCarried(const Carried& slot);
  void EmitCarriedMove(const CarriedMove& move);

  // lower_control.cc
  bool LowerTerminal(uint32_t index, const ir::Block& block);
  void LowerGoto(int64_t target);
  void LowerBranch(uint32_t index, const ir::Block& block);
  void EmitExitCheck(int64_t target);  // whether somebody wants it to leave
  void EmitLinkedJump(uint32_t target);
  void EmitJumpLookup();  // target in rdx
  void EmitLeave(LeaveReason reason);
  void LowerCall(uint32_t index);
  // The operation as a call into the runtime: for what is rare or has no instruction.
  void LowerByRuntime(uint32_t index);
  void StoreArgument(uint32_t number, ValueId value);
  void EmitRuntimeOperation(const Inst& inst);
  void EmitRuntimeOperation(const Inst& inst, Type operand);

  const Stubs stubs_;
  const std::span<const Helper> helpers_;
  const CpuFeatures features_;
  const MemoryAccess access_;

  // Of the function being compiled.
  const ir::Function* function_ = nullptr;
  bool crosses_page_ = false;
  FaultSiteWriter* sites_ = nullptr;
  asmjit::x86::Assembler a_;
  ValueUses uses_;
  AccessGroups groups_;
  CarriedSlots carried_;
  std::vector<ValueState> values_;
  Allocation now_;
  std::vector<ValueId> home_readers_;  // values that may be in_home
  uint32_t locked_ = 0;                // registers of the current instruction
  uint32_t index_ = 0;                 // of the current instruction
  uint32_t instruction_ = 0;           // page offset of the current guest instruction
  int16_t spill_count_ = 0;
  bool failed_ = false;
  std::vector<Carried> loop_;  // empty: the block is none
  asmjit::Label loop_start_;
  std::vector<Cold> cold_;
  struct Site {
    uint32_t code_offset;
    uint32_t instruction;
    std::vector<PendingSlot> pending;
  };
  std::vector<Site> noted_;
};

}  // namespace emu::translator::x86_64
