// Lifts of loads and stores of general registers, and of what orders them (Arm ARM C4.1.88).
#pragma once

#include <bit>

#include "translator/guest/aarch64/translate_integer.h"

namespace emu::translator::aarch64 {

// How an address is written: see the formats of the same names.
enum class Addressing : uint8_t { kUnsigned, kUnscaled, kPost, kPre, kRegister };

struct Address {
  Value base;
  int64_t displacement = 0;
  std::optional<Value> written_back = {};
};

inline Value BaseOf(Lifter& l) { return l.rn() == 31 ? l.CheckedSp() : l.X(l.rn()); }
inline void WriteBack(Lifter& l, const Address& address, int64_t step) {
  if (!address.written_back) return;
  l.SetXSp(l.rn(), *address.written_back);
  if (l.rn() == 31) l.SpMoved(address.base, step, *address.written_back);
}
inline Address Indexed(Lifter& l, Addressing how, int64_t step) {
  const Value base = BaseOf(l);
  if (how == Addressing::kPost) return {base, 0, l.AddImm(base, step)};
  if (how == Addressing::kPre) return {base, step, l.AddImm(base, step)};
  return {base, step};
}

// SCTLR_EL1.A: what is not aligned to its size faults.
inline uint64_t AlignmentSyndrome(bool is_write) {
  return Syndrome(ExceptionClass::kDataAbort, kAlignment | (is_write ? kIssWrite : 0));
}
inline void RequireAligned(Lifter& l, Value address, uint32_t bytes, bool is_write) {
  const Value low = l.b.Binary(Op::kAnd, address, l.I64(bytes - 1));
  l.RaiseIf(l.b.Binary(Op::kNe, low, l.I64(0)), AlignmentSyndrome(is_write), address);
}
inline void CheckAccess(Lifter& l, const Address& address, uint32_t bytes, bool is_write) {
  if (!l.mode.checks_alignment || bytes == 1) return;
  RequireAligned(l, l.AddImm(address.base, address.displacement), bytes, is_write);
}

// What a load or a store moves: the bytes in memory and what becomes of them in a general register.
template <Type type, Op extension, Type to, uint8_t attr = 0>
struct LoadGeneral {
  static_assert(extension == Op::kZeroExtend || extension == Op::kSignExtend);
  static constexpr uint32_t kBytes = ir::BytesOf(type);
  static constexpr bool kIsWrite = false;
  static bool IsTrapped(const Lifter&) { return false; }
  static Value Read(Lifter& l, const Address& address, int64_t offset) {
    const Value value = l.b.Load(type, address.base, address.displacement + offset, attr);
    return type == to ? value : l.b.Convert(extension, to, value);
  }
  static void Set(Lifter& l, uint32_t rt, Value value) { l.SetX(rt, value); }
};
template <Type type, uint8_t attr = 0>
struct StoreGeneral {
  static constexpr uint32_t kBytes = ir::BytesOf(type);
  static constexpr bool kIsWrite = true;
  static bool IsTrapped(const Lifter&) { return false; }
  static void Write(Lifter& l, const Address& address, int64_t offset, uint32_t rt) {
    l.b.Store(address.base, address.displacement + offset, l.Narrow(type, l.X(rt)), attr);
  }
};

template <typename Moved>
void MoveOne(Lifter& l, const Address& address, int64_t step) {
  CheckAccess(l, address, Moved::kBytes, Moved::kIsWrite);
  if constexpr (Moved::kIsWrite) {
    Moved::Write(l, address, 0, l.rd());
  } else {
    const Value value = Moved::Read(l, address, 0);
    Moved::Set(l, l.rd(), value);
  }
  WriteBack(l, address, step);
}
template <Addressing how, typename Moved>
void LoadStore(Lifter& l) {
  if (Moved::IsTrapped(l)) return;
  if constexpr (how == Addressing::kRegister) {
    const uint32_t option = l.Bits(15, 13);
    if ((option & 2) == 0) return l.Undefined();
    const uint32_t scale = l.Bit(12) ? static_cast<uint32_t>(std::countr_zero(Moved::kBytes)) : 0;
    const Value base = BaseOf(l);
    const Value index = Extended(l, Type::kI64, l.rm(), option, scale);
    MoveOne<Moved>(l, {l.b.Binary(Op::kAdd, base, index)}, 0);
  } else {
    const int64_t step = how == Addressing::kUnsigned ? int64_t{l.Bits(21, 10)} * Moved::kBytes
                                                      : l.SignedBits(20, 12);
    MoveOne<Moved>(l, Indexed(l, how, step), step);
  }
}
template <typename Moved>
void LoadLiteral(Lifter& l) {
  if (Moved::IsTrapped(l)) return;
  Moved::Set(l, l.rd(), Moved::Read(l, {l.b.Pc(l.Target19())}, 0));
}
// Both addresses are known to be good before either is written.
template <Addressing how, typename Moved>
void LoadStorePair(Lifter& l) {
  if (Moved::IsTrapped(l)) return;
  const int64_t step = l.SignedBits(21, 15) * static_cast<int64_t>(Moved::kBytes);
  const Address address = Indexed(l, how, step);
  CheckAccess(l, address, Moved::kBytes, Moved::kIsWrite);
  const uint32_t second = l.Bits(14, 10);
  if constexpr (Moved::kIsWrite) {
    l.b.Probe(address.base, address.displacement, 2 * Moved::kBytes, ir::kForWrite);
    Moved::Write(l, address, 0, l.rd());
    Moved::Write(l, address, Moved::kBytes, second);
  } else {
    const Value low = Moved::Read(l, address, 0);
    const Value high = Moved::Read(l, address, Moved::kBytes);
    Moved::Set(l, l.rd(), low);
    Moved::Set(l, second, high);
  }
  WriteBack(l, address, step);
}
inline void Prefetch(Lifter&) {}

// LDTR, STTR: as EL0 would (Arm ARM D8.4.3), whose space is the other one of EL1.
template <Type type, Op extension, Type to>
using LoadUser = LoadGeneral<type, extension, to, ir::kOtherSpace>;
template <Type type>
using StoreUser = StoreGeneral<type, ir::kOtherSpace>;

// Ordered and exclusive accesses; their order is the host's own, but for loads that follow a
// store-release (Arm ARM B2.3.10).
inline constexpr uint8_t kOrdered = static_cast<uint8_t>(ir::MemoryOrder::kAcquireRelease);
inline constexpr uint8_t kAtomicAttr = ir::kMustAlign | kOrdered;

template <Type type, bool acquires>
void LoadOrdered(Lifter& l) {
  const Value base = BaseOf(l);
  if (type != Type::kI8) RequireAligned(l, base, ir::BytesOf(type), /*is_write=*/false);
  l.SetX(l.rd(), l.b.Load(type, base, 0, acquires ? kOrdered : 0));
}
template <Type type>
void StoreOrdered(Lifter& l) {
  const Value base = BaseOf(l);
  if (type != Type::kI8) RequireAligned(l, base, ir::BytesOf(type), /*is_write=*/true);
  l.b.Store(base, 0, l.Narrow(type, l.X(l.rd())), kOrdered);
  l.b.Fence(ir::MemoryOrder::kSequential);
}

template <Type type>
void LoadExclusive(Lifter& l) {
  l.SetX(l.rd(), l.b.LoadReserved(type, BaseOf(l), kAtomicAttr));
}
inline void SetStatus(Lifter& l, Value stored) {
  l.SetX(l.rm(), l.b.Select(stored, l.I64(0), l.I64(1)));
}
template <Type type>
void StoreExclusive(Lifter& l) {
  SetStatus(l, l.b.StoreConditional(BaseOf(l), l.Narrow(type, l.X(l.rd())), kAtomicAttr));
}
// Two words are one doubleword.
inline Value JoinWords(Lifter& l, uint32_t low, uint32_t high) {
  const Value bits = l.Widen(l.Narrow(Type::kI32, l.X(low)));
  return l.b.Binary(Op::kOr, bits, Shifted(l, l.X(high), 0, 32));
}
inline void SplitWords(Lifter& l, Value pair, uint32_t low, uint32_t high) {
  const Value first = l.Narrow(Type::kI32, pair);
  const Value second = Shifted(l, pair, 1, 32);
  l.SetX(low, first);
  l.SetX(high, second);
}
inline void LoadExclusiveWords(Lifter& l) {
  SplitWords(l, l.b.LoadReserved(Type::kI64, BaseOf(l), kAtomicAttr), l.rd(), l.ra());
}
inline void StoreExclusiveWords(Lifter& l) {
  SetStatus(l, l.b.StoreConditional(BaseOf(l), JoinWords(l, l.rd(), l.ra()), kAtomicAttr));
}
// Pairs of doublewords go to helpers, which set the registers: there is no such value.
template <HelperId helper>
void PairHelper(Lifter& l) {
  const Value base = BaseOf(l);
  l.CallHelper(helper, base, l.I64(l.code));
}
template <Type type>
void CompareSwap(Lifter& l) {
  const Value base = BaseOf(l);
  l.SetX(l.rm(), l.b.CompareSwap(base, l.Narrow(type, l.X(l.rm())), l.Narrow(type, l.X(l.rd())),
                                 kAtomicAttr));
}
inline void CompareSwapWords(Lifter& l) {
  if (((l.rm() | l.rd()) & 1) != 0) return l.Undefined();
  const Value old = l.b.CompareSwap(BaseOf(l), JoinWords(l, l.rm(), l.rm() + 1),
                                    JoinWords(l, l.rd(), l.rd() + 1), kAtomicAttr);
  SplitWords(l, old, l.rm(), l.rm() + 1);
}
inline void CompareSwapPair(Lifter& l) {
  if (((l.rm() | l.rd()) & 1) != 0) return l.Undefined();
  PairHelper<HelperId::kCompareSwapPair>(l);
}

template <ir::RmwKind kind, bool inverts, Type type>
void Atomic(Lifter& l) {
  const Value base = BaseOf(l);
  Value operand = l.Narrow(type, l.X(l.rm()));
  if (inverts) operand = l.b.Unary(Op::kNot, operand);
  l.SetX(l.rd(), l.b.Rmw(kind, base, operand, kAtomicAttr));
}

// DMB: only the full barrier makes loads wait for stores. Of the domains, all are one.
inline void DataMemoryBarrier(Lifter& l) {
  const uint32_t kind = l.Bits(9, 8);  // 1 loads, 2 stores, 3 and 0 all
  l.b.Fence(kind == 1 || kind == 2 ? ir::MemoryOrder::kAcquireRelease
                                   : ir::MemoryOrder::kSequential);
}

}  // namespace emu::translator::aarch64
