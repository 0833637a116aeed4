#include "translator/host/x86_64/cpu_features.h"

#include <cpuid.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace emu::translator::x86_64 {
namespace {

// Those that not every compiler's __builtin_cpu_supports knows. (asmjit's CpuInfo opens a file,
// which a VM process must not.)
bool HasF16c() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_F16C) != 0;
}

bool HasSha() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (ebx & bit_SHA) != 0;
}

bool HasLzcnt() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid(0x8000'0001, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_LZCNT) != 0;
}

}  // namespace

absl::Status RequireX86_64V3() {
  __builtin_cpu_init();
  std::string missing;
  const auto require = [&missing](bool present, std::string_view name) {
    if (!present) missing += std::string(missing.empty() ? "" : ", ") + std::string(name);
  };
  require(__builtin_cpu_supports("avx2"), "AVX2");
  require(__builtin_cpu_supports("bmi"), "BMI1");
  require(__builtin_cpu_supports("bmi2"), "BMI2");
  require(__builtin_cpu_supports("fma"), "FMA");
  require(HasF16c(), "F16C");
  require(__builtin_cpu_supports("popcnt"), "POPCNT");
  require(HasLzcnt(), "LZCNT");
  if (missing.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("this processor lacks ", missing,
                   "; an x86-64-v3 processor (Haswell, Zen or later) is required"));
}

CpuFeatures DetectCpuFeatures() {
  // EMU_MASK_CPU=baseline leaves the optional features unused: for tests of the other paths.
  const char* mask = std::getenv("EMU_MASK_CPU");
  if (mask != nullptr && std::string_view(mask) == "baseline") return {};
  return {.avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                    __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"),
          .pclmul = static_cast<bool>(__builtin_cpu_supports("pclmul")),
          .aes = static_cast<bool>(__builtin_cpu_supports("aes")),
          .sha = HasSha()};
}

}  // namespace emu::translator::x86_64
