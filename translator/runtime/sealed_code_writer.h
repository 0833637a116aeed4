// Puts the translations of a running VM into a file of sealed code.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "translator/host/host_backend.h"
#include "translator/runtime/block_store.h"
#include "translator/runtime/code_cache.h"
#include "translator/runtime/sealed_code.h"
#include "translator/vcpu.h"

namespace emu::translator {

// vCPUs go on: the store's lock is held to list what there is, and to copy one segment after
// another. A block that is dropped meanwhile takes its unit along.
class SealedCodeWriter {
 public:
  // Of the first `code_bytes` of the cache. `older`, which may be nullptr, is copied behind it.
  SealedCodeWriter(const BlockStore& store, const HostBackend& host, const CodeCache& cache,
                   size_t code_bytes, const SealedCode* older)
      : store_(store), host_(host), cache_(cache), code_bytes_(code_bytes), older_(older) {}

  // Once. The sink's errors.
  absl::Status Write(std::string_view maker, const CodeSink& sink);

 private:
  struct Copied {
    const std::byte* code;
    uint64_t page;
    uint64_t mode;
    SealedBlock block;
    bool is_there = false;     // its code is in the file
    Copied* joined = nullptr;  // another of its unit, none twice in a row of them
  };

  void List();
  Copied* Find(const CodeBlock& block);
  absl::Status WriteCode(const CodeSink& sink);
  void Copy(const CodeBlock& block, const std::byte* segment, std::span<std::byte> copy);
  // The one that all of a unit agree on.
  static Copied* RootOf(Copied* copied);
  absl::Status WriteIndex(const CodeSink& sink);
  absl::Status WriteOlder(const CodeSink& sink);

  const BlockStore& store_;
  const HostBackend& host_;
  const CodeCache& cache_;
  const size_t code_bytes_;
  const SealedCode* const older_;
  std::vector<Copied> blocks_;  // by code
  std::vector<uint8_t> sites_;
  SealedHeader header_ = {};
};

}  // namespace emu::translator
