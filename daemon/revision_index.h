// What changed since a revision: the newest version of each VM, and those that are gone.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "emud/v1/vm.pb.h"

namespace emu::daemon {

using VmPtr = std::shared_ptr<const emud::v1::Vm>;

struct VmDelta {
  enum class Kind : uint8_t { kChanged, kDeleted };
  Kind kind;
  uint64_t revision;
  VmPtr vm;  // as it is now, or was last
};

// A reader keeps one number and asks again, so that one that reads slowly costs no memory and gets
// each VM's newest version only. Not locked: its owner is.
class RevisionIndex {
 public:
  // Of those deleted, these many newest revisions are remembered.
  explicit RevisionIndex(uint64_t kept) : kept_(kept) {}

  // `vm` has changed or come; revisions grow. `before`: its revision until now, 0 if it is new.
  void Change(const VmPtr& vm, uint64_t before);
  // It has gone by `revision`.
  void Delete(const VmPtr& vm, uint64_t revision);
  // What an earlier daemon has forgotten, or a newer revision than any VM's.
  void Restore(uint64_t floor, uint64_t newest);

  // Whether all that came after `revision` is known.
  bool IsKnown(uint64_t revision) const { return revision >= floor_ && revision <= newest_; }
  // At most `limit`, by revision.
  std::vector<VmDelta> After(uint64_t revision, size_t limit) const;
  uint64_t newest() const { return newest_; }
  uint64_t floor() const { return floor_; }

 private:
  void Advance(uint64_t revision);

  const uint64_t kept_;
  uint64_t newest_ = 0;
  uint64_t floor_ = 0;
  std::map<uint64_t, VmPtr> changed_;  // every VM once
  std::map<uint64_t, VmPtr> deleted_;  // of revisions above floor_
};

}  // namespace emu::daemon
