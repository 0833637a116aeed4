#include "translator/runtime/block_trace.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace emu::translator {
namespace {

constexpr GuestPhysAddr kStart(0x8000'0000);
constexpr uint64_t kPc = 0xffff'ffff'8000'0000;

// What is printed of li a0, 1; addi a0, a0, 2; ret.
std::string Printed(const TraceOptions& options) {
  const GuestIsa& isa = *FindGuestIsa("riscv64");
  constexpr std::array kCode = {std::byte{0x05}, std::byte{0x45}, std::byte{0x09},
                                std::byte{0x05}, std::byte{0x82}, std::byte{0x80}};
  const TranslateRequest request = {
      .code = kCode, .page_offset = 0, .mode = 0, .max_instructions = 3, .crosses_page = false};
  ir::Function function;
  ir::Builder builder(function);
  EXPECT_TRUE(isa.Translate(request, builder));
  std::string text;
  const absl::StatusOr<BlockTrace> trace = BlockTrace::Create(
      options, [&](std::string_view part) { text += part; }, isa);
  EXPECT_TRUE(trace.ok());
  trace->Lifted(
      {.request = request, .start = kStart, .pc = kPc, .code = kCode, .function = function});
  return text;
}

TEST(BlockTraceTest, AnUnknownStageIsNamedInTheError) {
  const absl::StatusOr<BlockTrace> trace = BlockTrace::Create(
      {.stages = "guest,foo"}, [](std::string_view) {}, *FindGuestIsa("riscv64"));
  EXPECT_EQ(trace.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(trace.status().message().find("foo"), std::string::npos);
}

TEST(BlockTraceTest, PrintsTheStagesAskedForAndNoOther) {
  EXPECT_EQ(Printed({}), "");
  const std::string guest = Printed({.stages = "guest"});
  EXPECT_NE(guest.find("ffffffff80000004: c.jr"), std::string::npos) << guest;
  EXPECT_EQ(guest.find("goto_ind"), std::string::npos);
  EXPECT_NE(Printed({.stages = "ir"}).find("goto_ind"), std::string::npos);
}

TEST(BlockTraceTest, FoldingIsWhatOptAddsToIr) {
  const std::string ir = Printed({.stages = "ir"});
  const std::string opt = Printed({.stages = "opt"});
  EXPECT_NE(ir.find("add.i64"), std::string::npos) << ir;
  EXPECT_EQ(opt.find("add.i64"), std::string::npos) << opt;
}

TEST(BlockTraceTest, AddressesArePhysicalOrVirtual) {
  const auto is_printed = [](uint64_t first, uint64_t last) {
    return !Printed({.stages = "guest", .first = first, .last = last}).empty();
  };
  EXPECT_TRUE(is_printed(kStart.value, kStart.value));
  EXPECT_TRUE(is_printed(kPc - 4, kPc + 4));
  EXPECT_FALSE(is_printed(kStart.value + 2, kStart.value + 100));
  EXPECT_FALSE(is_printed(0, kStart.value - 1));
}

}  // namespace
}  // namespace emu::translator
