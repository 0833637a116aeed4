// Random functions, compiled and run, against the interpreter.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <string>

#include "translator/host/random_function.h"
#include "translator/host/shrink_function.h"
#include "translator/host/test_machine.h"
#include "translator/host/x86_64/backend.h"
#include "translator/ir/attributes.h"
#include "translator/ir/builder.h"
#include "translator/ir/parser.h"
#include "translator/ir/printer.h"
#include "translator/ir/vector_rules.h"
#include "translator/ir/verifier.h"

namespace emu::translator::x86_64 {
namespace {

constexpr size_t kStubArea = 16384;
constexpr size_t kCodeBytes = 1 << 20;
constexpr uint32_t kInputsPerFunction = 6;
constexpr size_t kOps = static_cast<size_t>(ir::Op::kWait) + 1;

// What no lifter hands to this back end: what passes over the IR write.
bool IsLeftOut(ir::Op op) {
  return op == ir::Op::kTranslate || op == ir::Op::kHostLoad || op == ir::Op::kHostStore ||
         op == ir::Op::kBr;
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

  std::optional<HostCode> Compile(const ir::Function& function) {
    std::byte* const address = memory_ + kStubArea;
    const std::optional<HostCode> code =
        host_->Compile({.function = function, .address = address, .crosses_page = false});
    if (code.has_value()) std::memcpy(address, code->bytes.data(), code->bytes.size());
    return code;
  }

  // Empty if the compiled function does what the interpreter does.
  std::string Check(const ir::Function& function, Random& random) {
    const std::optional<HostCode> code = Compile(function);
    if (!code.has_value()) return "not compiled";
    for (uint32_t run = 0; run < kInputsPerFunction; ++run) {
      const TestInput input = RandomInput(random);
      const TestEnding expected = machine_->Interpret(function, input);
      ++endings_[static_cast<size_t>(expected.outcome.kind)];
      const TestEnding actual = machine_->Run(*host_, function, memory_ + kStubArea, *code, input);
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
      return SeesNoNan(smaller) && CountsItsRounds(smaller) && FailsApart(smaller, random);
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

// As many rounds as the code likes, in registers all the time: nothing else would come back from
// it.
TEST_P(BlockCompilerTest, ALoopGoesOnUntilSomebodyWantsItToLeave) {
  std::string error;
  const auto function = ir::Parse(R"(function 1
b0:
  insn 0x40, 4
  v0 = get.i64 #0
  v1 = get.i64 #8
  v2 = get.f64 #192
  v3 = get.f64 #200
  v4 = const.i64 0x1
  v5 = sub.i64 v0, v4
  set v5, #0
  set v3, #192
  set v2, #200
  v9 = get.v128 #512
  v10 = vextract.f32 v9 !0x6
  v11 = fadd.f32 v10, v10 !0x5
  v12 = vscalar.v128 v11 !0x6
  set v12, #512
  v13 = get.v128 #528
  v14 = vextract.f64 v13 !0x7
  v15 = fadd.f64 v14, v14 !0x5
  v16 = vscalar.v128 v15 !0x7
  set v16, #528
  set v9, #544
  set v13, #560
  v6 = add.i64 v1, v5
  set v6, #8
  v7 = const.i64 0x0
  v8 = ne.i1 v5, v7
  brcond v8, b1, b2
b1:
  goto #64
b2:
  goto #128
)",
                                  &error);
  ASSERT_TRUE(function.has_value()) << error;
  ASSERT_EQ(ir::Verify(*function, kTestStateBytes), "");
  const std::optional<HostCode> code = Compile(*function);
  ASSERT_TRUE(code.has_value());
  Random random(1);
  TestInput input = RandomInput(random);
  const uint64_t words[] = {1001, 5};
  std::memcpy(input.state.data(), words, sizeof words);
  for (const bool leaves : {false, true}) {
    input.exit_requested = leaves;
    const TestEnding ending = machine_->Run(*host_, *function, memory_ + kStubArea, *code, input);
    EXPECT_EQ(ending.outcome.pc, TestMachine::kCodePage + (leaves ? 0x40 : 0x80));
    EXPECT_EQ(Difference(machine_->Interpret(*function, input), ending), "");
  }
  EXPECT_LT(code->bytes.size(), 400u);
}

// Which NaN comes out, what is tiny and which zero is the lesser, for all pairs or triples.
TEST_P(BlockCompilerTest, SpecialFloatsMeetEachOther) {
  constexpr uint64_t kDoubles[] = {
      0,
      0x8000'0000'0000'0000,
      0x3ff0'0000'0000'0000,  // 1
      0xbff0'0000'0000'0000,
      0x3fef'ffff'fe00'0000,  // 1 - 2^-28, for the next
      0x0010'0000'0100'0000,  // the least normal number times 1 + 2^-28
      0x0010'0000'0000'0000,
      0x7ff0'0000'0000'0000,  // infinity
      0xfff8'0000'0000'000a,  // quiet NaNs
      0x7ff8'0000'0000'000b,
      0xfff0'0000'0000'000a,  // signalling NaNs
      0x7ff4'0000'0000'000b,
  };
  constexpr uint64_t kSingles[] = {
      0,           0x8000'0000, 0x3f80'0000, 0xbf80'0000,
      0x3f7f'f000,  // 1 - 2^-12
      0x0080'0800,  // the least normal number times 1 + 2^-12 (to be rounded up)
      0x0080'0000, 0x7f80'0000, 0xffc0'000a, 0x7fc0'000b, 0xff80'000a, 0x7fa0'000b,
  };
  constexpr ir::Op kOps[] = {ir::Op::kFAdd,     ir::Op::kFMul,      ir::Op::kFDiv,
                             ir::Op::kFSqrt,    ir::Op::kFMulAdd,   ir::Op::kFMin,
                             ir::Op::kFMax,     ir::Op::kFMinNum,   ir::Op::kFMaxNum,
                             ir::Op::kFMinimum, ir::Op::kFMaximum,  ir::Op::kFRoundExact,
                             ir::Op::kVFAdd,    ir::Op::kVFMul,     ir::Op::kVFDiv,
                             ir::Op::kVFSqrt,   ir::Op::kVFMulAdd,  ir::Op::kVFMin,
                             ir::Op::kVFMaxNum, ir::Op::kVFMinimum, ir::Op::kVFMaximum};
  Random random(1);
  TestInput input = RandomInput(random);
  input.rounding = ir::Rounding::kNearestEven;
  const auto check_all = [&](ir::Op op, ir::Type type, std::span<const uint64_t> values) {
    constexpr uint8_t kRules = ir::kPropagateNan | ir::kTinyBeforeRounding;
    const ir::VectorRule* const rule = ir::VectorRuleOf(op);
    const bool rounds = rule != nullptr ? rule->imm == ir::VectorImm::kFloat
                                        : ir::AttrKindOf(op) == ir::AttrKind::kRounding;
    const uint8_t attr =
        rounds ? static_cast<uint8_t>(ir::Rounding::kDynamic) | kRules : ir::kPropagateNan;
    const uint32_t operands = ir::InfoOf(op).operand_count;
    ir::Function function;
    ir::Builder builder(function);
    builder.StartBlock(builder.NewBlock());
    builder.Insn(0, 4);
    const auto slot = [&](uint16_t number) {
      return ir::Slot{static_cast<uint16_t>(192 + 8 * number), type};
    };
    // In a vector, the value is in the lane below the highest, which holds the operand before it.
    const auto get = [&](uint16_t number) {
      const ir::Value value = builder.Get(slot(number));
      if (rule == nullptr) return value;
      const ir::Value others = builder.Get(slot(number == 0 ? 0 : number - 1));
      const ir::Value vector = builder.Vector(ir::Op::kVSplat, type, others);
      return builder.Insert(type, vector, 128 / ir::BitsOf(type) - 2, value);
    };
    const ir::Value a = get(0);
    const ir::Value b = operands > 1 ? get(1) : ir::Value();
    const ir::Value c = operands > 2 ? get(2) : ir::Value();
    if (rule != nullptr) {
      builder.Set({512, ir::Type::kV128}, builder.Vector(op, type, a, b, c, attr));
    } else {
      builder.Set(slot(3), operands == 1   ? builder.Unary(op, a, attr)
                           : operands == 2 ? builder.Binary(op, a, b, attr)
                                           : builder.Ternary(op, a, b, c, attr));
    }
    builder.GotoGuest(4);
    const std::optional<HostCode> code = Compile(function);
    ASSERT_TRUE(code.has_value());
    const size_t combinations = operands == 3 ? values.size() : 1;
    for (const uint64_t x : values) {
      for (const uint64_t y : values) {
        for (size_t third = 0; third < combinations; ++third) {
          const uint64_t all[] = {x, y, values[third]};
          std::memcpy(&input.state[192], all, sizeof all);
          const std::string difference =
              Difference(machine_->Interpret(function, input),
                         machine_->Run(*host_, function, memory_ + kStubArea, *code, input));
          ASSERT_EQ(difference, "")
              << ir::InfoOf(op).text << std::hex << ' ' << x << ' ' << y << ' ' << values[third];
        }
      }
    }
  };
  for (const ir::Op op : kOps) {
    check_all(op, ir::Type::kF64, kDoubles);
    check_all(op, ir::Type::kF32, kSingles);
  }
}

// Ties, what is next to them, zeros, limits of integers, NaNs; in all modes.
TEST_P(BlockCompilerTest, SpecialFloatsAreRounded) {
  const double doubles[] = {0.0,
                            0.25,
                            0.5,
                            std::nextafter(0.5, 0),
                            0.75,
                            1.5,
                            2.5,
                            0x1p-1060,
                            0x1p52 - .5,
                            0x1p51 + .5,
                            0x1p53 + 2,
                            2147483647.5,
                            2147483648.,
                            4294967295.5,
                            0x1p63,
                            0x1p64,
                            3e300,
                            std::numeric_limits<double>::infinity(),
                            std::numeric_limits<double>::quiet_NaN()};
  constexpr ir::Slot kFrom = {192, ir::Type::kF64};
  struct Case {
    ir::Op op;
    ir::Type type;
  };
  constexpr Case kCases[] = {
      {ir::Op::kFRound, ir::Type::kF64},      {ir::Op::kFRound, ir::Type::kF32},
      {ir::Op::kFRoundExact, ir::Type::kF64}, {ir::Op::kFToS, ir::Type::kI64},
      {ir::Op::kFToS, ir::Type::kI32},        {ir::Op::kFToU, ir::Type::kI64},
      {ir::Op::kFToU, ir::Type::kI32},        {ir::Op::kVFRound, ir::Type::kF64},
      {ir::Op::kVFRound, ir::Type::kF32},     {ir::Op::kVFToS, ir::Type::kF64},
      {ir::Op::kVFToS, ir::Type::kF32},       {ir::Op::kVFToU, ir::Type::kF32}};
  Random random(1);
  TestInput input = RandomInput(random);
  for (uint32_t mode = 0; mode < 6; ++mode) {
    for (const auto& [op, type] : kCases) {
      ir::Function function;
      ir::Builder builder(function);
      builder.StartBlock(builder.NewBlock());
      builder.Insn(0, 4);
      ir::Value value = builder.Get(kFrom);
      if (type == ir::Type::kF32) {
        value = builder.Convert(ir::Op::kFConvert, type, value, 5);
      }
      const bool to_integer = op == ir::Op::kFToS || op == ir::Op::kFToU || op == ir::Op::kVFToS ||
                              op == ir::Op::kVFToU;
      const auto attr =
          static_cast<uint8_t>(mode | (to_integer ? ir::kNanIsZero : ir::kPropagateNan));
      if (ir::VectorRuleOf(op) != nullptr) {
        const ir::Value lanes = builder.Vector(ir::Op::kVSplat, type, value);
        builder.Set({512, ir::Type::kV128}, builder.Vector(op, type, lanes, {}, {}, attr));
      } else {
        builder.Set({256, type}, builder.Convert(op, type, value, attr));
      }
      builder.GotoGuest(4);
      const std::optional<HostCode> code = Compile(function);
      ASSERT_TRUE(code.has_value());
      for (const double magnitude : doubles) {
        for (const double number : {magnitude, -magnitude}) {
          std::memcpy(&input.state[kFrom.offset], &number, sizeof number);
          input.rounding = ir::Rounding(random() % 4);
          const std::string difference =
              Difference(machine_->Interpret(function, input),
                         machine_->Run(*host_, function, memory_ + kStubArea, *code, input));
          ASSERT_EQ(difference, "") << ir::InfoOf(op).text << " of " << number << " mode " << mode;
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Features, BlockCompilerTest, testing::Values("", "baseline"),
                         [](const auto& info) {
                           return std::string(info.param).empty() ? "OfTheHost" : "Baseline";
                         });

}  // namespace
}  // namespace emu::translator::x86_64
