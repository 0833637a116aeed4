// What a guest architecture must provide, and what it may ask of the vCPU it runs on.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "translator/debug.h"
#include "translator/ir/builder.h"
#include "translator/vcpu.h"
#include "vmm/base/address.h"
#include "vmm/base/state_visitor.h"

namespace emu::translator {

enum class AccessKind : uint8_t { kRead, kWrite, kExecute };

// A processor has two data spaces at a time: its own, and the one of what it does with the rights
// of somebody else (ir::kOtherSpace). Most have no use for the other.
enum class DataSpace : uint8_t { kOwn, kOther };

// An exception of the guest, in the guest's own numbers (RISC-V: scause code and tval).
struct GuestFault {
  uint64_t cause = 0;
  uint64_t value = 0;
};

// The outcome of a page-table walk for one access; permissions hold for the whole 4 KiB page.
struct Translation {
  GuestPhysAddr page;
  bool readable = false;
  bool writable = false;  // false while the page's dirty bit is still to be set
  bool executable = false;
  bool whole_page = true;  // false: they hold for kProtectionGrainBytes; ask for every access
};
// What protects parts of pages does so by this many bytes, aligned.
inline constexpr uint64_t kProtectionGrainBytes = 8;
struct WalkResult {
  std::optional<GuestFault> fault;  // if set, `translation` means nothing
  Translation translation;
};

// The vCPU as its guest ISA sees it. For the vCPU's own thread.
class GuestContext {
 public:
  virtual ~GuestContext() = default;

  virtual std::byte* state() = 0;  // the ISA's state structure
  virtual uint32_t index() const = 0;
  virtual uint64_t pc() const = 0;  // of the current instruction
  virtual void set_pc(uint64_t pc) = 0;
  virtual VirtualClock& clock() = 0;

  // What the board has put around the processor; nullptr: nothing.
  virtual ProcessorPort* processor_port() = 0;
  // In a helper: see Vcpu::PowerOff; once the instruction has ended.
  virtual void PowerOff() = 0;

  // The inputs driven by Vcpu::SetInterrupt, one bit each.
  virtual uint64_t interrupt_inputs() const = 0;
  // Makes the vCPU ask GuestIsa::TakeInterrupt again, now or when the clock reaches the deadline.
  virtual void RequestInterruptCheck() = 0;
  virtual void ArmTimer(uint64_t deadline_ns) = 0;  // UINT64_MAX: never

  // In a helper: the current instruction ends with this exception once the helper returns.
  virtual void Raise(GuestFault fault) = 0;

  // Address translation changed: all of it, or one page in every address space.
  virtual void FlushTlb() = 0;
  virtual void FlushTlbPage(GuestVirtAddr page) = 0;
  // The same for all other vCPUs of the VM (see GuestIsa::FlushTranslations). It is done at the end
  // of a later instruction that calls AwaitOthers, which says whether there is anything to do; that
  // instruction then leaves the translated code.
  virtual void FlushOthers(std::optional<GuestVirtAddr> page) = 0;
  virtual bool AwaitOthers() = 0;
  // Something that a space's key or ModeHash depends on may have changed.
  virtual void ModeChanged() = 0;
  // This vCPU must see what was written to code before (fence.i).
  virtual void SynchronizeCode() = 0;

  // Guest-physical accesses of 8 bytes for page-table walks; false where there is no RAM.
  virtual bool ReadPhysical64(GuestPhysAddr address, uint64_t* value) = 0;
  enum class Exchange : uint8_t { kDone, kOtherValue, kNoRam };
  virtual Exchange CompareExchangePhysical64(GuestPhysAddr address, uint64_t expected,
                                             uint64_t desired) = 0;
  // Zeros by virtual address, as one instruction writes them (may raise).
  virtual bool ZeroBlock(GuestVirtAddr address, uint32_t size_bytes) = 0;
  // Two aligned doublewords, the lower first; compared and swapped as one, `expected` becoming what
  // was there.
  virtual bool LoadPair(GuestVirtAddr address, std::array<uint64_t, 2>* value) = 0;
  virtual bool CompareSwapPair(GuestVirtAddr address, std::array<uint64_t, 2>* expected,
                               const std::array<uint64_t, 2>& desired) = 0;

  virtual void ClearReservation() = 0;
  // The sticky exception flags and rounding of translated floating-point code, neutral form.
  virtual uint32_t ReadFpFlags() = 0;  // FpFlag bits
  virtual void WriteFpFlags(uint32_t flags) = 0;
  virtual void SetFpRounding(ir::Rounding rounding) = 0;
};

enum FpFlag : uint32_t {
  kFpInexact = 1,
  kFpUnderflow = 2,
  kFpOverflow = 4,
  kFpDivideByZero = 8,
  kFpInvalid = 16,
};

// A function that translated code may call (ir::Op::kCall): result in the low bits.
using HelperFunction = uint64_t (*)(GuestContext& context, uint64_t a, uint64_t b, uint64_t c);
struct Helper {
  std::string_view name;
  HelperFunction function;
  // A raising helper may call GuestContext::Raise: then its result is ignored.
  bool may_raise;
  // Pure helpers read and write no guest state; all others may read and write all of it.
  bool is_pure;
};

struct TranslateRequest {
  // The guest's bytes from the first instruction to the end of its page; two bytes more, from the
  // next page, if `crosses_page`: then only the first instruction is wanted.
  std::span<const std::byte> code;
  uint32_t page_offset;  // of the first instruction
  uint64_t mode;         // ModeHash
  uint32_t max_instructions;
  bool crosses_page;
  // Offsets in the page, ascending, that the translation must not go beyond: it ends before an
  // instruction there, but for its first.
  std::span<const uint16_t> stops = {};
};

// One guest architecture. Stateless: one object serves all vCPUs; thread-safe.
class GuestIsa {
 public:
  virtual ~GuestIsa() = default;

  virtual std::string_view name() const = 0;
  virtual size_t state_size() const = 0;
  virtual std::vector<Translator::CpuProperty> cpu_properties() const = 0;

  // Sets all of the state but the counts; it is zero, or what a processor leaves that ran. Outputs
  // that were high and are not now are told.
  virtual void Reset(GuestContext& context, GuestVirtAddr pc) const = 0;
  // Puts `value` where the guest's calling convention has the first argument.
  virtual void SetFirstArgument(std::byte* state, uint64_t value) const = 0;
  virtual void VisitState(std::byte* state, StateVisitor& visitor) const = 0;

  // Writes the guest code at the request into `builder`, one or more blocks, ending in terminals.
  // Undefined encodings become raise terminals; it never fails. Returns false, having written
  // nothing, only if the first instruction continues on the next page and `crosses_page` is off.
  virtual bool Translate(const TranslateRequest& request, ir::Builder& builder) const = 0;
  virtual std::span<const Helper> helpers() const = 0;
  // Where translations that count add up: in the state's bytes, but not reset with the processor.
  virtual ir::CountSlots count_slots() const = 0;

  // Everything beyond its bytes that the translation of an instruction depends on.
  virtual uint64_t ModeHash(const std::byte* state) const = 0;
  // Which address space and privilege data accesses and fetches see; equal keys translate alike.
  virtual uint64_t DataSpaceKey(const std::byte* state) const = 0;
  virtual uint64_t OtherDataSpaceKey(const std::byte* state) const { return DataSpaceKey(state); }
  virtual uint64_t FetchSpaceKey(const std::byte* state) const = 0;
  // `space` matters to data alone.
  virtual WalkResult Walk(GuestContext& context, GuestVirtAddr address, AccessKind kind,
                          DataSpace space) const = 0;

  // Drops what the vCPU knows of all translations, or of those of one address: another one asks.
  virtual void FlushTranslations(GuestContext& context,
                                 std::optional<GuestVirtAddr> address) const = 0;

  // Causes for what memory does: a misaligned access, and an access that nothing answers.
  virtual GuestFault MisalignedFault(GuestVirtAddr address, AccessKind kind) const = 0;
  virtual GuestFault BusFault(GuestVirtAddr address, AccessKind kind) const = 0;
  // Sets state and pc as the processor does on taking `fault` at context.pc().
  virtual void EnterException(GuestContext& context, GuestFault fault) const = 0;
  // Takes the most urgent enabled interrupt, if any: true if it changed state and pc.
  virtual bool TakeInterrupt(GuestContext& context) const = 0;
  // Whether a waiting processor must go on (pending, even if not enabled globally).
  virtual bool ShouldWake(GuestContext& context) const = 0;

  // For debuggers: the registers, and access to them by number (see VcpuDebug). Nothing runs.
  virtual const DebugArchitecture& debug_architecture() const = 0;
  virtual std::optional<uint64_t> ReadDebugRegister(GuestContext& context,
                                                    uint32_t number) const = 0;
  virtual bool WriteDebugRegister(GuestContext& context, uint32_t number, uint64_t value) const = 0;
  virtual std::optional<GuestPhysAddr> TranslateForDebugger(GuestContext& context,
                                                            GuestVirtAddr address) const = 0;

  // One instruction as text; `length` receives its size in bytes (0: not decodable).
  virtual std::string Disassemble(std::span<const std::byte> code, uint64_t pc,
                                  uint32_t* length) const = 0;
};

// The ISA by the name that users give ("riscv64"), or nullptr. The only list of guests.
const GuestIsa* FindGuestIsa(std::string_view arch);
// For error messages: "riscv64, ...".
std::string KnownGuestIsas();

}  // namespace emu::translator
