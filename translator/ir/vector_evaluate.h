// The meaning of the 128-bit vector operations.
#pragma once

#include <cstdint>
#include <optional>

#include "translator/ir/function.h"
#include "translator/ir/vector_lanes.h"

namespace emu::ir {

struct VectorResult {
  Vector128 value;
  uint32_t flags = 0;  // kFloat... bits
};

// `inst` is one of the V operations; scalar operands and results travel in `low`. `current` is what
// Rounding::kDynamic stands for.
VectorResult EvaluateVector(const Inst& inst, Rounding current, Vector128 a, Vector128 b,
                            Vector128 c);

// The kinds of them: no value for the others. In vector_moves.cc: those that move lanes or change
// their width; in vector_floats.cc: floating point; in vector_crypto.cc: AES and SHA.
std::optional<uint64_t> EvaluateLane(const Inst& inst, uint64_t a, uint64_t b, uint64_t c);
std::optional<Vector128> EvaluateMove(const Inst& inst, const Vector128& a, const Vector128& b);
std::optional<Vector128> EvaluateCrypto(const Inst& inst, const Vector128& a, const Vector128& b,
                                        const Vector128& c);
std::optional<VectorResult> EvaluateFloats(const Inst& inst, Rounding current, const Vector128& a,
                                           const Vector128& b, const Vector128& c);

}  // namespace emu::ir
