// qemu-riscv64 as an oracle.
#include <algorithm>
#include <csignal>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "tests/guest/riscv64/random/engine.h"
#include "tests/guest/user_mode/user_process.h"
#include "translator/guest/riscv64/compressed.h"

namespace emu::testing {
namespace {

static_assert(kBatchPageBytes == kPage && kBatchDataPages == kDataPages);
static_assert(kBatchPageBytes * kBatchCodePages == kCodeBytes);

constexpr Setting kSetting = Setting::kUserPlain;
// With what ours has and that one has not by default.
constexpr char kProcessor[] =
    "rv64,zfa=true,zicond=true,zcb=true,zbkb=true,zbkc=true,zbkx=true,zknd=true,zkne=true,zknh="
    "true,"
    "zksed=true,zksh=true,zfh=true";

uint8_t KindInBatch(uint32_t page) {
  switch (KindOf(kSetting, page)) {
    case PageKind::kWritable:
      return kBatchWritable;
    case PageKind::kReadOnly:
      return kBatchReadOnly;
    case PageKind::kUntouched:
    case PageKind::kClean:
    case PageKind::kExecuteOnly:
    case PageKind::kForeign:
    case PageKind::kNoRam:
    case PageKind::kUnmapped:
      return kBatchUnmapped;
  }
  return kBatchUnmapped;
}

class QemuUserEngine final : public BlockEngine {
 public:
  explicit QemuUserEngine(const std::string& program) : program_(program) {}

  std::string name() const override { return "qemu-user"; }

  std::vector<BlockOutcome> Run(const std::vector<RandomBlock>& blocks) override {
    std::vector<BatchBlock> entries(blocks.size());
    for (size_t i = 0; i < blocks.size(); ++i) {
      entries[i].registers = ToWords(blocks[i].start);
      std::memcpy(entries[i].code, blocks[i].code.data(), sizeof(entries[i].code));
    }
    // One instruction a translation block, because QEMU takes fround for free of side effects: it
    // leaves out one whose result the block overwrites, and its flags with it.
    const std::vector<UserOutcome> ends =
        RunUserProcess({program_, "-one-insn-per-tb", "-cpu", kProcessor,
                        absl::StrCat(EMU_GUEST_PROGRAMS, "/user_program.elf")},
                       Header(), entries);
    std::vector<BlockOutcome> outcomes;
    outcomes.reserve(blocks.size());
    for (size_t i = 0; i < blocks.size(); ++i) outcomes.push_back(OutcomeOf(ends[i], blocks[i]));
    return outcomes;
  }

 private:
  static BatchHeader Header() {
    BatchHeader header = {};
    header.code = CodeBase(kSetting);
    header.data = DataBase(kSetting);
    for (uint32_t page = 0; page < kDataPages; ++page) header.kinds[page] = KindInBatch(page);
    std::memcpy(header.initial, InitialData().data(), sizeof(header.initial));
    return header;
  }

  static BlockOutcome OutcomeOf(const UserOutcome& end, const RandomBlock& block) {
    BlockOutcome outcome;
    outcome.end = FromWords<Registers>(end.registers);
    outcome.cause = CauseOf(end.signal, block, outcome.end);
    if (outcome.cause == 0) outcome.trouble = absl::StrCat("signal ", end.signal);
    outcome.data = end.data;
    return outcome;
  }

  // A signal does not tell loads from stores: the instruction does.
  static uint64_t CauseOf(uint64_t signal, const RandomBlock& block, const Registers& end) {
    if (signal == SIGILL) return 2;
    if (signal == SIGTRAP) return 3;
    const uint64_t offset = end.x[0] - CodeBase(kSetting);
    if (offset >= kCodeBytes) return 12;
    uint32_t code = 0;
    std::memcpy(&code, block.code.data() + offset, std::min<uint64_t>(4, kCodeBytes - offset));
    if ((code & 3) != 3) code = translator::riscv64::ExpandCompressed(code);
    const uint32_t opcode = code & 0x7f;
    constexpr uint32_t kLoadReserved = 2;
    const bool is_load =
        opcode == 0x03 || opcode == 0x07 || (opcode == 0x2f && code >> 27 == kLoadReserved);
    if (signal == SIGSEGV) return is_load ? 13 : 15;
    return signal == SIGBUS ? (is_load ? 4 : 6) : 0;
  }

  const std::string program_;
};

}  // namespace

std::unique_ptr<BlockEngine> NewQemuUserEngine(const std::string& program) {
  return std::make_unique<QemuUserEngine>(program);
}

}  // namespace emu::testing
