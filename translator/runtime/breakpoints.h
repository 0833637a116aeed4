// Instructions that a debugger wants processors to stop at.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace emu::translator {

// Of one VM, by virtual address in whatever address space. Changed while the world is stopped.
//
// Code of a page that has breakpoints is translated anew, into a variant of its own: no block goes
// on beyond one, and neither a link nor a jump table leads to one. So the run loop always comes by,
// and code of all other pages is what it would be without a debugger.
class Breakpoints {
 public:
  bool empty() const { return pages_.empty(); }
  size_t size() const;

  void Add(uint64_t pc);
  void Remove(uint64_t pc);
  std::vector<uint64_t> all() const;

  bool Contains(uint64_t pc) const {
    return !empty() && Find(pc) != nullptr;  // the first is all that a VM without debugger pays
  }

  // Those in the page that `pc` lies in.
  struct InPage {
    uint32_t variant = 0;                    // 0: none; the same offsets always have the same
    std::span<const uint16_t> offsets = {};  // from the page's start, ascending
  };
  InPage PageOf(uint64_t pc) const;

 private:
  struct Page {
    uint32_t variant;
    std::vector<uint16_t> offsets;
  };
  const Page* Find(uint64_t pc) const;

  absl::flat_hash_map<uint64_t, Page> pages_;  // by page base
};

}  // namespace emu::translator
