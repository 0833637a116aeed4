// What translated code calls: the functions in its frame.
#include <cassert>

#include "translator/host/fault_sites.h"
#include "translator/ir/evaluate.h"
#include "translator/ir/float_evaluate.h"
#include "translator/ir/vector_evaluate.h"
#include "translator/runtime/vm_vcpu.h"

namespace emu::translator {

void VmVcpu::PrepareFrame() {
  if (host_ == nullptr) return;
  frame_->owner = this;
  const auto set = [this](RuntimeCall call, auto* function) {
    // SAFETY: translated code calls it with the signature it has.
    frame_->functions[static_cast<size_t>(call)] = reinterpret_cast<const void*>(function);
  };
  set(RuntimeCall::kLoad, &LoadCall);
  set(RuntimeCall::kStore, &StoreCall);
  set(RuntimeCall::kTranslate, &TranslateCall);
  set(RuntimeCall::kOperation, &OperationCall);
  set(RuntimeCall::kHelper, &HelperCall);
  host_->PrepareFrame(*frame_);
}

// Brings state and pc back to where they were before the instruction; fault_ says what happened.
CallResult VmVcpu::LeaveByFault(const void* return_address) {
  const CodeBlock* const block = vm_.blocks.store().FindByCode(return_address);
  assert(block != nullptr && "a call from outside the code cache");
  const auto offset =
      static_cast<uint32_t>(static_cast<const std::byte*>(return_address) - block->code);
  const std::optional<uint32_t> instruction =
      RecoverState({block->fault_sites, block->fault_site_bytes}, offset, *frame_, state());
  assert(instruction.has_value() && "a call that is not in its block's side table");
  pc_ = frame_->pc_page + *instruction;
  return {.value = 0, .faulted = 1};
}

CallResult VmVcpu::LoadCall(VmVcpu* self, uint64_t address, uint64_t /*unused*/, uint64_t bytes,
                            const void* return_address) {
  uint64_t value = 0;
  if (!self->Load(address, static_cast<uint32_t>(bytes), 0, &value)) {
    return self->LeaveByFault(return_address);
  }
  return {.value = value, .faulted = 0};
}

CallResult VmVcpu::StoreCall(VmVcpu* self, uint64_t address, uint64_t value, uint64_t bytes,
                             const void* return_address) {
  if (!self->Store(address, static_cast<uint32_t>(bytes), 0, value)) {
    return self->LeaveByFault(return_address);
  }
  return {.value = 0, .faulted = 0};
}

CallResult VmVcpu::TranslateCall(VmVcpu* self, uint64_t address, uint64_t span, uint64_t attr) {
  const AccessKind kind = (attr & ir::kForWrite) != 0 ? AccessKind::kWrite : AccessKind::kRead;
  const DataSpace space = (attr & ir::kOtherSpace) != 0 ? DataSpace::kOther : DataSpace::kOwn;
  const std::byte* host =
      self->data_access_.HostForSpan(address, static_cast<uint32_t>(span), kind, space);
  self->UseBanks();
  return {.value = reinterpret_cast<uint64_t>(host), .faulted = 0};
}

CallResult VmVcpu::OperationCall(VmVcpu* self, uint64_t /*unused*/, uint64_t descriptor,
                                 uint64_t /*unused*/, const void* return_address) {
  uint64_t result = 0;
  if (!self->Operate(descriptor, &result)) return self->LeaveByFault(return_address);
  return {.value = result, .faulted = 0};
}

CallResult VmVcpu::HelperCall(VmVcpu* self, uint64_t /*unused*/, uint64_t helper,
                              uint64_t /*unused*/, const void* return_address) {
  self->pc_ = self->frame_->pc_page + self->frame_->instruction;
  const auto& [a, b, c, unused] = self->frame_->arguments;
  uint64_t result = 0;
  if (!self->Call(helper, a, b, c, &result)) return self->LeaveByFault(return_address);
  return {.value = result, .faulted = 0};
}

void VmVcpu::OperateOnVectors(const ir::Inst& inst) {
  const auto operand = [this](size_t number) {
    const auto& [low, high] = frame_->vector_arguments[number];
    return ir::Vector128{low, high};
  };
  const ir::VectorResult result =
      ir::EvaluateVector(inst, fp_rounding_, operand(0), operand(1), operand(2));
  fp_flags_ |= result.flags;
  frame_->vector_arguments[3] = {result.value.low, result.value.high};
}

// The operation that EmitRuntimeOperation of the back end describes.
bool VmVcpu::Operate(uint64_t descriptor, uint64_t* result) {
  const auto op = static_cast<ir::Op>(descriptor & 0xffff);
  const auto type = static_cast<ir::Type>(descriptor >> 16 & 0xff);
  const auto operand = static_cast<ir::Type>(descriptor >> 24 & 0xff);
  const auto attr = static_cast<uint8_t>(descriptor >> 32);
  const auto& [a, b, c, unused] = frame_->arguments;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (op) {
    case ir::Op::kLoad:
      return Load(a, ir::BytesOf(type), attr, result);
    case ir::Op::kStore:
      return Store(a, ir::BytesOf(operand), attr, ir::MaskTo(operand, b));
    case ir::Op::kProbe:
      return Probe(a, static_cast<uint32_t>(b), attr);
    case ir::Op::kAtomicRmw:
      return AtomicRmw(static_cast<ir::RmwKind>(descriptor >> 40 & 0xff), a, ir::BytesOf(type),
                       ir::MaskTo(type, b), result);
    case ir::Op::kCompareSwap:
      return CompareSwap(a, ir::BytesOf(type), ir::MaskTo(type, b), ir::MaskTo(type, c), result);
    case ir::Op::kLoadReserved:
      return LoadReserved(a, ir::BytesOf(type), result);
    case ir::Op::kStoreConditional: {
      bool stored = false;
      if (!StoreConditional(a, ir::BytesOf(operand), ir::MaskTo(operand, b), &stored)) return false;
      *result = stored ? 1 : 0;
      return true;
    }
    default:
      break;
  }
#pragma GCC diagnostic pop
  if (type == ir::Type::kV128) {
    OperateOnVectors({.op = op, .type = type, .attr = attr, .imm = descriptor >> 40 & 0xff});
    return true;
  }
  const uint64_t x = ir::MaskTo(operand, a);
  const uint64_t y = ir::MaskTo(operand, b);
  const uint64_t z = ir::MaskTo(operand, c);
  if ((ir::InfoOf(op).effects & ir::kFpFlags) == 0) {
    *result = *ir::EvaluatePure(op, type, operand, x, y, z);
    return true;
  }
  const ir::FloatResult computed =
      ir::EvaluateFloat({op, type, operand, attr}, fp_rounding_, x, y, z);
  fp_flags_ |= computed.flags;
  *result = computed.bits;
  return true;
}

}  // namespace emu::translator
