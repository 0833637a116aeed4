// qemu-riscv64, a user-mode emulator, as an oracle: user_program.c runs a batch of blocks in it.
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "tests/guest/riscv64/random/engine.h"
#include "tests/guest/riscv64/random/user_batch.h"
#include "translator/guest/riscv64/compressed.h"
#include "vmm/base/unique_fd.h"

namespace emu::testing {
namespace {

static_assert(kBatchPageBytes == kPage && kBatchDataPages == kDataPages);
static_assert(kBatchPageBytes * kBatchCodePages == kCodeBytes);
static_assert(sizeof(BatchRegisters) == sizeof(Registers));

constexpr Setting kSetting = Setting::kUserPlain;
// With what ours has and that one has not by default.
constexpr char kProcessor[] =
    "rv64,zfa=true,zicond=true,zcb=true,zbkb=true,zbkc=true,zbkx=true,zknd=true,zkne=true,zknh="
    "true,"
    "zksed=true,zksh=true,zfh=true";

void Require(bool held, const char* what) {
  if (held) return;
  std::fprintf(stderr, "qemu-user: %s\n", what);
  std::abort();
}

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
    const UniqueFd input(memfd_create("blocks", MFD_CLOEXEC));
    const UniqueFd output(memfd_create("outcomes", MFD_CLOEXEC));
    WriteInput(input.get(), blocks);
    RunProgram(input.get(), output.get());
    lseek(output.get(), 0, SEEK_SET);
    std::vector<BlockOutcome> outcomes;
    outcomes.reserve(blocks.size());
    for (const RandomBlock& block : blocks) outcomes.push_back(ReadOutcome(output.get(), block));
    return outcomes;
  }

 private:
  static void WriteInput(int file, const std::vector<RandomBlock>& blocks) {
    BatchHeader header = {};
    header.code = CodeBase(kSetting);
    header.data = DataBase(kSetting);
    for (uint32_t page = 0; page < kDataPages; ++page) header.kinds[page] = KindInBatch(page);
    std::memcpy(header.initial, InitialData().data(), sizeof(header.initial));
    Write(file, &header, sizeof(header));
    for (const RandomBlock& block : blocks) {
      Require(block.setting == kSetting, "runs processes only");
      BatchBlock entry = {};
      std::memcpy(&entry.registers, &block.start, sizeof(entry.registers));
      std::memcpy(entry.code, block.code.data(), sizeof(entry.code));
      Write(file, &entry, sizeof(entry));
    }
    lseek(file, 0, SEEK_SET);
  }
  static void Write(int file, const void* from, size_t bytes) {
    Require(write(file, from, bytes) == static_cast<ssize_t>(bytes), "no room for the blocks");
  }
  static void Read(int file, void* into, size_t bytes) {
    Require(read(file, into, bytes) == static_cast<ssize_t>(bytes), "fewer outcomes than blocks");
  }

  void RunProgram(int input, int output) const {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    // One instruction a translation block, because QEMU takes fround for free of side effects: it
    // leaves out one whose result the block overwrites, and its flags with it.
    std::string arguments[] = {program_, "-one-insn-per-tb", "-cpu", kProcessor,
                               absl::StrCat(EMU_GUEST_PROGRAMS, "/user_program.elf")};
    char* argv[] = {arguments[0].data(), arguments[1].data(), arguments[2].data(),
                    arguments[3].data(), arguments[4].data(), nullptr};
    pid_t child = 0;
    Require(posix_spawn(&child, program_.c_str(), &actions, nullptr, argv, environ) == 0,
            "does not start");
    posix_spawn_file_actions_destroy(&actions);
    int status = 0;
    Require(waitpid(child, &status, 0) == child && status == 0, "the process failed");
  }

  static BlockOutcome ReadOutcome(int file, const RandomBlock& block) {
    BatchOutcome entry;
    Read(file, &entry, sizeof(entry));
    BlockOutcome outcome;
    outcome.end = {std::to_array(entry.registers.x), std::to_array(entry.registers.f),
                   entry.registers.fcsr};
    outcome.cause = CauseOf(entry.signal, block, outcome.end);
    if (outcome.cause == 0) outcome.trouble = absl::StrCat("signal ", entry.signal);
    outcome.data = InitialData();
    for (uint32_t page = 0; page < kDataPages; ++page) {
      if (KindInBatch(page) != kBatchWritable) continue;
      Read(file, outcome.data.data() + page * kPage, kPage);
    }
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
