// All vCPUs of a VM and the code they share.
#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "translator/runtime/block_translator.h"
#include "translator/runtime/vm_vcpu.h"
#include "translator/runtime/world.h"
#include "translator/vcpu.h"
#include "vmm/base/status_macros.h"

namespace emu::translator {
namespace {

class VmTranslator final : public Translator, public TranslatorDebug {
 public:
  VmTranslator(const TranslatorOptions& options, const GuestIsa& isa, AddressSpace& address_space,
               VirtualClock& clock, std::unique_ptr<BlockTranslator> blocks)
      : options_(options),
        isa_(isa),
        address_space_(address_space),
        blocks_(std::move(blocks)),
        world_([this] { KickAll(); }),
        vm_{isa,
            address_space,
            clock,
            world_,
            *blocks_,
            breakpoints_,
            watchpoints_,
            nullptr,
            0,
            [this] { SynchronizeCode(); },
            [this](uint64_t seen_generation) { MakeRoom(seen_generation); },
            [this](VmVcpu& asking) { FlushOthers(asking); },
            [this](GuestPhysAddr page) { DropSealed(page); }} {}

  absl::Status PrepareTlbs() {
    // Every vCPU's TLB is mapped before the guest runs; AddVcpu hands them out.
    for (uint32_t index = 0; index < kMaxVcpus; ++index) {
      absl::StatusOr<std::unique_ptr<SoftTlb>> tlb = SoftTlb::Create(options_.tlb_max_entries);
      if (!tlb.ok()) return tlb.status();
      spare_tlbs_.push_back(*std::move(tlb));
    }
    return absl::OkStatus();
  }

  Vcpu& AddVcpu(uint32_t index) override {
    vcpus_.push_back(std::make_unique<VmVcpu>(vm_, index, std::move(spare_tlbs_.back())));
    spare_tlbs_.pop_back();
    ++vm_.vcpu_count;
    return *vcpus_.back();
  }

  void SetProcessorPort(ProcessorPort& port) override { vm_.processor_port = &port; }

  std::vector<CpuProperty> cpu_properties() const override { return isa_.cpu_properties(); }

  void StopTheWorld(const std::function<void()>& action) override { world_.Stop(action); }
  void RevokeWrites() override {
    world_.Stop([this] {
      for (const auto& vcpu : vcpus_) vcpu->RevokeWrites();
    });
  }
  absl::Status SaveCode(const CodeSink& sink) override { return blocks_->SaveCode(sink); }
  TranslatorDebug* debug() override { return this; }

  const DebugArchitecture& architecture() const override { return isa_.debug_architecture(); }
  CodeCounters code_counters() override { return blocks_->counters(); }
  absl::Status AddStop(const StopPoint& point) override;
  void RemoveStop(const StopPoint& point) override;
  void RemoveAllStops() override;
  void SynchronizeWrites() override { SynchronizeCode(); }
  absl::Status StartTrace(const TraceOptions& options, TraceSink sink) override;
  void SetCounting(bool counts) override;
  bool is_counting() const override { return blocks_->is_counting(); }
  void StopTrace() override {
    world_.Stop([this] { blocks_->StopTrace(); });
  }

 private:
  static constexpr uint32_t kMaxVcpus = 8;

  void KickAll() {
    for (const auto& vcpu : vcpus_) vcpu->KickForWorldStop();
  }

  // Whatever processors know of the pages of `point` is found anew, by its new rules. The world is
  // stopped.
  void ForgetPagesOf(const StopPoint& point) {
    for (uint64_t page = point.address & ~kPageOffsetMask;; page += kPageSize) {
      for (const auto& vcpu : vcpus_) {
        if (point.kind == StopPoint::Kind::kBreakpoint) {
          vcpu->ForgetBlocksIn(GuestVirtAddr(page));
        } else {
          vcpu->ForgetDataOf(GuestVirtAddr(page));
        }
      }
      if (point.address + point.size_bytes - 1 - page < kPageSize) return;
    }
  }

  void SynchronizeCode() {
    if (!blocks_->store().HasDirtyPages()) return;
    world_.Stop([this] {
      const std::lock_guard no_dma(address_space_.device_mutex());
      const BlockStore::Changes changes = blocks_->Synchronize();
      std::vector<uint64_t> host_pages;
      for (const GuestPhysAddr page : changes.withheld) {
        // SAFETY: an address kept as a number, as the TLB has it.
        host_pages.push_back(reinterpret_cast<uint64_t>(address_space_.memory().PageForRead(page)));
      }
      std::sort(host_pages.begin(), host_pages.end());
      for (const auto& vcpu : vcpus_) {
        vcpu->RevokeWrites(host_pages);
        // Dropped code says so itself when it is entered, unless it is sealed.
        if (changes.dropped && blocks_->host() == nullptr) vcpu->ForgetBlocks();
      }
      ForgetCode(changes.dropped_sealed);
    });
  }

  void DropSealed(GuestPhysAddr page) {
    world_.Stop([this, page] { ForgetCode(blocks_->DropSealed(page)); });
  }

  // The world is stopped.
  void ForgetCode(std::vector<const void*> code) {
    if (code.empty()) return;
    std::ranges::sort(code);
    for (const auto& vcpu : vcpus_) vcpu->ForgetCode(code);
  }

  void MakeRoom(uint64_t seen_generation) {
    world_.Stop([this, seen_generation] {
      blocks_->MakeRoom(seen_generation);
      for (const auto& vcpu : vcpus_) vcpu->ForgetBlocks();
    });
  }

  void FlushOthers(VmVcpu& asking) {
    world_.Stop([this, &asking] {
      const TranslationsToFlush flushes = asking.TakeFlushes();
      for (const auto& vcpu : vcpus_) {
        if (vcpu.get() != &asking) vcpu->Flush(flushes);
      }
    });
  }

  const TranslatorOptions options_;
  const GuestIsa& isa_;
  AddressSpace& address_space_;
  const std::unique_ptr<BlockTranslator> blocks_;
  World world_;
  Breakpoints breakpoints_;
  Watchpoints watchpoints_;
  VmContext vm_;
  std::vector<std::unique_ptr<SoftTlb>> spare_tlbs_;
  std::vector<std::unique_ptr<VmVcpu>> vcpus_;
};

absl::Status VmTranslator::AddStop(const StopPoint& point) {
  if (point.size_bytes == 0 || point.size_bytes > kMaxWatchedBytes) {
    return absl::InvalidArgumentError("a watchpoint of no possible size; give 1 to 4096 bytes");
  }
  absl::Status status;
  world_.Stop([&] {
    if (breakpoints_.size() + watchpoints_.size() >= kMaxStopPoints) {
      status = absl::ResourceExhaustedError("too many stop points; remove one");
    } else if (point.kind == StopPoint::Kind::kBreakpoint) {
      breakpoints_.Add(point.address);
    } else {
      watchpoints_.Add(point);
    }
    ForgetPagesOf(point);
  });
  return status;
}

void VmTranslator::RemoveStop(const StopPoint& point) {
  if (point.size_bytes == 0 || point.size_bytes > kMaxWatchedBytes) return;
  world_.Stop([&] {
    if (point.kind == StopPoint::Kind::kBreakpoint) {
      breakpoints_.Remove(point.address);
    } else {
      watchpoints_.Remove(point);
    }
    ForgetPagesOf(point);
  });
}

absl::Status VmTranslator::StartTrace(const TraceOptions& options, TraceSink sink) {
  absl::Status status;
  world_.Stop([&] {
    // Blocks without code are dropped with the gate's books, which DMA writes, too.
    const std::lock_guard no_dma(address_space_.device_mutex());
    status = blocks_->StartTrace(options, std::move(sink));
    for (const auto& vcpu : vcpus_) vcpu->ForgetBlocks();
  });
  return status;
}

void VmTranslator::SetCounting(bool counts) {
  world_.Stop([&] {
    const std::lock_guard no_dma(address_space_.device_mutex());
    blocks_->SetCounting(counts);
    for (const auto& vcpu : vcpus_) {
      vcpu->SetCounting(counts);
      vcpu->ForgetBlocks();
    }
  });
}

void VmTranslator::RemoveAllStops() {
  world_.Stop([&] {
    for (const uint64_t pc : breakpoints_.all()) {
      const StopPoint point = {StopPoint::Kind::kBreakpoint, pc, 1};
      breakpoints_.Remove(pc);
      ForgetPagesOf(point);
    }
    // What was not entered into TLBs for them comes there by itself.
    watchpoints_.Clear();
  });
}

}  // namespace

absl::StatusOr<std::unique_ptr<Translator>> Translator::Create(const TranslatorOptions& options,
                                                               AddressSpace& address_space,
                                                               VirtualClock& clock) {
  const GuestIsa* isa = FindGuestIsa(options.arch);
  if (isa == nullptr) {
    return absl::UnimplementedError(absl::StrCat("arch: no guest architecture \"", options.arch,
                                                 "\"; give one of: ", KnownGuestIsas()));
  }
  ASSIGN_OR_RETURN(std::unique_ptr<BlockTranslator> blocks,
                   BlockTranslator::Create(options, *isa, address_space.memory()));
  auto translator =
      std::make_unique<VmTranslator>(options, *isa, address_space, clock, std::move(blocks));
  if (absl::Status status = translator->PrepareTlbs(); !status.ok()) return status;
  return translator;
}

}  // namespace emu::translator
