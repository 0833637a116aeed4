// What this processor can do beyond the required x86-64-v3.
#pragma once

#include "absl/status/status.h"

namespace emu::translator::x86_64 {

struct CpuFeatures {
  bool avx512 = false;  // F, DQ, BW and VL: conversions of unsigned integers, shifts
  bool pclmul = false;  // carry-less multiplication
  bool aes = false;     // AES-NI
  bool sha = false;     // SHA-NI
};

// FAILED_PRECONDITION, naming what is missing, below x86-64-v3.
absl::Status RequireX86_64V3();
CpuFeatures DetectCpuFeatures();

}  // namespace emu::translator::x86_64
