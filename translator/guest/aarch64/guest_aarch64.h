// AArch64 with EL0 and EL1 as a guest of the translator.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "translator/guest/guest_isa.h"

namespace emu::translator::aarch64 {

class GuestAarch64 final : public GuestIsa {
 public:
  std::string_view name() const override { return "aarch64"; }
  size_t state_size() const override;
  std::vector<Translator::CpuProperty> cpu_properties() const override;
  void Reset(GuestContext& context, GuestVirtAddr pc) const override;
  void SetFirstArgument(std::byte* state, uint64_t value) const override;
  void VisitState(std::byte* state, StateVisitor& visitor) const override;
  bool Translate(const TranslateRequest& request, ir::Builder& builder) const override;
  std::span<const Helper> helpers() const override;
  ir::CountSlots count_slots() const override;
  uint64_t ModeHash(const std::byte* state) const override;
  uint64_t DataSpaceKey(const std::byte* state) const override;
  uint64_t OtherDataSpaceKey(const std::byte* state) const override;
  uint64_t FetchSpaceKey(const std::byte* state) const override;
  WalkResult Walk(GuestContext& context, GuestVirtAddr address, AccessKind kind,
                  DataSpace space) const override;
  void FlushTranslations(GuestContext& context,
                         std::optional<GuestVirtAddr> address) const override;
  GuestFault MisalignedFault(GuestVirtAddr address, AccessKind kind) const override;
  GuestFault BusFault(GuestVirtAddr address, AccessKind kind) const override;
  void EnterException(GuestContext& context, GuestFault fault) const override;
  bool TakeInterrupt(GuestContext& context) const override;
  bool ShouldWake(GuestContext& context) const override;
  const DebugArchitecture& debug_architecture() const override;
  std::optional<uint64_t> ReadDebugRegister(GuestContext& context, uint32_t number) const override;
  bool WriteDebugRegister(GuestContext& context, uint32_t number, uint64_t value) const override;
  std::optional<GuestPhysAddr> TranslateForDebugger(GuestContext& context,
                                                    GuestVirtAddr address) const override;
  std::string Disassemble(std::span<const std::byte> code, uint64_t pc,
                          uint32_t* length) const override;
};

}  // namespace emu::translator::aarch64
