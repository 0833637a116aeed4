// qemu-aarch64 as an oracle.
#include <csignal>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "tests/guest/aarch64/random/random_block.h"
#include "tests/guest/user_mode/user_process.h"

namespace emu::testing {
namespace {

static_assert(kBatchPageBytes == kPage && kBatchDataPages >= kDataPages);
static_assert(kBatchPageBytes * kBatchCodePages == kCodeBytes);

// It has what ours has (features.h), but SB.
constexpr char kProcessor[] = "neoverse-n1";
// Without what is AArch32's alone (Arm ARM C5.2.8, C5.2.10): ours has none.
constexpr uint64_t kFpcrBits = 0x07c8'0000, kFpsrBits = 0x0800'009f;

uint8_t KindInBatch(uint32_t page) {
  if (IsMissing(page)) return kBatchUnmapped;
  return IsReadOnly(Setting::kUser, page) ? kBatchReadOnly : kBatchWritable;
}

class QemuUserEngine final : public BlockEngine {
 public:
  explicit QemuUserEngine(const std::string& program) : program_(program) {}

  std::string name() const override { return "qemu-user"; }

  std::vector<BlockOutcome> Run(const std::vector<RandomBlock>& blocks) override {
    std::vector<BatchBlock> entries(blocks.size());
    for (size_t i = 0; i < blocks.size(); ++i) {
      entries[i].registers = ToWords(blocks[i].start);
      std::memcpy(entries[i].code, CodeWindow(blocks[i]).data(), kCodeBytes);
    }
    const std::vector<UserOutcome> ends = RunUserProcess(
        {program_, "-cpu", kProcessor, absl::StrCat(EMU_GUEST_PROGRAMS, "/user_program.elf")},
        Header(), entries);
    std::vector<BlockOutcome> outcomes;
    outcomes.reserve(blocks.size());
    for (const UserOutcome& end : ends) outcomes.push_back(OutcomeOf(end));
    return outcomes;
  }

 private:
  static BatchHeader Header() {
    BatchHeader header = {};
    header.code = kCode;
    header.data = kData;
    for (uint32_t page = 0; page < kDataPages; ++page) header.kinds[page] = KindInBatch(page);
    std::memcpy(header.initial, InitialData().data(), InitialData().size());
    return header;
  }

  static BlockOutcome OutcomeOf(const UserOutcome& end) {
    BlockOutcome outcome;
    outcome.end = FromWords<Registers>(end.registers);
    outcome.end.fpcr &= kFpcrBits;
    outcome.end.fpsr &= kFpsrBits;
    outcome.ending = EndingOf(end.signal, outcome.end.pc);
    if (outcome.ending == Ending::kOther) outcome.trouble = absl::StrCat("signal ", end.signal);
    outcome.data.assign(end.data.begin(), end.data.begin() + kDataPages * kPage);
    for (uint32_t page = 0; page < kDataPages; ++page) {
      if (IsMissing(page)) std::memset(outcome.data.data() + page * kPage, 0, kPage);
    }
    return outcome;
  }

  // A signal does not tell loads from stores.
  static Ending EndingOf(uint64_t signal, uint64_t pc) {
    switch (signal) {
      case SIGTRAP:
        return Ending::kBreakpoint;
      case SIGILL:
        return Ending::kUndefined;
      case SIGBUS:
        return Ending::kMisaligned;
      case SIGSEGV:
        return pc - kCode < kCodeBytes ? Ending::kRead : Ending::kFetch;
      default:
        return Ending::kOther;
    }
  }

  const std::string program_;
};

}  // namespace

std::unique_ptr<BlockEngine> NewQemuUserEngine(const std::string& program) {
  return std::make_unique<QemuUserEngine>(program);
}

}  // namespace emu::testing
