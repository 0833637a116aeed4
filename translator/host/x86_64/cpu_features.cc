#include "translator/host/x86_64/cpu_features.h"

#include <asmjit/core.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace emu::translator::x86_64 {

absl::Status RequireX86_64V3() {
  const asmjit::CpuFeatures::X86& host = asmjit::CpuInfo::host().features().x86();
  std::string missing;
  const auto require = [&missing](bool present, std::string_view name) {
    if (!present) missing += std::string(missing.empty() ? "" : ", ") + std::string(name);
  };
  require(host.hasAVX2(), "AVX2");
  require(host.hasBMI(), "BMI1");
  require(host.hasBMI2(), "BMI2");
  require(host.hasFMA(), "FMA");
  require(host.hasF16C(), "F16C");
  require(host.hasPOPCNT(), "POPCNT");
  require(host.hasLZCNT(), "LZCNT");
  if (missing.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("this processor lacks ", missing,
                   "; an x86-64-v3 processor (Haswell, Zen or later) is required"));
}

CpuFeatures DetectCpuFeatures() {
  // EMU_MASK_CPU=baseline leaves the optional features unused: for tests of the other paths.
  const char* mask = std::getenv("EMU_MASK_CPU");
  if (mask != nullptr && std::string_view(mask) == "baseline") return {};
  const asmjit::CpuFeatures::X86& host = asmjit::CpuInfo::host().features().x86();
  return {.avx512 = host.hasAVX512_F() && host.hasAVX512_DQ() && host.hasAVX512_VL(),
          .pclmul = host.hasPCLMULQDQ(),
          .aes = host.hasAESNI()};
}

}  // namespace emu::translator::x86_64
