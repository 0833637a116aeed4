#include "translator/runtime/block_trace.h"

#include <gtest/gtest.h>

#include <array>

namespace emu::translator {
namespace {

TEST(BlockTraceTest, AnUnknownStageIsNamedInTheError) {
  const absl::StatusOr<BlockTrace> trace =
      BlockTrace::Create("guest,foo", *FindGuestIsa("riscv64"));
  EXPECT_EQ(trace.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(trace.status().message().find("foo"), std::string::npos);
}

TEST(BlockTraceTest, PrintsTheStagesAskedForAndNoOther) {
  const GuestIsa& isa = *FindGuestIsa("riscv64");
  constexpr std::array kReturn = {std::byte{0x82}, std::byte{0x80}};  // c.jr ra
  ir::Function function;
  ir::Builder builder(function);
  ASSERT_TRUE(isa.Translate(
      {.code = kReturn, .page_offset = 0, .mode = 0, .max_instructions = 1, .crosses_page = false},
      builder));
  const auto printed = [&](std::string_view stages) {
    ::testing::internal::CaptureStderr();
    BlockTrace::Create(stages, isa)->Lifted(GuestPhysAddr(0x8000'0000), kReturn, function);
    return ::testing::internal::GetCapturedStderr();
  };
  EXPECT_EQ(printed(""), "");
  EXPECT_NE(printed("guest").find("80000000: c.jr"), std::string::npos);
  EXPECT_EQ(printed("guest").find("goto_ind"), std::string::npos);
  EXPECT_NE(printed("ir").find("goto_ind"), std::string::npos);
}

}  // namespace
}  // namespace emu::translator
