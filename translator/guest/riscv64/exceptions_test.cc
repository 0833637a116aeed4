#include "translator/guest/riscv64/exceptions.h"

#include <gtest/gtest.h>

#include "translator/guest/riscv64/system_helpers.h"
#include "translator/guest/riscv64/test_context.h"

namespace emu::translator::riscv64 {
namespace {

class ExceptionsTest : public testing::Test {
 protected:
  ExceptionsTest() {
    cpu_.mtvec = 0x100;
    cpu_.stvec = 0x200;
  }
  TestContext context_;
  CpuState& cpu_ = context_.cpu;
};

TEST_F(ExceptionsTest, GoToMachineModeUnlessDelegated) {
  cpu_.privilege = Privilege::kUser;
  cpu_.mstatus = kStatusMie;
  EnterException(context_, {kCauseLoadPage, 0x1234});
  EXPECT_EQ(cpu_.privilege, Privilege::kMachine);
  EXPECT_EQ(context_.current_pc, 0x100u);
  EXPECT_EQ(cpu_.mepc, 0x1000u);
  EXPECT_EQ(cpu_.mcause, kCauseLoadPage);
  EXPECT_EQ(cpu_.mtval, 0x1234u);
  EXPECT_EQ(cpu_.mstatus, kStatusMpie);
}

TEST_F(ExceptionsTest, AreDelegatedFromBelowAndNeverFromMachineMode) {
  cpu_.medeleg = 1 << kCauseLoadPage;
  cpu_.privilege = Privilege::kSupervisor;
  cpu_.mstatus = kStatusSie;
  EnterException(context_, {kCauseLoadPage, 0x1234});
  EXPECT_EQ(cpu_.privilege, Privilege::kSupervisor);
  EXPECT_EQ(context_.current_pc, 0x200u);
  EXPECT_EQ(cpu_.stval, 0x1234u);
  EXPECT_EQ(cpu_.mstatus, kStatusSpie | kStatusSpp);
  cpu_.privilege = Privilege::kMachine;
  EnterException(context_, {kCauseLoadPage, 0});
  EXPECT_EQ(cpu_.privilege, Privilege::kMachine);
  EXPECT_EQ(cpu_.mstatus & kStatusMpp, kStatusMpp);
}

TEST_F(ExceptionsTest, OnlyInterruptsAreVectored) {
  cpu_.mtvec = 0x101;
  cpu_.mie = kInterruptMti;
  cpu_.mstatus = kStatusMie;
  context_.inputs = kInterruptMti;
  ASSERT_TRUE(TakeInterrupt(context_));
  EXPECT_EQ(context_.current_pc, 0x100u + 4 * 7);
  EXPECT_EQ(cpu_.mcause, kCauseInterrupt | 7);
  EXPECT_FALSE(TakeInterrupt(context_));  // masked by MIE now
  EnterException(context_, {kCauseMachineEcall, 0});
  EXPECT_EQ(context_.current_pc, 0x100u);
}

TEST_F(ExceptionsTest, InterruptsComeInOrder) {
  cpu_.privilege = Privilege::kUser;
  cpu_.mie = kMachineInterrupts | kSupervisorInterrupts;
  cpu_.mip_software = kSupervisorInterrupts;
  for (const uint64_t number : {11, 3, 7, 9, 1, 5}) {
    cpu_.privilege = Privilege::kUser;
    context_.inputs = cpu_.mie & kMachineInterrupts;
    ASSERT_TRUE(TakeInterrupt(context_));
    EXPECT_EQ(cpu_.mcause, kCauseInterrupt | number);
    cpu_.mie &= ~(uint64_t{1} << number);
  }
}

TEST_F(ExceptionsTest, DelegatedInterruptsWaitInMachineMode) {
  cpu_.mideleg = cpu_.mie = cpu_.mip_software = kInterruptSsi;
  cpu_.mstatus = kStatusMie | kStatusSie;
  EXPECT_FALSE(TakeInterrupt(context_));
  EXPECT_TRUE(ShouldWake(context_));
  cpu_.privilege = Privilege::kSupervisor;
  EXPECT_TRUE(TakeInterrupt(context_));
  EXPECT_EQ(cpu_.scause, kCauseInterrupt | 1);
  EXPECT_EQ(cpu_.privilege, Privilege::kSupervisor);
}

TEST_F(ExceptionsTest, MretRestoresAndDropsMprv) {
  cpu_.mepc = 0x4000;
  cpu_.mstatus = kStatusMprv | kStatusMpie | uint64_t{1} << kStatusMppShift;
  EXPECT_EQ(Mret(context_, 0, 0, 0), 0x4000u);
  EXPECT_EQ(cpu_.privilege, Privilege::kSupervisor);
  EXPECT_EQ(cpu_.mstatus, kStatusMie | kStatusMpie);
  Mret(context_, 0, 0, 0);
  EXPECT_EQ(context_.TakeCause(), kCauseIllegalInstruction);
}

TEST_F(ExceptionsTest, SretRestoresUnlessTsrTrapsIt) {
  cpu_.privilege = Privilege::kSupervisor;
  cpu_.sepc = 0x4000;
  cpu_.mstatus = kStatusTsr | kStatusSpie;
  Sret(context_, 0, 0, 0);
  ASSERT_TRUE(context_.raised);
  EXPECT_EQ(context_.raised->value, 0x1020'0073u);
  EXPECT_EQ(cpu_.privilege, Privilege::kSupervisor);
  cpu_.mstatus = kStatusSpie;
  EXPECT_EQ(Sret(context_, 0, 0, 0), 0x4000u);
  EXPECT_EQ(cpu_.privilege, Privilege::kUser);
  EXPECT_EQ(cpu_.mstatus, kStatusSie | kStatusSpie);
}

TEST_F(ExceptionsTest, SupervisorTimerIsPendingFromItsMomentOn) {
  cpu_.menvcfg |= kEnvStce;
  cpu_.mie = cpu_.mideleg = kInterruptSti;
  cpu_.stimecmp = 10;
  cpu_.privilege = Privilege::kUser;
  context_.test_clock.SetNowNs(999);
  EXPECT_FALSE(TakeInterrupt(context_));
  context_.test_clock.SetNowNs(1000);
  EXPECT_TRUE(ShouldWake(context_));
  EXPECT_TRUE(TakeInterrupt(context_));
  EXPECT_EQ(cpu_.scause, kCauseInterrupt | 5);
}

TEST_F(ExceptionsTest, ARestoreSetsTimerAndRoundingAnew) {
  cpu_.menvcfg |= kEnvStce;
  cpu_.stimecmp = 10;
  cpu_.frm = 2;
  cpu_.is_restored = true;
  EXPECT_FALSE(TakeInterrupt(context_));
  EXPECT_EQ(context_.timer_ns, 1000u);
  EXPECT_EQ(context_.rounding, ir::Rounding::kDown);
  EXPECT_EQ(context_.full_flushes, 1);
}

}  // namespace
}  // namespace emu::translator::riscv64
