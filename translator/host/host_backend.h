// What a host architecture must provide: IR to code of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "translator/guest/guest_isa.h"
#include "translator/host/vcpu_frame.h"
#include "translator/ir/function.h"

namespace emu::translator {

// One unit of host code, not yet in the code cache.
struct HostCode {
  std::span<const std::byte> bytes;      // valid until the next call of the back end
  std::span<const uint8_t> fault_sites;  // side table, see fault_sites.h; likewise
};

struct CompileRequest {
  const ir::Function& function;
  // Where the code will run. Position dependent only towards the stubs at the cache's start.
  const void* address;
  // The instruction lies on two pages: no jump into the page may be linked.
  bool crosses_page;
};

// For one thread at a time.
class HostBackend {
 public:
  virtual ~HostBackend() = default;

  // Writes the entry and the stubs that all code uses; the code cache begins with them.
  virtual std::span<const std::byte> CompileStubs(const void* address) = 0;
  // No value where the function needs something that only the interpreter can do.
  virtual std::optional<HostCode> Compile(const CompileRequest& request) = 0;

  // Runs translated code until it leaves; any number of threads.
  virtual LeaveReason Enter(VcpuFrame& frame, const void* code) const = 0;

  // The floating-point environment that `frame` holds for translated code; FpFlag bits.
  virtual uint32_t FloatFlags(const VcpuFrame& frame) const = 0;
  virtual void SetFloatFlags(VcpuFrame& frame, uint32_t flags) const = 0;
  virtual void SetRounding(VcpuFrame& frame, ir::Rounding rounding) const = 0;
  // Fills in what never changes. All exceptions masked, round to nearest even.
  virtual void PrepareFrame(VcpuFrame& frame) const = 0;
  // The guest's state, which lies behind the frame.
  static std::byte* StateOf(VcpuFrame& frame) {
    // SAFETY: whoever allocates a frame puts the state behind it.
    return reinterpret_cast<std::byte*>(&frame + 1);
  }

  // A direct jump out of a block, as its link stub left it in `leave_site`.
  struct JumpSite {
    const void* patch;       // what PatchJump takes
    uint32_t target_offset;  // in the page
    const void* unlinked;    // where the jump leads while it is not linked
  };
  virtual JumpSite DecodeJumpSite(const void* leave_site) const = 0;
  // Lets the jump at `patch` (written through `writable`, the same byte's writable address) lead to
  // `target`; atomic towards running code.
  virtual void PatchJump(const void* patch, void* writable, const void* target) const = 0;
  // Makes the block at `code` leave with kStale as soon as it is entered; nobody is inside. What it
  // stood for is found again by its offset in the page.
  virtual void PatchStale(const void* code, void* writable, uint32_t page_offset) const = 0;
  virtual uint32_t DecodeStale(const void* leave_site) const = 0;

  // Everything beside the program itself that code depends on: of the host and of the options.
  virtual std::string Describe() const = 0;

  // Code that runs at `address`, as text of several lines.
  virtual std::string Disassemble(std::span<const std::byte> code, const void* address) const = 0;
};

// FAILED_PRECONDITION if this processor lacks what the back end needs. The only list of hosts.
absl::StatusOr<std::unique_ptr<HostBackend>> CreateHostBackend(std::span<const Helper> helpers,
                                                               MemoryAccess access);

}  // namespace emu::translator
