// Ways out of a block, and calls.
#include "translator/host/x86_64/block_compiler.h"

namespace emu::translator::x86_64 {

namespace x86 = asmjit::x86;
using CondCode = x86::CondCode;

bool BlockCompiler::LowerTerminal(uint32_t index, const ir::Block& block) {
  const Inst& op = function_->insts[index];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (op.op) {
    case Op::kBrCond:
      LowerBranch(index, block);
      return true;
    case Op::kGotoGuest:
      if (IsBackEdge(op.imm)) {
        LowerBackEdge(static_cast<int64_t>(op.imm));
        return true;
      }
      FlushPending();
      LowerGoto(static_cast<int64_t>(op.imm));
      return true;
    case Op::kGotoIndirect:
      LoadInteger(x86::rdx, Source(op.a));
      FlushPending();
      EmitJumpLookup();
      return true;
    case Op::kExit:
      // The runtime has selected the bank and the table of the new mode.
      LoadInteger(x86::rdx, Source(op.a));
      FlushPending();
      a_.mov(kBank, FrameMem(offsetof(VcpuFrame, tlb_bank)));
      EmitJumpLookup();
      return true;
    case Op::kWait:
      LoadInteger(x86::rdx, Source(op.a));
      FlushPending();
      a_.mov(FrameMem(offsetof(VcpuFrame, leave_pc)), x86::rdx);
      EmitLeave(LeaveReason::kWait);
      return true;
    case Op::kRaise:
      if (op.a != ValueId::kNone) {
        StoreArgument(0, op.a);
      } else {
        a_.mov(ArgumentMem(0), 0);
      }
      FlushPending();
      a_.mov(kScratch0, op.imm);
      a_.mov(ArgumentMem(1), kScratch0);
      a_.mov(FrameMem(offsetof(VcpuFrame, instruction)), instruction_);
      EmitLeave(LeaveReason::kRaise);
      return true;
    default:
      return false;
  }
#pragma GCC diagnostic pop
}

void BlockCompiler::EmitLeave(LeaveReason reason) {
  a_.mov(x86::eax, static_cast<uint32_t>(reason));
  a_.jmp(stubs_.leave);
}

// The other way is written behind the main line, from the allocation as it is here.
void BlockCompiler::LowerBranch(uint32_t index, const ir::Block& block) {
  const Inst& branch = function_->insts[index];
  const CondCode condition = EmitCondition(branch.a);
  const asmjit::Label taken = a_.newLabel();
  a_.j(condition, taken);
  const ir::Block& other = function_->blocks[static_cast<uint32_t>(block.taken)];
  const Inst& exit = function_->insts[other.first];
  if (exit.op != Op::kGotoGuest && exit.op != Op::kRaise && exit.op != Op::kWait) {
    failed_ = true;
    return;
  }
  // What the other way stores and reads is where it is here.
  std::vector<std::pair<ValueId, ValueState>> states;
  for (const Pending& pending : now_.pending) {
    states.emplace_back(pending.value, StateOf(pending.value));
  }
  if (exit.a != ValueId::kNone) states.emplace_back(Source(exit.a), StateOf(Source(exit.a)));
  Later([this, taken, first = other.first, &other, pending = now_.pending,
         states = std::move(states), instruction = instruction_] {
    a_.bind(taken);
    instruction_ = instruction;
    for (const auto& [value, state] : states) StateOf(value) = state;
    now_.pending = pending;
    LowerTerminal(first, other);
  });
}

void BlockCompiler::LowerGoto(int64_t target) {
  // The last halfword of a page may begin an instruction that ends on the next page.
  constexpr int64_t kLastLinked = 4092;
  if (crosses_page_ || target < 0 || target > kLastLinked) {
    a_.mov(x86::rdx, FrameMem(offsetof(VcpuFrame, pc_page)));
    if (target != 0) a_.add(x86::rdx, static_cast<int32_t>(target));
    EmitJumpLookup();
    return;
  }
  if (target <= instruction_) EmitExitCheck(target);
  EmitLinkedJump(static_cast<uint32_t>(target));
}

void BlockCompiler::EmitExitCheck(int64_t target) {
  const asmjit::Label leave = a_.newLabel();
  a_.cmp(FrameMem(offsetof(VcpuFrame, exit_request)), 0);
  a_.jne(leave);
  Later([this, leave, target] {
    a_.bind(leave);
    a_.mov(x86::rdx, FrameMem(offsetof(VcpuFrame, pc_page)));
    if (target != 0) a_.add(x86::rdx, static_cast<int32_t>(target));
    a_.jmp(stubs_.lookup);
  });
}

// A jump whose displacement is patched as one aligned access: it must not lie across two words.
void BlockCompiler::EmitLinkedJump(uint32_t target) {
  while ((a_.offset() + 1) % 8 > 4) a_.nop();
  const asmjit::Label unlinked = a_.newLabel();
  const auto displacement = static_cast<uint32_t>(a_.offset() + 1);
  a_.long_().jmp(unlinked);
  Later([this, unlinked, displacement, target] {
    a_.bind(unlinked);
    a_.call(stubs_.link);
    a_.embedUInt32(target | (static_cast<uint32_t>(a_.offset()) - displacement) << 12);
  });
}

// As JumpIndex computes it. A hit needs the pc alone: the table belongs to one fetch space. Nothing
// lives in registers any more.
void BlockCompiler::EmitJumpLookup() {
  constexpr auto kPc = static_cast<int32_t>(sizeof(JumpTableHeader) + offsetof(JumpEntry, pc));
  constexpr auto kCode = static_cast<int32_t>(sizeof(JumpTableHeader) + offsetof(JumpEntry, code));
  const Gp table = x86::rcx;
  a_.mov(table, FrameMem(offsetof(VcpuFrame, jump_table)));
  a_.mov(x86::eax, x86::edx);
  a_.shr(x86::eax, 9);
  a_.xor_(x86::eax, x86::edx);
  a_.shl(x86::eax, 3);
  a_.and_(x86::eax, x86::dword_ptr(table, offsetof(JumpTableHeader, index_mask)));
  a_.cmp(x86::rdx, x86::qword_ptr(table, x86::rax, 0, kPc));
  a_.jne(stubs_.lookup);
  a_.and_(x86::rdx, -4096);
  a_.mov(FrameMem(offsetof(VcpuFrame, pc_page)), x86::rdx);
  a_.jmp(x86::qword_ptr(table, x86::rax, 0, kCode));
}

void BlockCompiler::StoreArgument(uint32_t number, ValueId value) {
  const Mem place = ArgumentMem(number);
  const ValueId source = ArithmeticSource(value);
  const uint8_t reg = StateOf(source).reg;
  if (reg != kNoRegister && reg >= kFloatBase) {
    a_.vmovsd(place, x86::xmm(reg - kFloatBase));
  } else if (reg != kNoRegister) {
    a_.mov(place, x86::gpq(reg));
  } else if (const auto constant = SmallConst(source);
             constant.has_value() && TypeOf(source) == Type::kI64) {
    a_.mov(place, *constant);
  } else {
    LoadInteger(kScratch0, source);
    a_.mov(place, kScratch0);
  }
}

void BlockCompiler::LowerCall(uint32_t index) {
  const Inst& call = function_->insts[index];
  uint32_t number = 0;
  for (const ValueId argument : {call.a, call.b, call.c}) {
    if (argument != ValueId::kNone) StoreArgument(number, argument);
    ++number;
  }
  const bool is_pure = helpers_[call.imm].is_pure;
  if (!is_pure) {
    FlushPending();
    for (const ValueId reader : std::vector(home_readers_)) {
      if (StateOf(reader).in_home) ProtectHome(static_cast<uint16_t>(inst(reader).imm));
    }
  }
  a_.mov(FrameMem(offsetof(VcpuFrame, instruction)), instruction_);
  a_.mov(x86::eax, static_cast<uint32_t>(call.imm));
  a_.call(stubs_.helper);
  noted_.push_back({static_cast<uint32_t>(a_.offset()), instruction_, DescribePending()});
  if (uses_[index].count != 0) a_.mov(DefineInteger(Id(index)), x86::rax);
}

void BlockCompiler::EmitRuntimeOperation(const Inst& op) {
  const bool is_store = op.op == Op::kStoreConditional || op.op == Op::kStore;
  EmitRuntimeOperation(op, TypeOf(is_store ? op.b : op.a));
}

void BlockCompiler::EmitRuntimeOperation(const Inst& op, Type operand) {
  const uint64_t descriptor = static_cast<uint64_t>(op.op) | static_cast<uint64_t>(op.type) << 16 |
                              static_cast<uint64_t>(operand) << 24 | uint64_t{op.attr} << 32 |
                              (op.imm & 0xff) << 40;
  a_.mov(x86::rax, descriptor);
  a_.call(stubs_.operation);
}

void BlockCompiler::LowerByRuntime(uint32_t index) {
  const Inst& op = function_->insts[index];
  uint32_t number = 0;
  for (const ValueId argument : {op.a, op.b, op.c}) {
    if (argument == ValueId::kNone) {
    } else if (op.type == Type::kV128) {
      MoveFloat(VectorArgumentMem(number), Float(argument));
    } else {
      StoreArgument(number, argument);
    }
    ++number;
  }
  EmitRuntimeOperation(op);
  noted_.push_back({static_cast<uint32_t>(a_.offset()), instruction_, DescribePending()});
  if (op.type == Type::kVoid || uses_[index].count == 0) return;
  if (op.type == Type::kV128) {
    MoveFloat(DefineFloat(Id(index)), VectorArgumentMem(3));
  } else if (ir::IsFloat(op.type)) {
    a_.vmovq(DefineFloat(Id(index)), x86::rax);
  } else {
    a_.mov(DefineInteger(Id(index)), x86::rax);
  }
}

}  // namespace emu::translator::x86_64
