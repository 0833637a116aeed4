#include "translator/host/x86_64/backend.h"

#include <atomic>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "translator/host/x86_64/block_compiler.h"
#include "translator/host/x86_64/cpu_features.h"
#include "translator/host/x86_64/disassembler.h"
#include "translator/host/x86_64/vector_constants.h"

namespace emu::translator::x86_64 {
namespace {

struct FlagBit {
  uint32_t mxcsr;
  uint32_t flag;
};
constexpr FlagBit kFlagBits[] = {
    {1, kFpInvalid}, {4, kFpDivideByZero}, {8, kFpOverflow}, {16, kFpUnderflow}, {32, kFpInexact}};

// Blocks are 16 bytes apart, so that this and a word behind it fit in any.
constexpr int64_t kStaleCallBytes = 5;

class Backend final : public HostBackend {
 public:
  Backend(std::span<const Helper> helpers, MemoryAccess access)
      : helpers_(helpers), access_(access) {}

  std::span<const std::byte> CompileStubs(const void* address) override {
    Begin(address);
    stubs_ = WriteStubs(code_, reinterpret_cast<uint64_t>(address), access_);
    compiler_.emplace(stubs_, helpers_, DetectCpuFeatures(), access_);
    return Finish(address);
  }

  std::optional<HostCode> Compile(const CompileRequest& request) override {
    Begin(request.address);
    if (!compiler_->Compile(request, code_, sites_)) return std::nullopt;
    return HostCode{Finish(request.address), sites_.bytes()};
  }

  LeaveReason Enter(VcpuFrame& frame, const void* code) const override {
    using EnterFunction = uint32_t (*)(VcpuFrame*, const void*);
    // SAFETY: the stub was written for this signature.
    const auto enter = reinterpret_cast<EnterFunction>(stubs_.enter);
    return static_cast<LeaveReason>(enter(&frame, code));
  }

  uint32_t FloatFlags(const VcpuFrame& frame) const override {
    uint32_t flags = 0;
    for (const auto& [mxcsr, flag] : kFlagBits) {
      if ((frame.guest_float_control & mxcsr) != 0) flags |= flag;
    }
    return flags;
  }
  void SetFloatFlags(VcpuFrame& frame, uint32_t flags) const override {
    frame.guest_float_control &= ~kAllFlags;
    for (const auto& [mxcsr, flag] : kFlagBits) {
      if ((flags & flag) != 0) frame.guest_float_control |= mxcsr;
    }
  }
  void SetRounding(VcpuFrame& frame, ir::Rounding rounding) const override {
    uint32_t control = 0;
    switch (rounding) {
      case ir::Rounding::kNearestEven:
      case ir::Rounding::kNearestMaxMagnitude:  // no host mode: the runtime computes it
      case ir::Rounding::kDynamic:
        break;
      case ir::Rounding::kDown:
        control = 1;
        break;
      case ir::Rounding::kUp:
        control = 2;
        break;
      case ir::Rounding::kTowardZero:
        control = 3;
        break;
    }
    frame.guest_float_control = (frame.guest_float_control & ~(3U << 13)) | control << 13;
  }
  void PrepareFrame(VcpuFrame& frame) const override {
    frame.guest_float_control = kAllMasked;
    frame.sign_f64 = {uint64_t{1} << 63, 0};
    frame.sign_f32 = {uint64_t{1} << 31, 0};
    frame.constants = kVectorConstants;
  }

  JumpSite DecodeJumpSite(const void* leave_site) const override {
    // SAFETY: EmitLinkedJump put this word behind the call of the link stub.
    const auto* site = static_cast<const std::byte*>(leave_site);
    uint32_t word = 0;
    std::memcpy(&word, site, sizeof word);
    constexpr ptrdiff_t kCallBytes = 5;
    return {
        .patch = site - (word >> 12), .target_offset = word & 0xfff, .unlinked = site - kCallBytes};
  }

  void PatchJump(const void* patch, void* writable, const void* target) const override {
    const ptrdiff_t distance =
        static_cast<const std::byte*>(target) - (static_cast<const std::byte*>(patch) + 4);
    // SAFETY: EmitLinkedJump keeps the displacement inside one aligned word of 8 bytes, so that
    // this store is seen whole.
    __atomic_store_n(static_cast<int32_t*>(writable), static_cast<int32_t>(distance),
                     __ATOMIC_RELEASE);
  }

  // A call of the stub and, behind it, the offset.
  void PatchStale(const void* code, void* writable, uint32_t page_offset) const override {
    constexpr uint8_t kCall = 0xe8;
    const auto target = static_cast<int64_t>(stubs_.stale);
    const auto distance =
        static_cast<int32_t>(target - (reinterpret_cast<int64_t>(code) + kStaleCallBytes));
    auto* bytes = static_cast<std::byte*>(writable);
    bytes[0] = std::byte{kCall};
    std::memcpy(bytes + 1, &distance, sizeof distance);
    std::memcpy(bytes + kStaleCallBytes, &page_offset, sizeof page_offset);
  }
  uint32_t DecodeStale(const void* leave_site) const override {
    uint32_t page_offset = 0;
    std::memcpy(&page_offset, leave_site, sizeof page_offset);
    return page_offset;
  }

  std::string Describe() const override {
    const CpuFeatures features = DetectCpuFeatures();
    return absl::StrCat("x86-64 access ", static_cast<int>(access_),
                        features.avx512 ? " avx512" : "", features.pclmul ? " pclmul" : "",
                        features.aes ? " aes" : "", features.sha ? " sha" : "");
  }

  std::string Disassemble(std::span<const std::byte> code, const void* address) const override {
    return x86_64::Disassemble(code, reinterpret_cast<uint64_t>(address));
  }

 private:
  void Begin(const void* address) {
    code_.reset(asmjit::ResetPolicy::kSoft);
    code_.init(asmjit::Environment::host(), reinterpret_cast<uint64_t>(address));
  }
  std::span<const std::byte> Finish(const void* address) {
    code_.flatten();
    code_.resolveUnresolvedLinks();
    code_.relocateToBase(reinterpret_cast<uint64_t>(address));
    const asmjit::CodeBuffer& buffer = code_.textSection()->buffer();
    return std::as_bytes(std::span(buffer.data(), buffer.size()));
  }

  const std::span<const Helper> helpers_;
  const MemoryAccess access_;
  asmjit::CodeHolder code_;
  Stubs stubs_ = {};
  std::optional<BlockCompiler> compiler_;
  FaultSiteWriter sites_;
};

}  // namespace

std::unique_ptr<HostBackend> CreateBackend(std::span<const Helper> helpers, MemoryAccess access) {
  return std::make_unique<Backend>(helpers, access);
}

}  // namespace emu::translator::x86_64
