// Vector operations of AES (FIPS 197) and SHA (FIPS 180-4).
#include <array>
#include <bit>
#include <optional>

#include "translator/ir/aes_evaluate.h"
#include "translator/ir/vector_evaluate.h"

namespace emu::ir {
namespace {

using Words = std::array<uint32_t, 4>;

Words WordsOf(const Vector128& vector) {
  Words words;
  for (uint32_t lane = 0; lane < 4; ++lane) {
    words[lane] = static_cast<uint32_t>(GetLane(vector, 32, lane));
  }
  return words;
}
Vector128 VectorOf(const Words& words) {
  return {words[0] | uint64_t{words[1]} << 32, words[2] | uint64_t{words[3]} << 32};
}

Vector128 Xor(const Vector128& a, const Vector128& b) { return {a.low ^ b.low, a.high ^ b.high}; }

// The operations on two columns make two of four.
Vector128 AesRound(Op op, const Vector128& a, const Vector128& key) {
  return Xor({EvaluateAes(op, a.low, a.high), EvaluateAes(op, a.high, a.low)}, key);
}

// MixColumns is of order four: its inverse thrice.
Vector128 MixColumns(Vector128 a, bool is_inverse) {
  for (uint32_t times = is_inverse ? 1 : 3; times > 0; --times) {
    a = {EvaluateAes(Op::kAesInvMixColumns, a.low, 0),
         EvaluateAes(Op::kAesInvMixColumns, a.high, 0)};
  }
  return a;
}

uint32_t Choose(uint32_t x, uint32_t y, uint32_t z) { return (x & y) ^ (~x & z); }
uint32_t Majority(uint32_t x, uint32_t y, uint32_t z) { return (x & y) ^ (x & z) ^ (y & z); }
uint32_t SmallSigma0(uint32_t x) { return std::rotr(x, 7) ^ std::rotr(x, 18) ^ x >> 3; }
uint32_t SmallSigma1(uint32_t x) { return std::rotr(x, 17) ^ std::rotr(x, 19) ^ x >> 10; }

// FIPS 180-4 s. 6.2.2, step 3.
Vector128 Sha256Rounds(uint64_t part, Words abcd, Words efgh, const Words& inputs) {
  auto& [a, b, c, d] = abcd;
  auto& [e, f, g, h] = efgh;
  for (const uint32_t input : inputs) {
    const uint32_t sigma1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
    const uint32_t sigma0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
    const uint32_t t1 = h + sigma1 + Choose(e, f, g) + input;
    const uint32_t t2 = sigma0 + Majority(a, b, c);
    efgh = {d + t1, e, f, g};
    abcd = {t1 + t2, a, b, c};
  }
  return VectorOf(part == 0 ? abcd : efgh);
}

// S. 6.1.2, step 3.
Vector128 Sha1Rounds(uint64_t function, Words abcd, uint32_t e, const Words& inputs) {
  auto& [a, b, c, d] = abcd;
  for (const uint32_t input : inputs) {
    const uint32_t mixed = function == 0   ? Choose(b, c, d)
                           : function == 1 ? b ^ c ^ d
                                           : Majority(b, c, d);
    const uint32_t t = std::rotl(a, 5) + mixed + e + input;
    e = d;
    abcd = {t, a, std::rotl(b, 30), c};
  }
  return VectorOf(abcd);
}

}  // namespace

std::optional<Vector128> EvaluateCrypto(const Inst& inst, const Vector128& a, const Vector128& b,
                                        const Vector128& c) {
  const Words x = WordsOf(a);
  const Words y = WordsOf(b);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (inst.op) {
    case Op::kVAesEncrypt:
      return AesRound(Op::kAesEncrypt, a, b);
    case Op::kVAesEncryptLast:
      return AesRound(Op::kAesEncryptLast, a, b);
    case Op::kVAesDecrypt:
      return AesRound(Op::kAesDecrypt, a, b);
    case Op::kVAesDecryptLast:
      return AesRound(Op::kAesDecryptLast, a, b);
    case Op::kVAesMixColumns:
    case Op::kVAesInvMixColumns:
      return MixColumns(a, inst.op == Op::kVAesInvMixColumns);
    case Op::kVSha256Rounds:
      return Sha256Rounds(inst.imm, x, y, WordsOf(c));
    case Op::kVSha1Rounds:
      return Sha1Rounds(inst.imm, x, y[0], WordsOf(c));
    case Op::kVSha256Schedule0:
      return VectorOf({x[0] + SmallSigma0(x[1]), x[1] + SmallSigma0(x[2]), x[2] + SmallSigma0(x[3]),
                       x[3] + SmallSigma0(y[0])});
    case Op::kVSha256Schedule1: {
      const uint32_t first = x[0] + SmallSigma1(y[2]);
      const uint32_t second = x[1] + SmallSigma1(y[3]);
      return VectorOf({first, second, x[2] + SmallSigma1(first), x[3] + SmallSigma1(second)});
    }
    default:
      return std::nullopt;
  }
#pragma GCC diagnostic pop
}

}  // namespace emu::ir
