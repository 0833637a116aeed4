// Atomic accesses: inline where the address is aligned and the TLB knows it.
#include "translator/host/x86_64/block_compiler.h"

namespace emu::translator::x86_64 {

namespace x86 = asmjit::x86;
using ir::RmwKind;

// Leaves the host address of `base` in rdx. What is misaligned or missed goes to the runtime:
// whole, and from there to the label returned.
asmjit::Label BlockCompiler::EmitAtomicLookup(const Inst& op, Gp base, ValueId result,
                                              uint32_t bytes, bool for_write) {
  const asmjit::Label slow = a_.newLabel();
  const asmjit::Label done = a_.newLabel();
  a_.test(base.r8(), bytes - 1);
  a_.jnz(slow);
  EmitLookup(x86::rax, {base, 0, bytes, for_write}, slow);
  a_.lea(x86::rdx, x86::ptr(base, x86::rax));
  Gp operand, second;
  if (op.b != ValueId::kNone) operand = Integer(op.b);
  if (op.c != ValueId::kNone) second = Integer(op.c);
  const bool has_result = op.type != Type::kVoid;
  const Gp to = has_result ? x86::gpq(StateOf(result).reg) : kScratch0;
  Later([this, slow, done, base, operand, second, to, has_result, &op, pending = DescribePending(),
         instruction = instruction_] {
    a_.bind(slow);
    a_.mov(ArgumentMem(0), base);
    if (op.b != ValueId::kNone) a_.mov(ArgumentMem(1), operand.r64());
    if (op.c != ValueId::kNone) a_.mov(ArgumentMem(2), second.r64());
    EmitRuntimeOperation(op);
    noted_.push_back({static_cast<uint32_t>(a_.offset()), instruction, pending});
    if (has_result) a_.mov(to, x86::rax);
    a_.jmp(done);
  });
  return done;
}

// A load or a store that faults where it is misaligned. False for what no guest has: vectors, and
// displacements.
bool BlockCompiler::LowerAligned(uint32_t index) {
  const Inst& op = function_->insts[index];
  const bool is_store = op.op == Op::kStore;
  const Type type = is_store ? TypeOf(op.b) : op.type;
  if (op.imm != 0 || LivesInXmm(type)) return false;
  const uint32_t bytes = ir::BytesOf(type);
  const Gp base = Integer(Source(op.a));
  const Gp value = is_store ? Integer(op.b) : DefineInteger(Id(index));
  const asmjit::Label done = EmitAtomicLookup(op, base, Id(index), bytes, is_store);
  const Mem place = x86::ptr(x86::rdx, 0, bytes);
  if (!is_store) {
    LoadFromHost(place, Id(index), type, Op::kZeroExtend);
  } else if (bytes == 1) {
    a_.mov(place, value.r8());
  } else if (bytes == 2) {
    a_.mov(place, value.r16());
  } else {
    a_.mov(place, Sized(value, type));
  }
  a_.bind(done);
  return true;
}

// Bytes and halfwords, which are rare, go to the runtime.
void BlockCompiler::LowerAtomic(uint32_t index) {
  const Inst& op = function_->insts[index];
  const bool is_store = op.op == Op::kStoreConditional;
  if (ir::BytesOf(is_store ? TypeOf(op.b) : op.type) < 4) return LowerByRuntime(index);
  if (is_store) return LowerStoreConditional(index);
  if (op.op == Op::kCompareSwap) return LowerCompareSwap(index);
  return op.op == Op::kLoadReserved ? LowerLoadReserved(index) : LowerAtomicRmw(index);
}

void BlockCompiler::LowerAtomicRmw(uint32_t index) {
  const Inst& op = function_->insts[index];
  const auto kind = static_cast<RmwKind>(op.imm);
  const Gp base = Integer(Source(op.a));
  const Gp operand = Sized(Integer(op.b), op.type);
  const Gp to = Sized(DefineInteger(Id(index)), op.type);
  const asmjit::Label done = EmitAtomicLookup(op, base, Id(index), ir::BytesOf(op.type), true);
  const Mem place = x86::ptr(x86::rdx, 0, ir::BytesOf(op.type));
  if (kind == RmwKind::kSwap || kind == RmwKind::kAdd) {
    a_.mov(to, operand);
    if (kind == RmwKind::kSwap) {
      a_.xchg(place, to);
    } else {
      a_.lock().xadd(place, to);
    }
    a_.bind(done);
    return;
  }
  const Gp old = Sized(kScratch0, op.type);
  const asmjit::Label again = a_.newLabel();
  a_.mov(old, place);
  a_.bind(again);
  a_.mov(to, old);
  switch (kind) {
    case RmwKind::kSwap:
    case RmwKind::kAdd:
      break;
    case RmwKind::kAnd:
      a_.and_(to, operand);
      break;
    case RmwKind::kOr:
      a_.or_(to, operand);
      break;
    case RmwKind::kXor:
      a_.xor_(to, operand);
      break;
    case RmwKind::kMin:
      a_.cmp(old, operand);
      a_.cmovg(to, operand);
      break;
    case RmwKind::kMax:
      a_.cmp(old, operand);
      a_.cmovl(to, operand);
      break;
    case RmwKind::kMinU:
      a_.cmp(old, operand);
      a_.cmova(to, operand);
      break;
    case RmwKind::kMaxU:
      a_.cmp(old, operand);
      a_.cmovb(to, operand);
      break;
  }
  a_.lock().cmpxchg(place, to);
  a_.jne(again);
  a_.mov(to, old);
  a_.bind(done);
}

void BlockCompiler::LowerCompareSwap(uint32_t index) {
  const Inst& op = function_->insts[index];
  const Gp base = Integer(Source(op.a));
  const Gp expected = Sized(Integer(op.b), op.type);
  const Gp desired = Sized(Integer(op.c), op.type);
  const Gp to = Sized(DefineInteger(Id(index)), op.type);
  const asmjit::Label done = EmitAtomicLookup(op, base, Id(index), ir::BytesOf(op.type), true);
  const Gp old = Sized(kScratch0, op.type);
  a_.mov(old, expected);
  a_.lock().cmpxchg(x86::ptr(x86::rdx, 0, ir::BytesOf(op.type)), desired);
  a_.mov(to, old);
  a_.bind(done);
}

void BlockCompiler::LowerLoadReserved(uint32_t index) {
  const Inst& op = function_->insts[index];
  const Gp base = Integer(Source(op.a));
  const Gp to = DefineInteger(Id(index));
  const asmjit::Label done = EmitAtomicLookup(op, base, Id(index), ir::BytesOf(op.type), false);
  a_.mov(Sized(to, op.type), x86::ptr(x86::rdx, 0, ir::BytesOf(op.type)));
  a_.mov(FrameMem(offsetof(VcpuFrame, reservation)), x86::rdx);
  a_.mov(FrameMem(offsetof(VcpuFrame, reserved_value)), to);
  a_.bind(done);
}

void BlockCompiler::LowerStoreConditional(uint32_t index) {
  const Inst& op = function_->insts[index];
  const Type type = TypeOf(op.b);
  const Gp base = Integer(Source(op.a));
  const Gp operand = Sized(Integer(op.b), type);
  const Gp to = DefineInteger(Id(index));
  const asmjit::Label done = EmitAtomicLookup(op, base, Id(index), ir::BytesOf(type), true);
  const asmjit::Label stored = a_.newLabel();
  a_.xor_(to.r32(), to.r32());
  a_.cmp(x86::rdx, FrameMem(offsetof(VcpuFrame, reservation)));
  a_.jne(stored);
  a_.mov(x86::rax, FrameMem(offsetof(VcpuFrame, reserved_value)));
  a_.lock().cmpxchg(x86::ptr(x86::rdx, 0, ir::BytesOf(type)), operand);
  a_.sete(to.r8());
  a_.bind(stored);
  a_.mov(FrameMem(offsetof(VcpuFrame, reservation)), 0);
  a_.bind(done);
}

}  // namespace emu::translator::x86_64
