#include "translator/guest/riscv64/helpers.h"

#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

#include "translator/guest/riscv64/sm4.h"
#include "translator/guest/riscv64/system_helpers.h"

namespace emu::translator::riscv64 {
namespace {

// RISC-V Unprivileged 20240411 s. 20.9, table 31: one bit for the class of the operand.
template <typename Float>
uint64_t Classify(Float value, bool quiet) {
  const bool negative = std::signbit(value);
  switch (std::fpclassify(value)) {
    case FP_INFINITE:
      return negative ? 1 << 0 : 1 << 7;
    case FP_NORMAL:
      return negative ? 1 << 1 : 1 << 6;
    case FP_SUBNORMAL:
      return negative ? 1 << 2 : 1 << 5;
    case FP_ZERO:
      return negative ? 1 << 3 : 1 << 4;
    default:
      return quiet ? 1 << 9 : 1 << 8;
  }
}

uint64_t Fclass16(GuestContext&, uint64_t a, uint64_t, uint64_t) {
  // What a half is, it is not in a wider format: its subnormals are normal there.
  const uint64_t magnitude = a & 0x7fff;
  const bool negative = (a & 0x8000) != 0;
  if (magnitude > 0x7c00) return (a & 0x200) != 0 ? 1 << 9 : 1 << 8;
  if (magnitude == 0x7c00) return negative ? 1 << 0 : 1 << 7;
  if (magnitude >= 0x400) return negative ? 1 << 1 : 1 << 6;
  if (magnitude != 0) return negative ? 1 << 2 : 1 << 5;
  return negative ? 1 << 3 : 1 << 4;
}

uint64_t Fclass32(GuestContext&, uint64_t a, uint64_t, uint64_t) {
  return Classify(std::bit_cast<float>(static_cast<uint32_t>(a)), (a >> 22 & 1) != 0);
}

uint64_t Fclass64(GuestContext&, uint64_t a, uint64_t, uint64_t) {
  return Classify(std::bit_cast<double>(a), (a >> 51 & 1) != 0);
}

// RISC-V Unprivileged 20240411 s. 24.6: truncated, modulo 2^32; the flags of fcvt.w.d.
uint64_t Fcvtmod(GuestContext& context, uint64_t a, uint64_t, uint64_t) {
  constexpr int kFractionBits = 52;
  constexpr int kBias = 1023;
  const bool negative = a >> 63 != 0;
  const int exponent = static_cast<int>(a >> kFractionBits & 0x7ff) - kBias;
  const uint64_t fraction = a & ((uint64_t{1} << kFractionBits) - 1);
  const uint64_t significand = fraction | uint64_t{1} << kFractionBits;
  const bool is_finite = exponent <= kBias;
  const int shift = exponent - kFractionBits;  // of the significand, to the left

  uint64_t magnitude = 0;
  bool is_inexact = exponent < 0 && (a << 1) != 0;
  if (is_finite && exponent >= 0) {
    magnitude = shift >= 64 ? 0 : shift >= 0 ? significand << shift : significand >> -shift;
    is_inexact = shift < 0 && (significand & ((uint64_t{1} << -shift) - 1)) != 0;
  }
  const uint64_t limit = uint64_t{1} << 31;  // of positive numbers
  const bool fits = exponent < 32 && (magnitude < limit || (negative && magnitude == limit));
  const uint32_t flags = !fits ? uint32_t{kFpInvalid} : is_inexact ? uint32_t{kFpInexact} : 0;
  if (flags != 0) context.WriteFpFlags(context.ReadFpFlags() | flags);
  const auto low = static_cast<uint32_t>(negative ? 0 - magnitude : magnitude);
  return static_cast<uint64_t>(int64_t{static_cast<int32_t>(low)});
}

constexpr std::array kHelpers = {
    Helper{"csr_access", CsrAccess, true, false},
    Helper{"mret", Mret, true, false},
    Helper{"sret", Sret, true, false},
    Helper{"wfi", Wfi, true, false},
    Helper{"fence_i", FenceI, true, false},
    Helper{"sfence_vma", SfenceVma, true, false},
    Helper{"sfence_inval_order", SfenceInvalOrder, true, false},
    Helper{"cbo_zero", CboZero, true, false},
    Helper{"cbo_check", CboCheck, true, false},
    Helper{"wrs_check", WrsCheck, true, false},
    Helper{"fclass16", Fclass16, false, true},
    Helper{"fclass32", Fclass32, false, true},
    Helper{"fclass64", Fclass64, false, true},
    Helper{"fcvtmod", Fcvtmod, false, false},
    Helper{"sm4ed", Sm4ed, false, true},
    Helper{"sm4ks", Sm4ks, false, true},
};
static_assert(kHelpers.size() == static_cast<size_t>(HelperId::kSm4ks) + 1);

}  // namespace

std::span<const Helper> Helpers() { return kHelpers; }

}  // namespace emu::translator::riscv64
