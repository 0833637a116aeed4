// Floating point against exact arithmetic (float_vectors.py), each instruction in each rounding
// mode, given by the instruction and by frm.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/guest/program_runner.h"

namespace emu::testing {
namespace {

struct Vector {
  uint64_t a, b, c;
  uint64_t result, flags;
};
// By kernel ("fadd_s") and rounding mode.
using Vectors = std::map<std::pair<std::string, int>, std::vector<Vector>>;

const Vectors& AllVectors() {
  static const Vectors kVectors = [] {
    Vectors read;
    std::ifstream file(absl::StrCat(EMU_GUEST_PROGRAMS, "/float_vectors.txt"));
    std::string line;
    while (std::getline(file, line)) {
      std::istringstream fields(line);
      std::string kernel;
      int mode = 0;
      Vector vector = {};
      fields >> kernel >> mode >> std::hex >> vector.a >> vector.b >> vector.c >> vector.result >>
          vector.flags;
      read[{kernel, mode}].push_back(vector);
    }
    return read;
  }();
  return kVectors;
}

class FloatTest : public ::testing::TestWithParam<translator::TierPolicy> {};

TEST_P(FloatTest, EveryResultAndFlagIsExact) {
  constexpr GuestPhysAddr kRecords(0x8100'0000);
  const ProgramImage image =
      ProgramImage::Load(absl::StrCat(EMU_GUEST_PROGRAMS, "/float_kernels.elf"));
  ProgramRunner runner(image, {.tier = GetParam()});
  GuestMemory& memory = runner.memory();
  const auto write = [&memory](GuestPhysAddr address, const auto& words) {
    ASSERT_TRUE(memory.Write(address, std::as_bytes(std::span(words))));
  };

  struct Job {
    std::string name;
    GuestPhysAddr out;
    const std::vector<Vector>* vectors;
  };
  std::vector<Job> jobs;
  GuestPhysAddr next = kRecords;
  GuestPhysAddr work = runner.AddressOf("work");
  for (GuestPhysAddr row = runner.AddressOf("kernels"); runner.Read64(row) != 0; row = row + 16) {
    // "fadd_s d3"
    const std::string name = runner.ReadText(GuestPhysAddr(runner.Read64(row)));
    const size_t space = name.find(' ');
    const auto found = AllVectors().find({name.substr(0, space), name.at(space + 2) - '0'});
    ASSERT_NE(found, AllVectors().end()) << name;
    const std::vector<Vector>& vectors = found->second;
    const GuestPhysAddr in = next;
    for (const Vector& vector : vectors) {
      write(next, std::array{vector.a, vector.b, vector.c});
      next = next + 24;
    }
    write(work, std::array{runner.Read64(row + 8), in.value, next.value, vectors.size()});
    work = work + 32;
    jobs.push_back({name, next, &vectors});
    next = next + 16 * vectors.size();
  }
  ASSERT_GT(jobs.size(), 300u);
  ASSERT_EQ(runner.Run(), 0u);

  int failures = 0;
  for (const Job& job : jobs) {
    for (size_t i = 0; i < job.vectors->size() && failures < 50; ++i) {
      const Vector& vector = (*job.vectors)[i];
      const uint64_t result = runner.Read64(job.out + 16 * i);
      const uint64_t flags = runner.Read64(job.out + 16 * i + 8);
      if (result == vector.result && flags == vector.flags) continue;
      ++failures;
      ADD_FAILURE() << absl::StrFormat("%s %x %x %x: is %x, flags %x; should be %x, flags %x",
                                       job.name, vector.a, vector.b, vector.c, result, flags,
                                       vector.result, vector.flags);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Riscv64, FloatTest, ::testing::ValuesIn(kTiers),
                         [](const auto& info) { return NameOf(info.param); });

}  // namespace
}  // namespace emu::testing
