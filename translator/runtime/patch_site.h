// The one way to change translated code after it is published.
#pragma once

#include "translator/host/host_backend.h"
#include "translator/runtime/code_cache.h"

namespace emu::translator {

// Blocks of the code cache are patched in place; sealed code never is. For the holder of the
// translation lock.
class PatchSites {
 public:
  PatchSites(const HostBackend& host, CodeCache& cache) : host_(host), cache_(cache) {}

  // Lets the jump at `patch` lead to `target`; vCPUs may be running it.
  void Lead(const void* patch, const void* target) {
    host_.PatchJump(patch, cache_.Writable(patch), target);
  }
  // Whoever enters the code at its start is sent back with kStale. The world is stopped.
  void Retire(const void* code, uint32_t page_offset) {
    host_.PatchStale(code, cache_.Writable(code), page_offset);
  }

 private:
  const HostBackend& host_;
  CodeCache& cache_;
};

}  // namespace emu::translator
