// Floating point against exact arithmetic: special values and their neighbours, under every
// rounding mode, FZ, DN, AHP and FZ16, results and FPSR.
//
//   EMU_SEED         chooses operands
//   EMU_GRID_TUPLES  how many an instruction, at most
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/guest/aarch64/floats/operations.h"
#include "tests/guest/interesting_values.h"
#include "tests/guest/program_runner.h"
#include "tests/guest/test_size.h"

namespace emu::testing {
namespace {

uint64_t MaskOf(uint32_t bits) { return ~uint64_t{0} >> (64 - bits); }

// Special values of one kind with both signs, each with what lies beside it.
class Grid {
 public:
  static std::vector<uint64_t> OfIntegers(uint32_t bits) {
    Grid grid(bits);
    for (const uint64_t value : InterestingValues::kIntegers) grid.AddNeighbours(value);
    for (uint32_t power = 8; power < 64; ++power) grid.AddNeighbours(uint64_t{1} << power);
    return grid.Values();
  }
  static std::vector<uint64_t> OfFloats(const FloatFormat& format) {
    Grid grid(format.bits);
    const auto add = [&](uint64_t value) {
      grid.AddNeighbours(value);
      grid.AddNeighbours(value ^ format.sign());
    };
    const auto add_all = [&](const auto& values) {
      for (const uint64_t value : values) add(value);
    };
    if (format.bits == 16) add_all(InterestingValues::kHalves);
    if (format.bits == 32) add_all(InterestingValues::kSingles);
    if (format.bits == 64) add_all(InterestingValues::kDoubles);
    const auto add_about = [&](const Exact& value, int unit) {
      for (const int quarters : {-4, -3, -2, -1, 0, 1, 2, 3, 4}) {
        const Exact sum =
            Sum(value, {quarters < 0, static_cast<Wide>(std::abs(quarters)), unit - 2, false});
        const RoundedFloat rounded = RoundedTo(format, Rounding::kNearestEven, sum);
        if (rounded.bits < format.infinity()) add(rounded.bits);
      }
    };
    // Where integers end, and narrower formats.
    for (const int power : {0, 1, 2, 7, 8, 15, 16, 31, 32, 63, 64}) {
      add_about({false, 1, power, false}, 0);
    }
    for (const FloatFormat& narrow : {kHalf, kSingle}) {
      if (narrow.bits >= format.bits) continue;
      for (const uint64_t edge :
           {uint64_t{1}, narrow.least_normal() - 1, narrow.least_normal(), narrow.infinity() - 1}) {
        const Exact value = ExactFrom(narrow, edge);
        add_about(value, value.exponent);
      }
    }
    return grid.Values();
  }

 private:
  explicit Grid(uint32_t bits) : mask_(MaskOf(bits)) {}
  void AddNeighbours(uint64_t value) {
    for (const uint64_t step : {~uint64_t{0}, uint64_t{0}, uint64_t{1}}) {
      values_.insert((value + step) & mask_);
    }
  }
  std::vector<uint64_t> Values() const { return {values_.begin(), values_.end()}; }

  const uint64_t mask_;
  std::set<uint64_t> values_;
};

// Operands of one kind: from the grid, beside each other, or any.
class OperandSource {
 public:
  OperandSource(uint64_t seed, uint32_t bits, bool is_integer)
      : values_(seed),
        bits_(bits),
        is_integer_(is_integer),
        format_(bits == 16   ? kHalf
                : bits == 32 ? kSingle
                             : kDouble),
        grid_(is_integer ? Grid::OfIntegers(bits) : Grid::OfFloats(format_)) {}

  // All of the grid for one operand, all pairs of it for two, if they are no more than `count`.
  std::vector<Operands> Tuples(uint32_t operands, size_t count) {
    std::vector<Operands> tuples;
    if (operands == 1) {
      for (const uint64_t a : grid_) tuples.push_back({a, 0, 0});
    }
    if (operands == 2 && grid_.size() * grid_.size() <= count) {
      for (const uint64_t a : grid_) {
        for (const uint64_t b : grid_) tuples.push_back({a, b, 0});
      }
    }
    while (tuples.size() < count) tuples.push_back(Tuple());
    return tuples;
  }

 private:
  uint64_t Value() {
    if (!values_.OneIn(3)) return grid_[values_.Below(static_cast<uint32_t>(grid_.size()))];
    if (is_integer_) return values_.Integer() & MaskOf(bits_);
    return bits_ == 16 ? values_.Half() : bits_ == 32 ? values_.Single() : values_.Double();
  }
  // 1 to 2.
  uint64_t NearOne() {
    const auto exponent = static_cast<uint64_t>(format_.bias());
    return (values_.Bits() & format_.fraction()) | exponent << format_.fraction_bits;
  }
  // Some nearly cancel: the second the first, or the third the product of both. Of some the product
  // or the quotient is near where subnormals begin or numbers end, or near what Newton's steps take
  // it from.
  Operands Tuple() {
    Operands tuple = {Value(), Value(), Value()};
    if (values_.OneIn(8)) tuple[1] = (tuple[0] + values_.Below(5) - 2) & MaskOf(bits_);
    ArmFloats floats(0, format_);
    if (values_.OneIn(4)) {
      const uint64_t two = static_cast<uint64_t>(format_.bias() + 1) << format_.fraction_bits;
      const uint64_t three = two | 1ull << (format_.fraction_bits - 1);
      const uint64_t edges[] = {format_.least_normal(), format_.infinity() - 1, two, three};
      const uint64_t edge = values_.Of(edges) + values_.Below(3) - 1;
      tuple[0] = NearOne();
      tuple[1] = NearOne();
      if (values_.OneIn(2)) {
        tuple[1] = floats.Div(edge, tuple[0]);
      } else {
        tuple[0] = floats.Mul(edge, tuple[1]);
      }
    }
    if (values_.OneIn(4)) {
      tuple[2] = floats.Negated(floats.Mul(tuple[0], tuple[1]));
    }
    return tuple;
  }

  InterestingValues values_;
  const uint32_t bits_;
  const bool is_integer_;
  const FloatFormat& format_;
  const std::vector<uint64_t> grid_;
};

constexpr GuestPhysAddr kRecords(0x4100'0000);
constexpr uint64_t kRecordsEnd = 0x43e0'0000;
constexpr uint64_t kRecordBytes = 48, kOutcomeBytes = 24;

struct Kernel {
  Instruction instruction;
  const Operation* operation;
  uint64_t code;
};

// What one call of a kernel is to do: tuples [first, first + count), under one FPCR.
struct Job {
  const Kernel* kernel;
  const std::vector<Operands>* tuples;
  uint32_t fpcr;
  size_t first, count;
  GuestPhysAddr out;
};

// Lane `lane` of record `index`: the tuples behind it, round to the first.
const Operands& TupleAt(const std::vector<Operands>& tuples, size_t index, uint32_t lane) {
  return tuples[(index + lane) % tuples.size()];
}

using Register = std::array<uint64_t, 2>;
void SetLane(Register& value, uint32_t bits, uint32_t lane, uint64_t to) {
  const uint32_t at = lane * bits;
  value[at / 64] |= to << at % 64;
}

std::vector<uint64_t> RecordsOf(const std::vector<Operands>& tuples, uint32_t bits) {
  std::vector<uint64_t> records;
  records.reserve(tuples.size() * kRecordBytes / 8);
  for (size_t index = 0; index < tuples.size(); ++index) {
    for (size_t operand = 0; operand < 3; ++operand) {
      Register value = {};
      for (uint32_t lane = 0; lane < 128 / bits; ++lane) {
        SetLane(value, bits, lane, TupleAt(tuples, index, lane)[operand]);
      }
      records.insert(records.end(), value.begin(), value.end());
    }
  }
  return records;
}

class FloatGridTest : public ::testing::TestWithParam<translator::TierPolicy> {
 protected:
  FloatGridTest()
      : image_(ProgramImage::Load(absl::StrCat(EMU_GUEST_PROGRAMS, "/floats/float_kernels.elf"))),
        seed_(FromEnvironment("EMU_SEED", std::random_device()())) {
    const bool is_compiled = GetParam() == translator::TierPolicy::kCompile;
    most_ = FromEnvironment("EMU_GRID_TUPLES",
                            IsLong() ? (is_compiled ? 60'000 : 4'000) : (is_compiled ? 800 : 100));
    std::printf("seed %lu (EMU_SEED)\n", seed_);
  }

  // The kernels of the program, which any machine with it can read.
  std::vector<Kernel> Kernels() const {
    const ProgramRunner runner(image_, {.arch = "aarch64"});
    std::vector<Kernel> kernels;
    for (GuestPhysAddr row = runner.AddressOf("kernels"); runner.Read64(row) != 0; row = row + 16) {
      Instruction instruction(runner.ReadText(GuestPhysAddr(runner.Read64(row))));
      const Operation* operation = FindOperation(instruction.mnemonic);
      EXPECT_NE(operation, nullptr) << instruction.text;
      kernels.push_back({std::move(instruction), operation, runner.Read64(row + 8)});
    }
    return kernels;
  }

  const std::vector<Operands>& TuplesFor(const Kernel& kernel) {
    const uint32_t bits = kernel.instruction.source_bits, count = kernel.operation->operands;
    const bool is_integer = IsFromInteger(kernel.instruction);
    std::vector<Operands>& tuples = tuples_[{bits, is_integer, count}];
    if (tuples.empty()) tuples = OperandSource(seed_, bits, is_integer).Tuples(count, most_);
    return tuples;
  }

  // Under a rounding mode alone all tuples, else some, each time others.
  std::vector<Job> JobsFor(const Kernel& kernel) {
    constexpr uint32_t kBits[] = {kFpcrFz16, kFpcrFz, kFpcrDn, kFpcrAhp};
    const std::vector<Operands>& tuples = TuplesFor(kernel);
    std::vector<Job> jobs;
    for (uint32_t combination = 0; combination < 64; ++combination) {
      uint32_t fpcr = (combination & 3) << 22;
      for (uint32_t i = 0; i < std::size(kBits); ++i) {
        if ((combination >> (2 + i) & 1) != 0) fpcr |= kBits[i];
      }
      const bool is_plain = combination < 4;
      const size_t count = is_plain ? tuples.size() : tuples.size() / 8;
      const size_t room = tuples.size() - count + 1;
      jobs.push_back({&kernel, &tuples, fpcr, is_plain ? 0 : random_() % room, count, kRecords});
    }
    return jobs;
  }

  // All that fits into one machine's memory, and no more.
  void RunBatch(std::span<const Job> jobs);
  void Check(ProgramRunner& runner, const Job& job);

  const ProgramImage image_;
  const uint64_t seed_;
  std::mt19937_64 random_{seed_};
  size_t most_;
  std::map<std::tuple<uint32_t, bool, uint32_t>, std::vector<Operands>> tuples_;
  int failures_ = 0;
};

void FloatGridTest::RunBatch(std::span<const Job> given) {
  std::vector<Job> jobs(given.begin(), given.end());
  ProgramRunner runner(image_, {.arch = "aarch64", .tier = GetParam()});
  const auto write = [&runner](GuestPhysAddr address, const std::vector<uint64_t>& words) {
    ASSERT_TRUE(runner.memory().Write(address, std::as_bytes(std::span(words))));
  };
  GuestPhysAddr next = kRecords;
  std::map<const void*, GuestPhysAddr> records;
  std::vector<uint64_t> work;
  for (Job& job : jobs) {
    if (!records.contains(job.tuples)) {
      records[job.tuples] = next;
      write(next, RecordsOf(*job.tuples, job.kernel->instruction.source_bits));
      next = next + job.tuples->size() * kRecordBytes;
    }
    job.out = next;
    next = next + job.count * kOutcomeBytes;
    work.insert(work.end(),
                {job.kernel->code, job.fpcr, (records[job.tuples] + job.first * kRecordBytes).value,
                 job.out.value, job.count});
  }
  ASSERT_LE(next.value, kRecordsEnd);
  write(runner.AddressOf("work"), work);
  ASSERT_EQ(runner.Run(), 0u);
  for (const Job& job : jobs) Check(runner, job);
}

void FloatGridTest::Check(ProgramRunner& runner, const Job& job) {
  const Instruction& instruction = job.kernel->instruction;
  std::vector<uint64_t> outcomes(job.count * kOutcomeBytes / 8);
  ASSERT_TRUE(runner.memory().Read(job.out, std::as_writable_bytes(std::span(outcomes))));
  std::vector<LaneOutcome> lanes;
  for (size_t i = 0; i < job.count + instruction.lanes - 1; ++i) {
    lanes.push_back(Expected(*job.kernel->operation, instruction, job.fpcr,
                             TupleAt(*job.tuples, job.first, static_cast<uint32_t>(i))));
  }
  for (size_t i = 0; i < job.count && failures_ < 20; ++i) {
    Register result = {};
    uint64_t fpsr = 0;
    for (uint32_t lane = 0; lane < instruction.lanes; ++lane) {
      SetLane(result, instruction.result_bits, lane, lanes[i + lane].bits);
      fpsr |= lanes[i + lane].fpsr;
    }
    const uint64_t* is = &outcomes[3 * i];
    if (is[0] == result[0] && is[1] == result[1] && is[2] == fpsr) continue;
    ++failures_;
    std::string text = absl::StrFormat(
        "%s, FPCR 0x%08x: is %016x'%016x, FPSR 0x%x; should be "
        "%016x'%016x, FPSR 0x%x; of\n",
        instruction.text, job.fpcr, is[1], is[0], is[2], result[1], result[0], fpsr);
    for (uint32_t lane = 0; lane < instruction.lanes; ++lane) {
      const Operands& of = TupleAt(*job.tuples, job.first + i, lane);
      absl::StrAppendFormat(&text, "  0x%x, 0x%x, 0x%x\n", of[0], of[1], of[2]);
    }
    ADD_FAILURE() << text;
    return;  // the next job has others
  }
}

TEST_P(FloatGridTest, ResultsAndFlagsAreExact) {
  const std::vector<Kernel> kernels = Kernels();
  ASSERT_GT(kernels.size(), 450u);
  std::vector<Job> batch;
  uint64_t bytes = 0;
  for (const Kernel& kernel : kernels) {
    const std::vector<Job> jobs = JobsFor(kernel);
    uint64_t more = jobs.front().tuples->size() * kRecordBytes;
    for (const Job& job : jobs) more += job.count * kOutcomeBytes;
    if (!batch.empty() && bytes + more > kRecordsEnd - kRecords.value) {
      RunBatch(batch);
      batch.clear();
      bytes = 0;
    }
    batch.insert(batch.end(), jobs.begin(), jobs.end());
    bytes += more;
  }
  RunBatch(batch);
}

INSTANTIATE_TEST_SUITE_P(Aarch64, FloatGridTest, ::testing::ValuesIn(kTiers),
                         [](const auto& info) { return NameOf(info.param); });

}  // namespace
}  // namespace emu::testing
