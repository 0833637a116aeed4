// Prints blocks as they are translated, stage by stage, to standard error.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "translator/guest/guest_isa.h"
#include "translator/host/host_backend.h"

namespace emu::translator {

// For the holder of the translation lock.
class BlockTrace {
 public:
  // `stages` is a list like "guest,ir,host"; empty: nothing is printed. INVALID_ARGUMENT for a
  // stage that there is not.
  static absl::StatusOr<BlockTrace> Create(std::string_view stages, const GuestIsa& isa);

  // `code` is the guest's, from the block's first byte to its last.
  void Lifted(GuestPhysAddr start, std::span<const std::byte> code,
              const ir::Function& function) const;
  void Compiled(const HostBackend& host, std::span<const std::byte> code,
                const void* address) const;

 private:
  explicit BlockTrace(const GuestIsa& isa) : isa_(&isa) {}

  const GuestIsa* isa_;
  bool guest_ = false;
  bool ir_ = false;
  bool host_ = false;
};

}  // namespace emu::translator
