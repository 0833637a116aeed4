// Random functions, compiled and run, against the interpreter.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "translator/host/random_function.h"
#include "translator/host/shrink_function.h"
#include "translator/host/test_machine.h"
#include "translator/host/x86_64/backend.h"
#include "translator/ir/printer.h"
#include "translator/ir/verifier.h"

namespace emu::translator::x86_64 {
namespace {

constexpr size_t kStubArea = 16384;
constexpr size_t kCodeBytes = 1 << 20;
constexpr uint32_t kInputsPerFunction = 6;
constexpr size_t kOps = static_cast<size_t>(ir::Op::kWait) + 1;

// What no lifter hands to this back end: vectors, and what passes over the IR write.
bool IsLeftOut(ir::Op op) {
  return (op >= ir::Op::kVSplat && op <= ir::Op::kVEq) || op == ir::Op::kTranslate ||
         op == ir::Op::kHostLoad || op == ir::Op::kHostStore || op == ir::Op::kBr;
}

uint64_t NumberFrom(const char* variable, uint64_t otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 0);
}

// Where the process dies, this line tells which function to take alone.
volatile std::sig_atomic_t current_function = 0;
void TellFunction(int signal) {
  std::array<char, 64> line;
  const int size = std::snprintf(line.data(), line.size(), "died in function %ld\n",
                                 static_cast<long>(current_function));
  if (write(STDOUT_FILENO, line.data(), static_cast<size_t>(size)) < 0) _exit(1);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// The parameter is EMU_MASK_CPU.
class BlockCompilerTest : public testing::TestWithParam<const char*> {
 protected:
  BlockCompilerTest() {
    setenv("EMU_MASK_CPU", GetParam(), /*replace=*/1);
    void* const memory = mmap(nullptr, kCodeBytes, PROT_READ | PROT_WRITE | PROT_EXEC,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT_NE(memory, MAP_FAILED);
    memory_ = static_cast<std::byte*>(memory);
    host_ = CreateBackend(TestMachine::helpers(), MemoryAccess::kGroups);
    const std::span<const std::byte> stubs = host_->CompileStubs(memory_);
    EXPECT_LE(stubs.size(), kStubArea);
    std::memcpy(memory_, stubs.data(), stubs.size());
  }
  ~BlockCompilerTest() override {
    munmap(memory_, kCodeBytes);
    unsetenv("EMU_MASK_CPU");
  }

  // Empty if the compiled function does what the interpreter does.
  std::string Check(const ir::Function& function, Random& random) {
    std::byte* const address = memory_ + kStubArea;
    const std::optional<HostCode> code =
        host_->Compile({.function = function, .address = address, .crosses_page = false});
    if (!code.has_value()) return "not compiled";
    std::memcpy(address, code->bytes.data(), code->bytes.size());
    for (uint32_t run = 0; run < kInputsPerFunction; ++run) {
      const TestInput input = RandomInput(random);
      const TestEnding expected = machine_->Interpret(function, input);
      ++endings_[static_cast<size_t>(expected.outcome.kind)];
      const TestEnding actual = machine_->Run(*host_, address, *code, input);
      std::string difference = Difference(expected, actual);
      if (!difference.empty()) return difference;
    }
    return "";
  }

  // The same in a process of its own, for a function that may crash the compiler or itself.
  bool FailsApart(const ir::Function& function, const Random& random) {
    const pid_t child = fork();
    if (child == 0) {
      if (std::freopen("/dev/null", "w", stderr) == nullptr || close(STDOUT_FILENO) != 0) _exit(1);
      Random inputs = random;
      alarm(5);
      bool fails = false;
      for (uint32_t round = 0; round < 8 && !fails; ++round) {
        fails = !Check(function, inputs).empty();
      }
      _exit(fails ? 1 : 0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return status != 0;
  }

  std::string Shrunk(const ir::Function& function, const Random& random) {
    const auto fails = [&](const ir::Function& smaller) {
      return SeesNoNan(smaller) && FailsApart(smaller, random);
    };
    return ir::Print(fails(function) ? Shrink(function, fails) : function);
  }

  std::array<uint64_t, 4> endings_ = {};  // by ir::Outcome::Kind
  std::byte* memory_;
  std::unique_ptr<HostBackend> host_;
  const std::unique_ptr<TestMachine> machine_ = std::make_unique<TestMachine>();
};

// EMU_TEST_LONG=1 takes a million; EMU_TEST_SEED others; EMU_TEST_FUNCTION the one of that
// number, in a process of its own, for those that crash.
TEST_P(BlockCompilerTest, RandomFunctionsDoWhatTheInterpreterDoes) {
  const uint64_t seed = NumberFrom("EMU_TEST_SEED", 1);
  const uint64_t only = NumberFrom("EMU_TEST_FUNCTION", UINT64_MAX);
  const uint64_t count = NumberFrom("EMU_TEST_LONG", 0) != 0 ? 1'000'000 : 10'000;
  std::printf("seed %llu, %llu functions\n", static_cast<unsigned long long>(seed),
              static_cast<unsigned long long>(count));
  for (const int signal : {SIGABRT, SIGSEGV, SIGILL, SIGFPE}) std::signal(signal, TellFunction);
  std::array<uint64_t, kOps> compiled = {};
  for (uint64_t number = 0; number < count; ++number) {
    if (only != UINT64_MAX) number = only;
    Random random(seed * 0x9e37'79b9'7f4a'7c15 + number);
    const ir::Function function = WriteRandomFunction(random);
    ASSERT_EQ(ir::Verify(function, kTestStateBytes), "") << ir::Print(function);
    for (const ir::Inst& inst : function.insts) ++compiled[static_cast<size_t>(inst.op)];
    const Random inputs = random;
    if (only != UINT64_MAX) {
      ASSERT_FALSE(FailsApart(function, inputs)) << Shrunk(function, inputs);
      return;
    }
    current_function = static_cast<std::sig_atomic_t>(number);
    const std::string difference = Check(function, random);
    ASSERT_EQ(difference, "") << "function " << number << ", seed " << seed << "; smaller:\n"
                              << Shrunk(function, inputs);
  }
  for (size_t op = 0; op < kOps; ++op) {
    if (IsLeftOut(ir::Op(op))) continue;
    EXPECT_GT(compiled[op], 0u) << ir::InfoOf(ir::Op(op)).text;
  }
  for (const uint64_t endings : endings_) EXPECT_GT(endings, count / 10);
}

INSTANTIATE_TEST_SUITE_P(Features, BlockCompilerTest, testing::Values("", "baseline"),
                         [](const auto& info) {
                           return std::string(info.param).empty() ? "OfTheHost" : "Baseline";
                         });

}  // namespace
}  // namespace emu::translator::x86_64
