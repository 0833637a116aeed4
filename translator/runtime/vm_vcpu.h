// One virtual processor on tier 0.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "translator/guest/guest_isa.h"
#include "translator/ir/interpreter.h"
#include "translator/memory/data_access.h"
#include "translator/memory/soft_tlb.h"
#include "translator/runtime/block_store.h"
#include "translator/runtime/world.h"
#include "translator/vcpu.h"

namespace emu::translator {

// What the vCPUs of a VM share; outlives them.
struct VmContext {
  const GuestIsa& isa;
  AddressSpace& address_space;
  VirtualClock& clock;
  World& world;
  BlockStore& blocks;
  // Runs BlockStore::Synchronize with the world stopped and flushes what it revoked. The calling
  // vCPU is outside the world.
  std::function<void()> synchronize_code;
};

// Vcpu's public functions are for the threads it names; the rest for its own thread.
class VmVcpu final : public Vcpu, private GuestContext, private ir::Environment {
 public:
  VmVcpu(VmContext& vm, uint32_t index, std::unique_ptr<SoftTlb> tlb);
  ~VmVcpu() override;

  VcpuExit Run() override;
  void Sleep() override;
  void Kick() override;
  void SetInterrupt(uint32_t input, bool level) override;
  void Reset(GuestVirtAddr pc) override;
  void VisitState(StateVisitor& visitor) override;
  Counters counters() const override;

  // Any thread: leaves the world at the next safepoint and enters it again.
  void KickForWorldStop();
  // The world is stopped.
  void FlushAfterCodeChange();

 private:
  // Bits of requests_: why the run loop must look up from guest code.
  static constexpr uint32_t kStop = 1;
  static constexpr uint32_t kCheckInterrupts = 2;
  static constexpr uint32_t kLeaveWorld = 4;

  // GuestContext.
  std::byte* state() override { return state_.data(); }
  uint32_t index() const override { return index_; }
  uint64_t pc() const override { return pc_; }
  void set_pc(uint64_t pc) override { pc_ = pc; }
  VirtualClock& clock() override { return vm_.clock; }
  uint64_t interrupt_inputs() const override { return interrupt_inputs_.load(); }
  void RequestInterruptCheck() override { Request(kCheckInterrupts); }
  void ArmTimer(uint64_t deadline_ns) override;
  void Raise(GuestFault fault) override { fault_ = fault; }
  void FlushTlb() override;
  void FlushTlbPage(GuestVirtAddr page) override;
  void ModeChanged() override { SelectSpaces(); }
  void SynchronizeCode() override { synchronize_code_ = true; }
  bool ReadPhysical64(GuestPhysAddr address, uint64_t* value) override;
  bool CompareExchangePhysical64(GuestPhysAddr address, uint64_t expected,
                                 uint64_t desired) override;
  bool ZeroBlock(GuestVirtAddr address, uint32_t size_bytes) override;
  void ClearReservation() override { reservation_ = nullptr; }
  uint32_t ReadFpFlags() override { return fp_flags_; }
  void WriteFpFlags(uint32_t flags) override { fp_flags_ = flags; }
  void SetFpRounding(ir::Rounding rounding) override { fp_rounding_ = rounding; }

  // ir::Environment.
  bool Load(uint64_t address, uint32_t bytes, uint8_t attr, uint64_t* value) override;
  bool Store(uint64_t address, uint32_t bytes, uint8_t attr, uint64_t value) override;
  bool AtomicRmw(ir::RmwKind kind, uint64_t address, uint32_t bytes, uint64_t operand,
                 uint64_t* old_value) override;
  bool CompareSwap(uint64_t address, uint32_t bytes, uint64_t expected, uint64_t desired,
                   uint64_t* old_value) override;
  bool LoadReserved(uint64_t address, uint32_t bytes, uint64_t* value) override;
  bool StoreConditional(uint64_t address, uint32_t bytes, uint64_t value, bool* stored) override;
  bool Call(uint64_t helper, uint64_t a, uint64_t b, uint64_t c, uint64_t* result) override;
  ir::Rounding CurrentRounding() override { return fp_rounding_; }
  void RaiseFloatFlags(uint32_t flags) override { fp_flags_ |= flags; }

  // A translation found before, by the virtual address it was entered at.
  struct CachedBlock {
    uint64_t pc = 1;  // odd: no instruction is there
    uint64_t fetch_space = 0;
    uint64_t mode = 0;
    const InterpretedBlock* block = nullptr;
  };
  static constexpr size_t kCachedBlocks = 8192;

  void Request(uint32_t bits);
  bool DataFault();  // takes over the fault of data_access_; false
  void SelectSpaces();
  ir::Outcome ExecuteBlock();
  // The translation at pc_, or none and fault_ set.
  const InterpretedBlock* FindBlock();
  const InterpretedBlock* TranslateCrossing(GuestPhysAddr start);
  std::optional<GuestPhysAddr> Fetch(uint64_t address);
  void FlushCachedBlocks();

  VmContext& vm_;
  const uint32_t index_;
  std::vector<std::byte> state_;
  uint64_t pc_ = 0;
  uint64_t fetch_space_ = 0;
  uint64_t mode_ = 0;
  std::optional<GuestFault> fault_;
  bool synchronize_code_ = false;

  std::byte* reservation_ = nullptr;  // host address of the reserved bytes
  uint64_t reserved_value_ = 0;
  uint32_t fp_flags_ = 0;
  ir::Rounding fp_rounding_ = ir::Rounding::kNearestEven;

  std::unique_ptr<SoftTlb> tlb_;
  DataAccess data_access_;
  ir::Interpreter interpreter_;
  std::vector<CachedBlock> cached_blocks_;
  InterpretedBlock crossing_block_;

  std::atomic<uint32_t> requests_ = 0;
  std::atomic<uint64_t> interrupt_inputs_ = 0;
  std::unique_ptr<ClockTimer> timer_;
  Counters counters_ = {};
};

}  // namespace emu::translator
