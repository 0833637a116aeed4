// Our translator, on one of its tiers: RAM, one processor, and stub.s.
#include <cstdio>
#include <cstdlib>
#include <span>

#include "absl/strings/str_cat.h"
#include "tests/guest/program_runner.h"
#include "tests/guest/riscv64/random/engine.h"
#include "vmm/base/address_space.h"
#include "vmm/base/guest_memory.h"
#include "vmm/base/virtual_clock.h"

namespace emu::testing {
namespace {

class TranslatorEngine final : public BlockEngine {
 public:
  explicit TranslatorEngine(const TranslatorEngineOptions& options)
      : options_(options), address_space_(memory_) {
    Require(memory_.AddRegion(GuestPhysAddr(kRamBase), kRamBytes, MemoryKind::kRam).ok());
    const std::vector<uint8_t> ram = InitialRam();
    Require(memory_.Write(GuestPhysAddr(kRamBase), std::as_bytes(std::span(ram))));
    const ProgramImage stub = ProgramImage::Load(absl::StrCat(EMU_GUEST_PROGRAMS, "/stub.elf"));
    Require(memory_.Write(GuestPhysAddr(stub.text_base), std::as_bytes(std::span(stub.text))));
    auto created = translator::Translator::Create({.arch = "riscv64",
                                                   .tier = options.tier,
                                                   .memory_access = options.memory_access,
                                                   .tlb_max_entries = options.tlb_max_entries,
                                                   .trace = {}},
                                                  address_space_, clock_);
    Require(created.ok());
    translator_ = *std::move(created);
    vcpu_ = &translator_->AddVcpu(0);
    vcpu_->Reset(GuestVirtAddr(stub.text_base));
  }

  std::string name() const override { return NameOf(options_.tier); }

  std::vector<BlockOutcome> Run(const std::vector<RandomBlock>& blocks) override {
    std::vector<BlockOutcome> outcomes;
    outcomes.reserve(blocks.size());
    for (const RandomBlock& block : blocks) outcomes.push_back(RunOne(block));
    return outcomes;
  }

 private:
  static void Require(bool held) {
    if (held) return;
    std::fprintf(stderr, "translator engine: no machine\n");
    std::abort();
  }

  BlockOutcome RunOne(const RandomBlock& block) {
    for (const Patch& patch : PatchesFor(block)) {
      Require(memory_.Write(GuestPhysAddr(patch.address), std::as_bytes(std::span(patch.bytes))));
    }
    while (vcpu_->Run() != translator::VcpuExit::kWaitForInterrupt) {
    }
    const auto read = [this](uint64_t address, void* into, size_t bytes) {
      Require(
          memory_.Read(GuestPhysAddr(address), std::span(static_cast<std::byte*>(into), bytes)));
    };
    RegisterFrame frame;
    read(kFrame, &frame, sizeof(frame));
    BlockOutcome outcome;
    outcome.end = {frame.x, frame.f, frame.fcsr};
    outcome.cause = frame.cause;
    outcome.value = frame.value;
    outcome.fs = frame.mstatus >> 13 & 3;
    ReadDataOf(block, read, outcome);
    return outcome;
  }

  const TranslatorEngineOptions options_;
  GuestMemory memory_;
  AddressSpace address_space_;
  VirtualClock clock_;
  std::unique_ptr<translator::Translator> translator_;
  translator::Vcpu* vcpu_;
};

}  // namespace

std::unique_ptr<BlockEngine> NewTranslatorEngine(const TranslatorEngineOptions& options) {
  return std::make_unique<TranslatorEngine>(options);
}

}  // namespace emu::testing
