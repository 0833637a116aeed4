// One virtual processor: the run loop between translated code, the interpreter and the guest's
// exceptions.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "translator/guest/guest_isa.h"
#include "translator/host/host_backend.h"
#include "translator/ir/interpreter.h"
#include "translator/memory/data_access.h"
#include "translator/memory/soft_tlb.h"
#include "translator/runtime/block_translator.h"
#include "translator/runtime/breakpoints.h"
#include "translator/runtime/jump_tables.h"
#include "translator/runtime/request_word.h"
#include "translator/runtime/world.h"
#include "translator/vcpu.h"

namespace emu::translator {

// Translations that other vCPUs hold and are to forget.
struct TranslationsToFlush {
  static constexpr size_t kMaxPages = 32;  // more are all
  bool all = false;
  std::vector<GuestVirtAddr> pages;
  bool empty() const { return !all && pages.empty(); }
};

class VmVcpu;

// What the vCPUs of a VM share; outlives them.
struct VmContext {
  const GuestIsa& isa;
  AddressSpace& address_space;
  VirtualClock& clock;
  World& world;
  BlockTranslator& blocks;
  const Breakpoints& breakpoints;
  const Watchpoints& watchpoints;
  ProcessorPort* processor_port;  // nullptr: there is none
  uint32_t vcpu_count;
  // These stop the world, change what is translated and make all vCPUs forget it. The calling vCPU
  // is outside the world.
  std::function<void()> synchronize_code;
  std::function<void(uint64_t seen_generation)> make_room;
  std::function<void(VmVcpu& asking)> flush_others;
  std::function<void(GuestPhysAddr page)> drop_sealed;
};

// Vcpu's public functions are for the threads it names; the rest for its own thread.
class VmVcpu final : public Vcpu, public VcpuDebug, private GuestContext, private ir::Environment {
 public:
  VmVcpu(VmContext& vm, uint32_t index, std::unique_ptr<SoftTlb> tlb);
  ~VmVcpu() override;

  VcpuExit Run() override;
  void Sleep() override;
  void Kick() override;
  void SetInterrupt(uint32_t input, bool level) override;
  void Reset(GuestVirtAddr pc) override;
  void PowerOff() override;  // GuestContext's, too
  bool PowerOn(GuestVirtAddr pc, uint64_t argument) override;
  void VisitState(StateVisitor& visitor) override;
  Counters counters() const override;
  // See TranslatorDebug; the world is stopped.
  void SetCounting(bool counts);
  uint64_t& CountIn(ir::Slot slot) const;
  void PublishPc(uint64_t& where) override { published_pc_ = &where; }
  VcpuDebug* debug() override { return this; }

  // VcpuDebug.
  std::optional<uint64_t> ReadRegister(uint32_t number) override;
  bool WriteRegister(uint32_t number, uint64_t value) override;
  std::optional<GuestPhysAddr> Translate(GuestVirtAddr address) override;
  void SetStepping(bool is_stepping) override {
    is_stepping_ = is_stepping;
    // Requests that came between steps are taken, but not obeyed.
    RequestInterruptCheck();
  }
  std::optional<DebugStop> stop() const override { return stop_; }

  // What others are to forget, since it was asked last. The world is stopped.
  TranslationsToFlush TakeFlushes() { return std::exchange(flushes_, {}); }
  void Flush(const TranslationsToFlush& flushes);

  // Any thread: leaves the world at the next safepoint and enters it again.
  void KickForWorldStop();
  // The world is stopped, for these.
  void RevokeWrites(std::span<const uint64_t> host_pages) { tlb_->RevokeWrites(host_pages); }
  void RevokeWrites() { tlb_->FlushWrites(); }
  void ForgetBlocks() { jumps_.FlushAll(); }
  void ForgetCode(std::span<const void* const> sorted) { jumps_.ForgetCode(sorted); }
  void ForgetBlocksIn(GuestVirtAddr page) { jumps_.FlushPage(page.value); }
  void ForgetDataOf(GuestVirtAddr page) { tlb_->FlushPage(page.value); }

 private:
  // Bits of requests_: why the run loop must look up from guest code.
  static constexpr uint32_t kStop = 1;
  static constexpr uint32_t kCheckInterrupts = 2;
  static constexpr uint32_t kLeaveWorld = 4;
  static constexpr uint32_t kSynchronizeCode = 8;
  static constexpr uint32_t kPower = 16;
  static constexpr uint32_t kFlushOthers = 32;

  // kStarting: PowerOn was called, and this processor's thread has not yet reset it.
  enum class Power : uint8_t { kOn, kOff, kChanging, kStarting };

  // GuestContext.
  std::byte* state() override { return HostBackend::StateOf(frame()); }
  uint32_t index() const override { return index_; }
  uint64_t pc() const override { return pc_; }
  void set_pc(uint64_t pc) override { pc_ = pc; }
  VirtualClock& clock() override { return vm_.clock; }
  ProcessorPort* processor_port() override { return vm_.processor_port; }
  uint64_t interrupt_inputs() const override { return interrupt_inputs_.load(); }
  void RequestInterruptCheck() override { Request(kCheckInterrupts); }
  void ArmTimer(uint64_t deadline_ns) override;
  void Raise(GuestFault fault) override { fault_ = fault; }
  void FlushTlb() override;
  void FlushTlbPage(GuestVirtAddr page) override;
  void FlushOthers(std::optional<GuestVirtAddr> page) override;
  bool AwaitOthers() override;
  void ModeChanged() override { SelectSpaces(); }
  void SynchronizeCode() override;
  bool ReadPhysical64(GuestPhysAddr address, uint64_t* value) override;
  Exchange CompareExchangePhysical64(GuestPhysAddr address, uint64_t expected,
                                     uint64_t desired) override;
  bool ZeroBlock(GuestVirtAddr address, uint32_t size_bytes) override;
  bool LoadPair(GuestVirtAddr address, std::array<uint64_t, 2>* value) override;
  bool CompareSwapPair(GuestVirtAddr address, std::array<uint64_t, 2>* expected,
                       const std::array<uint64_t, 2>& desired) override;

  void ClearReservation() override { frame_->reservation = nullptr; }
  uint32_t ReadFpFlags() override;
  void WriteFpFlags(uint32_t flags) override;
  void SetFpRounding(ir::Rounding rounding) override;

  // ir::Environment.
  bool Load(uint64_t address, uint32_t bytes, uint8_t attr, uint64_t* value) override;
  bool Store(uint64_t address, uint32_t bytes, uint8_t attr, uint64_t value) override;
  bool Probe(uint64_t address, uint32_t bytes, uint8_t attr) override;
  bool AtomicRmw(ir::RmwKind kind, uint64_t address, uint32_t bytes, uint64_t operand,
                 uint64_t* old_value) override;
  bool CompareSwap(uint64_t address, uint32_t bytes, uint64_t expected, uint64_t desired,
                   uint64_t* old_value) override;
  bool LoadReserved(uint64_t address, uint32_t bytes, uint64_t* value) override;
  bool StoreConditional(uint64_t address, uint32_t bytes, uint64_t value, bool* stored) override;
  bool Call(uint64_t helper, uint64_t a, uint64_t b, uint64_t c, uint64_t* result) override;
  ir::Rounding CurrentRounding() override { return fp_rounding_; }
  void RaiseFloatFlags(uint32_t flags) override { fp_flags_ |= flags; }

  VcpuFrame& frame() { return *frame_; }
  void PrepareFrame();
  void Request(uint32_t bits);
  bool IsRequested() const;
  uint32_t TakeRequests();
  bool DataFault();  // takes over the fault of data_access_, or what was watched; false
  void SelectSpaces();
  void UseBanks();
  bool IsOff();  // after starting it, if that was asked for
  void TakeInterrupt();
  void EnterException(GuestFault fault);
  void UseJumpTable(const JumpTableHeader* table);

  // vm_vcpu_code.cc
  ir::Outcome Execute();
  ir::Outcome ExecuteOne();
  void EnterJump(const void* code);
  ir::Outcome RunCode(const void* code);
  ir::Outcome FollowLink();
  ir::Outcome Interpret(const CodeBlock& block);
  // The translation at pc_, or none and fault_ set.
  const CodeBlock* FindBlock();
  const CodeBlock* LiftUncached(GuestPhysAddr start);
  struct Fetched {
    GuestPhysAddr address;
    bool whole_page;  // the permission holds for all of its page
  };
  std::optional<Fetched> Fetch(uint64_t address);
  // What a fetch from a page gave; whole pages only.
  struct FetchedPage {
    uint64_t page = 1;  // guest-virtual; odd: none
    uint64_t space = 0;
    GuestPhysAddr physical;
  };
  static constexpr size_t kFetchedPages = 256;
  FetchedPage& FetchedPageFor(uint64_t address) {
    return fetched_pages_[(address >> 12 ^ address >> 20) % kFetchedPages];
  }
  void FlushFetchedPages() { fetched_pages_.fill({}); }

  // vm_vcpu_calls.cc: what translated code calls, through the frame.
  static CallResult LoadCall(VmVcpu* self, uint64_t address, uint64_t unused, uint64_t bytes,
                             const void* return_address);
  static CallResult StoreCall(VmVcpu* self, uint64_t address, uint64_t value, uint64_t bytes,
                              const void* return_address);
  static CallResult TranslateCall(VmVcpu* self, uint64_t address, uint64_t span, uint64_t attr);
  static CallResult OperationCall(VmVcpu* self, uint64_t unused, uint64_t descriptor,
                                  uint64_t unused_size, const void* return_address);
  static CallResult HelperCall(VmVcpu* self, uint64_t unused, uint64_t helper, uint64_t unused_size,
                               const void* return_address);
  CallResult LeaveByFault(const void* return_address);
  bool Operate(uint64_t descriptor, uint64_t* result);
  void OperateOnVectors(const ir::Inst& inst);

  VmContext& vm_;
  const HostBackend* const host_;  // nullptr: everything is interpreted
  const uint32_t index_;
  struct alignas(64) CacheLine {
    std::byte bytes[64];
  };
  std::vector<CacheLine> frame_memory_;  // the frame, and the guest's state behind it
  VcpuFrame* frame_;
  uint64_t pc_ = 0;
  uint64_t unpublished_pc_ = 0;
  uint64_t* published_pc_ = &unpublished_pc_;
  uint64_t data_space_ = 0;
  uint64_t other_data_space_ = 0;
  uint64_t fetch_space_ = 0;
  uint64_t mode_ = 0;
  std::optional<GuestFault> fault_;
  uint32_t vain_waits_ = 0;  // in a row: an interrupt was pending, and was not taken
  bool is_stepping_ = false;
  std::optional<DebugStop> stop_;  // of the last Run

  uint32_t fp_flags_ = 0;  // gathered outside translated code
  ir::Rounding fp_rounding_ = ir::Rounding::kNearestEven;

  std::unique_ptr<SoftTlb> tlb_;
  DataAccess data_access_;
  ir::Interpreter interpreter_;
  std::array<FetchedPage, kFetchedPages> fetched_pages_;
  JumpTables jumps_;  // holds code, or CodeBlocks where all is interpreted
  CodeBlock uncached_block_;

  RequestWord requests_;
  std::atomic<uint64_t> interrupt_inputs_ = 0;
  std::atomic<Power> power_ = Power::kOn;
  uint64_t start_pc_ = 0;  // these two: written while kChanging, read while kStarting
  uint64_t start_argument_ = 0;
  std::unique_ptr<ClockTimer> timer_;
  TranslationsToFlush flushes_;
  Counters counters_ = {};
  uint64_t misses_before_counting_ = 0;
  uint64_t counted_misses_ = 0;  // between the last two SetCountings
};

}  // namespace emu::translator
