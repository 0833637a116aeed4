// Guest code to translations, for all vCPUs of a VM.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <random>

#include "absl/status/statusor.h"
#include "translator/guest/guest_isa.h"
#include "translator/host/host_backend.h"
#include "translator/ir/builder.h"
#include "translator/runtime/block_store.h"
#include "translator/runtime/block_trace.h"
#include "translator/runtime/breakpoints.h"
#include "translator/runtime/code_cache.h"
#include "translator/runtime/patch_site.h"
#include "translator/runtime/perf_map.h"
#include "translator/runtime/sealed_code.h"
#include "translator/vcpu.h"

namespace emu::translator {

// Thread-safe. Translations live until the world is stopped: who holds one stays in the world.
class BlockTranslator {
 public:
  // Errors: as Translator::Create.
  static absl::StatusOr<std::unique_ptr<BlockTranslator>> Create(const TranslatorOptions& options,
                                                                 const GuestIsa& isa,
                                                                 GuestMemory& memory);

  // nullptr: everything is interpreted.
  const HostBackend* host() const { return host_.get(); }
  BlockStore& store() { return *store_; }

  struct Request {
    GuestPhysAddr start;
    uint64_t mode;
    std::optional<GuestPhysAddr> second_page;  // of an instruction that crosses
    Breakpoints::InPage breakpoints = {};
    uint64_t pc = 0;  // the virtual address, for traces
  };
  struct Result {
    const CodeBlock* block = nullptr;
    enum class Status : uint8_t {
      kDone,
      kCrosses,  // the first instruction ends on another page: say which
      kNoRoom,   // call MakeRoom, then ask again
    } status = Status::kDone;
    bool is_new = false;
  };
  Result Get(const Request& request);

  // How often translations have been dropped. A translation is good for linking while this stays.
  uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
  // True where the page of `target` should rather have code of its own: call DropSealed.
  bool Link(const HostBackend::JumpSite& site, const CodeBlock& target);

  CodeCounters counters();

  // See Translator.
  absl::Status SaveCode(const CodeSink& sink);

  // See TranslatorDebug; the world is stopped. All that was translated is dropped by StartTrace.
  absl::Status StartTrace(const TraceOptions& options, TraceSink sink);
  void StopTrace();
  void SetCounting(bool counts);
  bool is_counting() const { return counts_; }

  // The world is stopped, for all of these.
  void MakeRoom(uint64_t seen_generation);  // nothing to do if the generation has moved on
  BlockStore::Changes Synchronize();
  // Where that page's sealed code could be entered.
  std::vector<const void*> DropSealed(GuestPhysAddr page);

 private:
  BlockTranslator(const TranslatorOptions& options, const GuestIsa& isa, GuestMemory& memory);

  void MapSealed(const TranslatorOptions& options);
  bool WantsRandomEviction();
  void DropAll();
  // Whether some sealed code is there now that was not.
  bool TakeSealed(const Request& request);
  Result Translate(const Request& request);
  bool Lift(const Request& request, CodeBlock& block);
  // False if there is no room.
  bool Compile(const Request& request, CodeBlock& block);

  const GuestIsa& isa_;
  std::optional<BlockTrace> trace_;
  PerfMap perf_map_;
  GuestMemory& memory_;
  std::unique_ptr<HostBackend> host_;
  std::unique_ptr<CodeCache> cache_;
  std::string maker_;                   // of sealed code: see SealedCodeMaker
  std::unique_ptr<SealedCode> sealed_;  // may be nullptr
  std::optional<PatchSites> patches_;
  std::unique_ptr<BlockStore> store_;
  std::mutex mutex_;  // the translation lock
  std::atomic<uint64_t> generation_ = 0;
  // What is being translated; kept from one to the next for its memory.
  ir::Function function_;
  ir::Builder builder_{function_};
  bool counts_ = false;       // changed with the world stopped
  CodeCounters totals_ = {};  // all but those of the cache and of what there is now
  const bool evicts_at_random_;
  std::mt19937_64 random_;
};

}  // namespace emu::translator
