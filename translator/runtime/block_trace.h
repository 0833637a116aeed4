// Prints blocks as they are translated, stage by stage.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "translator/debug.h"
#include "translator/guest/guest_isa.h"
#include "translator/host/host_backend.h"

namespace emu::translator {

// For the holder of the translation lock.
class BlockTrace {
 public:
  // Without stages nothing is printed. INVALID_ARGUMENT for a stage that there is not.
  static absl::StatusOr<BlockTrace> Create(const TraceOptions& options, TraceSink sink,
                                           const GuestIsa& isa);

  bool is_on() const { return guest_ || ir_ || opt_ || host_; }

  bool prints_host() const { return host_; }

  struct Block {
    const TranslateRequest& request;
    GuestPhysAddr start;
    uint64_t pc;                      // where it was wanted first
    std::span<const std::byte> code;  // from the block's first byte to its last
    const ir::Function& function;
  };
  void Lifted(const Block& block) const;
  // Of the same block.
  void Compiled(GuestPhysAddr start, uint64_t pc, const HostBackend& host,
                std::span<const std::byte> code, const void* address) const;

 private:
  BlockTrace(const TraceOptions& options, TraceSink sink, const GuestIsa& isa)
      : first_(options.first), last_(options.last), sink_(std::move(sink)), isa_(&isa) {}

  bool IsWanted(GuestPhysAddr start, uint64_t pc) const {
    const auto is_inside = [this](uint64_t at) { return first_ <= at && at <= last_; };
    return is_on() && (is_inside(start.value) || is_inside(pc));
  }
  void AppendGuest(const Block& block, std::string& text) const;
  void AppendUnfolded(const Block& block, std::string& text) const;

  uint64_t first_;
  uint64_t last_;
  TraceSink sink_;
  const GuestIsa* isa_;
  bool guest_ = false;
  bool ir_ = false;
  bool opt_ = false;
  bool host_ = false;
};

}  // namespace emu::translator
