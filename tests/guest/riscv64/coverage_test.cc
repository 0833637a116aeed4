// No encoding without a test: every row of the table is in the assembled instruction tests.
#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "absl/strings/str_format.h"
#include "tests/guest/program_runner.h"
#include "tests/guest/riscv64/instruction_programs.h"
#include "translator/guest/riscv64/decoder.h"

namespace emu::testing {
namespace {

using translator::riscv64::Decode;
using translator::riscv64::Encoding;
using translator::riscv64::Encodings;
using translator::riscv64::LengthOf;

TEST(EncodingCoverage, EveryRowIsExecutedByAnInstructionTest) {
  std::set<const Encoding*> seen;
  for (const char* name : kInstructionPrograms) {
    const ProgramImage image =
        ProgramImage::Load(absl::StrFormat("%s/%s.elf", EMU_GUEST_PROGRAMS, name));
    ASSERT_FALSE(image.text.empty());
    for (size_t at = 0; at + 2 <= image.text.size();) {
      uint32_t code = 0;
      std::memcpy(&code, image.text.data() + at, std::min<size_t>(4, image.text.size() - at));
      if (const Encoding* encoding = Decode(code); encoding != nullptr) seen.insert(encoding);
      at += LengthOf(code);
    }
  }
  for (const Encoding& encoding : Encodings()) {
    EXPECT_TRUE(seen.contains(&encoding)) << encoding.mnemonic << " has no test";
  }
}

}  // namespace
}  // namespace emu::testing
