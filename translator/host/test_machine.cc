#include "translator/host/test_machine.h"

#include <cassert>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "translator/host/fault_sites.h"
#include "translator/ir/evaluate.h"
#include "translator/ir/float_evaluate.h"
#include "translator/ir/vector_evaluate.h"
#include "translator/memory/tlb_layout.h"

namespace emu::translator {
namespace {

using Kind = ir::Outcome::Kind;

constexpr uint64_t kPageBytes = 4096;

// By number: pure, of effect, pure but raising, of effect and raising.
constexpr Helper kHelpers[kTestHelpers] = {
    {.name = "mix", .function = nullptr, .may_raise = false, .is_pure = true},
    {.name = "stir", .function = nullptr, .may_raise = false, .is_pure = false},
    {.name = "try_mix", .function = nullptr, .may_raise = true, .is_pure = true},
    {.name = "try_stir", .function = nullptr, .may_raise = true, .is_pure = false},
};

// Whether this helper refuses these operands: about every eighth.
bool Raises(uint64_t helper, uint64_t a) { return kHelpers[helper].may_raise && a % 8 == 3; }

uint64_t Operated(ir::RmwKind kind, uint32_t bytes, uint64_t old_value, uint64_t operand) {
  const auto as_signed = [bytes](uint64_t value) {
    return static_cast<int64_t>(value << (64 - 8 * bytes));
  };
  switch (kind) {
    case ir::RmwKind::kSwap:
      return operand;
    case ir::RmwKind::kAdd:
      return old_value + operand;
    case ir::RmwKind::kXor:
      return old_value ^ operand;
    case ir::RmwKind::kAnd:
      return old_value & operand;
    case ir::RmwKind::kOr:
      return old_value | operand;
    case ir::RmwKind::kMin:
      return as_signed(old_value) < as_signed(operand) ? old_value : operand;
    case ir::RmwKind::kMax:
      return as_signed(old_value) > as_signed(operand) ? old_value : operand;
    case ir::RmwKind::kMinU:
      return old_value < operand ? old_value : operand;
    case ir::RmwKind::kMaxU:
      return old_value > operand ? old_value : operand;
  }
  return operand;
}

std::string Hex(uint64_t value) { return absl::StrCat("0x", absl::Hex(value)); }

// The first word that differs, or nothing.
std::string DifferenceOf(const char* what, std::span<const std::byte> expected,
                         std::span<const std::byte> actual) {
  for (size_t offset = 0; offset < expected.size(); offset += 8) {
    uint64_t want = 0;
    uint64_t have = 0;
    std::memcpy(&want, &expected[offset], 8);
    std::memcpy(&have, &actual[offset], 8);
    if (want != have) {
      return absl::StrCat(what, " at ", offset, ": ", Hex(have), " instead of ", Hex(want));
    }
  }
  return "";
}

std::string Describe(const ir::Outcome& outcome) {
  return absl::StrCat("kind ", static_cast<int>(outcome.kind), " pc ", Hex(outcome.pc), " cause ",
                      outcome.cause, " value ", Hex(outcome.value));
}

}  // namespace

std::string Difference(const TestEnding& expected, const TestEnding& actual) {
  const std::string want = Describe(expected.outcome);
  const std::string have = Describe(actual.outcome);
  if (want != have) return absl::StrCat("outcome: ", have, " instead of ", want);
  if (expected.calls != actual.calls) return "helper calls";
  if (expected.float_flags != actual.float_flags) {
    return absl::StrCat("flags: ", Hex(actual.float_flags), " instead of ",
                        Hex(expected.float_flags));
  }
  std::string in_state = DifferenceOf("slot", expected.state, actual.state);
  if (!in_state.empty()) return in_state;
  return DifferenceOf("memory", expected.memory, actual.memory);
}

TestInput RandomInput(Random& random) {
  constexpr uint32_t kTlbSizes[] = {2, 16, kTlbMinEntries};
  TestInput input;
  for (uint32_t offset = 0; offset < kTestStateBytes; offset += 8) {
    uint64_t bits = OddBits(random);
    if (offset < 8 * kPointerSlots) {
      bits = TestMachine::kBase + random() % (3 * kPageBytes);
      if (random() % 2 == 0) bits &= ~uint64_t{7};
      // Most of them where several accesses succeed.
      if (random() % 4 != 0) bits = (bits & ~uint64_t{0xfff}) + 64 + random() % 3800;
      if (random() % 16 == 0) bits = TestMachine::kBase + 4 * kPageBytes - random() % 128;
    }
    if (offset == kCountdown) bits = random() % 5;
    std::memcpy(&input.state[offset], &bits, 8);
  }
  input.rounding = ir::Rounding(random() % 4);
  input.tlb_entries = kTlbSizes[random() % 3];
  input.exit_requested = random() % 4 == 0;
  input.seed = random();
  return input;
}

std::span<const Helper> TestMachine::helpers() { return kHelpers; }

TestMachine::TestMachine()
    : frame_memory_((sizeof(VcpuFrame) + kTestStateBytes) / 64 + 1),
      // SAFETY: large and aligned enough for a frame with the state behind it.
      frame_(new (frame_memory_.data()) VcpuFrame()),
      tlb_(2 * kTlbBankBytes / 64),
      memory_(kPages * kPageBytes) {}

TestMachine::~TestMachine() = default;

void TestMachine::Begin(const TestInput& input, std::byte* state) {
  state_ = state;
  std::memcpy(state, input.state.data(), input.state.size());
  // A generator of its own: a Random takes longer to seed than most functions to run.
  uint64_t bits = input.seed;
  for (size_t offset = 0; offset < memory_.size(); offset += 8) {
    bits = bits * 0x5851'f42d'4c95'7f2d + 1;
    const uint64_t word = bits ^ bits >> 29;
    std::memcpy(&memory_[offset], &word, 8);
  }
  calls_.clear();
  rounding_ = input.rounding;
  float_flags_ = 0;
  frame_->reservation = nullptr;
}

// Code may go round by itself or leave each time.
bool TestMachine::GoesOn(const ir::Outcome& outcome, const ir::Function& function,
                         const TestInput& input) {
  return outcome.kind == Kind::kContinue && !input.exit_requested &&
         outcome.pc == kCodePage + (function.insts[0].imm & 0xffff'ffff);
}

TestEnding TestMachine::Interpret(const ir::Function& function, const TestInput& input) {
  TestEnding ending;
  Begin(input, ending.state.data());
  uint64_t pc = 0;
  do {
    ending.outcome = interpreter_.Run(function, state_, kCodePage, *this, &pc);
  } while (GoesOn(ending.outcome, function, input));
  ending.memory = memory_;
  ending.float_flags = float_flags_;
  ending.calls = calls_;
  return ending;
}

TestEnding TestMachine::Run(const HostBackend& host, const ir::Function& function,
                            const void* address, const HostCode& code, const TestInput& input) {
  Begin(input, HostBackend::StateOf(*frame_));
  code_ = static_cast<const std::byte*>(address);
  fault_sites_ = code.fault_sites;
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
  host.PrepareFrame(*frame_);
  host.SetRounding(*frame_, input.rounding);
  host.SetFloatFlags(*frame_, 0);
  frame_->exit_request = input.exit_requested ? 1 : 0;
  frame_->jump_table = &kEmptyJumpTable.header;
  FillTlb(input);

  TestEnding ending;
  do {
    frame_->pc_page = kCodePage;
    ending.outcome = OutcomeOf(host, host.Enter(*frame_, address));
  } while (GoesOn(ending.outcome, function, input));
  std::memcpy(ending.state.data(), state_, kTestStateBytes);
  ending.memory = memory_;
  ending.float_flags = float_flags_ | host.FloatFlags(*frame_);
  ending.calls = calls_;
  return ending;
}

ir::Outcome TestMachine::OutcomeOf(const HostBackend& host, LeaveReason reason) const {
  switch (reason) {
    case LeaveReason::kLookup:
      return {.kind = Kind::kContinue, .pc = frame_->leave_pc};
    case LeaveReason::kLink:
      return {.kind = Kind::kContinue,
              .pc = kCodePage + host.DecodeJumpSite(frame_->leave_site).target_offset};
    case LeaveReason::kStale:
      return {.kind = Kind::kContinue, .pc = kCodePage + host.DecodeStale(frame_->leave_site)};
    case LeaveReason::kWait:
      return {.kind = Kind::kWait, .pc = frame_->leave_pc};
    case LeaveReason::kRaise:
      return {.kind = Kind::kRaise,
              .pc = kCodePage + frame_->instruction,
              .cause = frame_->arguments[1],
              .value = frame_->arguments[0]};
    case LeaveReason::kFault:
      break;
  }
  return {.kind = Kind::kFault, .pc = fault_pc_};
}

void TestMachine::FillTlb(const TestInput& input) {
  auto* const bank = reinterpret_cast<std::byte*>(tlb_.data());
  FillBank(bank, input, 0);
  FillBank(bank + kTlbBankBytes, input, ir::kOtherSpace);
  frame_->tlb_bank = bank;
  frame_->other_tlb_bank = bank + kTlbBankBytes;
}

// Each page is known by chance, so that accesses hit, miss, and miss behind a hit.
void TestMachine::FillBank(std::byte* bank, const TestInput& input, uint8_t attr) {
  const TlbBankHeader header = {.index_mask = (input.tlb_entries - 1) * sizeof(TlbEntry)};
  std::memcpy(bank, &header, sizeof header);
  const auto fill = [&](size_t array, Access access, uint64_t known) {
    for (uint64_t entry = 0; entry < input.tlb_entries; ++entry) {
      const TlbEntry empty = {.page_base = InvalidPage(entry), .addend = 0};
      std::memcpy(bank + array + entry * sizeof empty, &empty, sizeof empty);
    }
    for (uint64_t page = 0; page < kPages; ++page) {
      const uint64_t address = kBase + page * kPageBytes;
      if ((known >> page & 1) == 0 || !MayAccess(address, 1, access, attr)) continue;
      const auto host = reinterpret_cast<uint64_t>(HostOf(address, attr));
      const TlbEntry entry = {.page_base = address, .addend = host - address};
      std::memcpy(bank + array + TlbIndex(address, header.index_mask), &entry, sizeof entry);
    }
  };
  const uint64_t known = attr != 0 ? input.seed >> 2 * kPages : input.seed;
  fill(kTlbReadOffset, Access::kDirectRead, known);
  fill(kTlbWriteOffset, Access::kDirectWrite, known >> kPages);
}

uint64_t TestMachine::PageOf(uint64_t address, uint8_t attr) {
  const uint64_t page = (address - kBase) / kPageBytes;
  return (attr & ir::kOtherSpace) != 0 ? kPages - 1 - page : page;
}

std::byte* TestMachine::HostOf(uint64_t address, uint8_t attr) {
  return &memory_[PageOf(address, attr) * kPageBytes + address % kPageBytes];
}

bool TestMachine::MayAccess(uint64_t address, uint32_t bytes, Access access, uint8_t attr) const {
  constexpr uint64_t kReadOnly = 2;
  constexpr uint64_t kDevice = 3;
  const bool writes = access == Access::kWrite || access == Access::kDirectWrite;
  const bool direct = access == Access::kDirectRead || access == Access::kDirectWrite;
  for (const uint64_t end : {address, address + bytes - 1}) {
    const uint64_t page = PageOf(end, attr);
    if (page >= kPages || (writes && page == kReadOnly)) return false;
    if (direct && page == kDevice) return false;
  }
  return !direct || address / kPageBytes == (address + bytes - 1) / kPageBytes;
}

bool TestMachine::Load(uint64_t address, uint32_t bytes, uint8_t attr, uint64_t* value) {
  if ((attr & ir::kMustAlign) != 0 && address % bytes != 0) return false;
  if (!MayAccess(address, bytes, Access::kRead, attr)) return false;
  *value = 0;
  // Neighbouring pages of the other space are none in memory.
  for (uint32_t at = 0; at < bytes; ++at) {
    *value |= std::to_integer<uint64_t>(*HostOf(address + at, attr)) << (8 * at);
  }
  return true;
}

bool TestMachine::Store(uint64_t address, uint32_t bytes, uint8_t attr, uint64_t value) {
  if ((attr & ir::kMustAlign) != 0 && address % bytes != 0) return false;
  if (!MayAccess(address, bytes, Access::kWrite, attr)) return false;
  for (uint32_t at = 0; at < bytes; ++at)
    *HostOf(address + at, attr) = std::byte(value >> (8 * at));
  return true;
}

bool TestMachine::Probe(uint64_t address, uint32_t bytes, uint8_t attr) {
  return MayAccess(address, bytes, (attr & ir::kForWrite) != 0 ? Access::kWrite : Access::kRead);
}

std::byte* TestMachine::HostForAtomic(uint64_t address, uint32_t bytes, Access access) {
  return address % bytes == 0 && MayAccess(address, bytes, access) ? HostOf(address) : nullptr;
}

bool TestMachine::AtomicRmw(ir::RmwKind kind, uint64_t address, uint32_t bytes, uint64_t operand,
                            uint64_t* old_value) {
  std::byte* const host = HostForAtomic(address, bytes, Access::kDirectWrite);
  if (host == nullptr) return false;
  *old_value = 0;
  std::memcpy(old_value, host, bytes);
  const uint64_t value = Operated(kind, bytes, *old_value, operand);
  std::memcpy(host, &value, bytes);
  return true;
}

bool TestMachine::CompareSwap(uint64_t address, uint32_t bytes, uint64_t expected, uint64_t desired,
                              uint64_t* old_value) {
  std::byte* const host = HostForAtomic(address, bytes, Access::kDirectWrite);
  if (host == nullptr) return false;
  *old_value = 0;
  std::memcpy(old_value, host, bytes);
  if (*old_value == expected) std::memcpy(host, &desired, bytes);
  return true;
}

bool TestMachine::LoadReserved(uint64_t address, uint32_t bytes, uint64_t* value) {
  std::byte* const host = HostForAtomic(address, bytes, Access::kDirectRead);
  if (host == nullptr) return false;
  *value = 0;
  std::memcpy(value, host, bytes);
  frame_->reservation = host;
  frame_->reserved_value = *value;
  return true;
}

bool TestMachine::StoreConditional(uint64_t address, uint32_t bytes, uint64_t value, bool* stored) {
  std::byte* const host = HostForAtomic(address, bytes, Access::kDirectWrite);
  if (host == nullptr) return false;
  *stored = frame_->reservation == host && std::memcmp(host, &frame_->reserved_value, bytes) == 0;
  if (*stored) std::memcpy(host, &value, bytes);
  frame_->reservation = nullptr;
  return true;
}

bool TestMachine::Call(uint64_t helper, uint64_t a, uint64_t b, uint64_t c, uint64_t* result) {
  calls_.insert(calls_.end(), {helper, a, b});
  if (kHelpers[helper].is_pure) calls_.push_back(c);  // the others are called with two operands
  if (Raises(helper, a)) return false;
  *result = (a ^ (b << 1)) * 3 + calls_.back() + helper;
  if (kHelpers[helper].is_pure) return true;
  // Sees all of the state and changes some.
  for (uint32_t offset = 0; offset < kTestStateBytes; offset += 8) {
    uint64_t word = 0;
    std::memcpy(&word, state_ + offset, 8);
    calls_.push_back(word);
    if (offset % 24 != 0 || offset < 8 * kPointerSlots) continue;
    word ^= a;
    std::memcpy(state_ + offset, &word, 8);
  }
  return true;
}

CallResult TestMachine::Finish(bool done, uint64_t value, const void* return_address) {
  if (done) return {.value = value, .faulted = 0};
  const auto offset = static_cast<uint32_t>(static_cast<const std::byte*>(return_address) - code_);
  const auto instruction = RecoverState(fault_sites_, offset, *frame_, state_);
  assert(instruction.has_value() && "a call that is not in its block's side table");
  fault_pc_ = kCodePage + *instruction;
  return {.value = 0, .faulted = 1};
}

CallResult TestMachine::LoadCall(TestMachine* self, uint64_t address, uint64_t /*unused*/,
                                 uint64_t bytes, const void* return_address) {
  uint64_t value = 0;
  const bool done = self->Load(address, static_cast<uint32_t>(bytes), 0, &value);
  return self->Finish(done, value, return_address);
}

CallResult TestMachine::StoreCall(TestMachine* self, uint64_t address, uint64_t value,
                                  uint64_t bytes, const void* return_address) {
  const bool done = self->Store(address, static_cast<uint32_t>(bytes), 0, value);
  return self->Finish(done, 0, return_address);
}

CallResult TestMachine::TranslateCall(TestMachine* self, uint64_t address, uint64_t span,
                                      uint64_t attr) {
  const auto bits = static_cast<uint8_t>(attr);
  const Access access = (bits & ir::kForWrite) != 0 ? Access::kDirectWrite : Access::kDirectRead;
  const bool known = self->MayAccess(address, static_cast<uint32_t>(span), access, bits);
  return {.value = known ? reinterpret_cast<uint64_t>(self->HostOf(address, bits)) : 0,
          .faulted = 0};
}

CallResult TestMachine::HelperCall(TestMachine* self, uint64_t /*unused*/, uint64_t helper,
                                   uint64_t /*unused*/, const void* return_address) {
  const auto& [a, b, c, unused] = self->frame_->arguments;
  uint64_t result = 0;
  const bool done = self->Call(helper, a, b, c, &result);
  return self->Finish(done, result, return_address);
}

CallResult TestMachine::OperationCall(TestMachine* self, uint64_t /*unused*/, uint64_t descriptor,
                                      uint64_t /*unused*/, const void* return_address) {
  uint64_t result = 0;
  const bool done = self->Operate(descriptor, &result);
  return self->Finish(done, result, return_address);
}

void TestMachine::OperateOnVectors(const ir::Inst& inst) {
  const auto operand = [this](size_t number) {
    const auto& [low, high] = frame_->vector_arguments[number];
    return ir::Vector128{low, high};
  };
  const ir::VectorResult result =
      ir::EvaluateVector(inst, rounding_, operand(0), operand(1), operand(2));
  float_flags_ |= result.flags;
  frame_->vector_arguments[3] = {result.value.low, result.value.high};
}

// As the runtime does it.
bool TestMachine::Operate(uint64_t descriptor, uint64_t* result) {
  const auto op = static_cast<ir::Op>(descriptor & 0xffff);
  const auto type = static_cast<ir::Type>(descriptor >> 16 & 0xff);
  const auto operand = static_cast<ir::Type>(descriptor >> 24 & 0xff);
  const auto attr = static_cast<uint8_t>(descriptor >> 32);
  const auto& [a, b, c, unused] = frame_->arguments;
  const uint32_t bytes = ir::BytesOf(type);
  if (op == ir::Op::kLoad) return Load(a, bytes, attr, result);
  if (op == ir::Op::kStore) {
    return Store(a, ir::BytesOf(operand), attr, ir::MaskTo(operand, b));
  }
  if (op == ir::Op::kProbe) return Probe(a, static_cast<uint32_t>(b), attr);
  if (op == ir::Op::kAtomicRmw) {
    return AtomicRmw(static_cast<ir::RmwKind>(descriptor >> 40 & 0xff), a, bytes,
                     ir::MaskTo(type, b), result);
  }
  if (op == ir::Op::kCompareSwap) {
    return CompareSwap(a, bytes, ir::MaskTo(type, b), ir::MaskTo(type, c), result);
  }
  if (op == ir::Op::kLoadReserved) return LoadReserved(a, bytes, result);
  if (op == ir::Op::kStoreConditional) {
    bool stored = false;
    const bool done = StoreConditional(a, ir::BytesOf(operand), ir::MaskTo(operand, b), &stored);
    *result = stored ? 1 : 0;
    return done;
  }
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
  const ir::FloatResult computed = ir::EvaluateFloat({op, type, operand, attr}, rounding_, x, y, z);
  float_flags_ |= computed.flags;
  *result = computed.bits;
  return true;
}

}  // namespace emu::translator
