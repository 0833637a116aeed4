#include "translator/guest/riscv64/debug_registers.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "translator/guest/riscv64/test_context.h"

namespace emu::translator::riscv64 {
namespace {

std::map<std::string, uint32_t> NumbersByName() {
  std::map<std::string, uint32_t> numbers;
  for (const DebugFeature& feature : ArchitectureForDebuggers().features) {
    for (const DebugRegister& known : feature.registers) numbers[known.name] = known.number;
  }
  return numbers;
}

TEST(DebugRegistersTest, EveryNameAndNumberIsThereOnce) {
  std::set<uint32_t> seen;
  size_t count = 0;
  for (const DebugFeature& feature : ArchitectureForDebuggers().features) {
    for (const DebugRegister& known : feature.registers) {
      ++count;
      EXPECT_TRUE(seen.insert(known.number).second) << known.name;
    }
  }
  EXPECT_EQ(NumbersByName().size(), count);
}

TEST(DebugRegistersTest, EveryRegisterReads) {
  TestContext context;
  for (const auto& [name, number] : NumbersByName()) {
    EXPECT_TRUE(ReadDebugRegister(context, number).has_value()) << name;
  }
}

TEST(DebugRegistersTest, NumbersAreThoseOfGdb) {
  std::map<std::string, uint32_t> numbers = NumbersByName();
  EXPECT_EQ(numbers["sp"], 2u);
  EXPECT_EQ(numbers["pc"], 32u);
  EXPECT_EQ(numbers["fa0"], 43u);
  EXPECT_EQ(numbers["satp"], 65u + 0x180);
  EXPECT_EQ(numbers["priv"], 4161u);
}

TEST(DebugRegistersTest, WhatIsWrittenReadsBack) {
  TestContext context;
  std::map<std::string, uint32_t> numbers = NumbersByName();
  for (const char* name : {"ra", "t6", "pc", "ft0", "ft11", "mscratch", "sepc"}) {
    ASSERT_TRUE(WriteDebugRegister(context, numbers[name], 0x1234'5678'9abc'def0)) << name;
    EXPECT_EQ(ReadDebugRegister(context, numbers[name]), 0x1234'5678'9abc'def0) << name;
  }
  EXPECT_TRUE(WriteDebugRegister(context, numbers["zero"], 1));
  EXPECT_EQ(ReadDebugRegister(context, 0), 0u);
  EXPECT_EQ(context.cpu.fs_dirty, 1u);
}

TEST(DebugRegistersTest, PrivilegeOfTheHartIsNoHindrance) {
  TestContext context;
  context.cpu.privilege = Privilege::kUser;
  std::map<std::string, uint32_t> numbers = NumbersByName();
  EXPECT_TRUE(WriteDebugRegister(context, numbers["mscratch"], 5));
  EXPECT_EQ(ReadDebugRegister(context, numbers["mscratch"]), 5u);
  EXPECT_TRUE(WriteDebugRegister(context, numbers["priv"], 1));
  EXPECT_EQ(context.cpu.privilege, Privilege::kSupervisor);
  EXPECT_GT(context.mode_changes, 0);
}

TEST(DebugRegistersTest, WhatThereIsNotIsRefused) {
  TestContext context;
  EXPECT_FALSE(ReadDebugRegister(context, 65 + 0x7c0).has_value());
  EXPECT_FALSE(ReadDebugRegister(context, UINT32_MAX).has_value());
  EXPECT_FALSE(WriteDebugRegister(context, 4162, 0));
  EXPECT_FALSE(WriteDebugRegister(context, 4161, 2));
  EXPECT_FALSE(WriteDebugRegister(context, 65 + 0xf14, 7));  // mhartid
}

TEST(DebugRegistersTest, LookingAtAPageSetsNoBitAndAsksForNoRight) {
  TestContext context;
  // A gigabyte leaf of Sv39, user, readable by nobody that runs here, not accessed.
  const uint64_t root = TestContext::kRamBase;
  context.Word(root + 8 * 2) = (0x8000'0000ull >> 12 << 10) | 0b11001;
  context.cpu.satp = 8ull << 60 | root >> 12;
  context.cpu.privilege = Privilege::kSupervisor;
  const uint64_t before = context.Word(root + 8 * 2);
  const std::optional<GuestPhysAddr> found = Peek(context, GuestVirtAddr(0x8000'1234));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->value, 0x8000'1234u);
  EXPECT_EQ(context.Word(root + 8 * 2), before);
  EXPECT_FALSE(Peek(context, GuestVirtAddr(0x4000'0000)).has_value());
  EXPECT_FALSE(Peek(context, GuestVirtAddr(0x4000'0000'0000)).has_value());
}

}  // namespace
}  // namespace emu::translator::riscv64
