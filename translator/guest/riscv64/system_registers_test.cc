#include "translator/guest/riscv64/system_registers.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <optional>

#include "translator/guest/riscv64/system_helpers.h"
#include "translator/guest/riscv64/test_context.h"

namespace emu::translator::riscv64 {
namespace {

constexpr uint32_t kFflags = 0x001, kFrm = 0x002, kFcsr = 0x003, kSstatus = 0x100, kSip = 0x144;
constexpr uint32_t kStimecmp = 0x14d, kSatp = 0x180, kMstatus = 0x300, kMie = 0x304, kSepc = 0x141;
constexpr uint32_t kMenvcfg = 0x30a, kMip = 0x344, kPmpcfg0 = 0x3a0, kPmpaddr0 = 0x3b0;
constexpr uint32_t kMcycle = 0xb00, kCountInhibit = 0x320, kTime = 0xc01, kMhartid = 0xf14;
constexpr uint64_t kNoWrite = 1 << 15, kSet = 1 << 12, kClear = 2 << 12;

class SystemRegistersTest : public testing::Test {
 protected:
  uint64_t Read(uint32_t number) {
    return CsrAccess(context_, number | kSet | kNoWrite, 0, kEncoding);
  }
  void Write(uint32_t number, uint64_t value) { CsrAccess(context_, number, value, kEncoding); }
  bool IsIllegal() {
    const bool is_illegal = context_.raised && context_.raised->value == kEncoding;
    return context_.TakeCause() == kCauseIllegalInstruction && is_illegal;
  }
  static constexpr uint64_t kEncoding = 0x1234'5073;
  TestContext context_;
  CpuState& cpu_ = context_.cpu;
};

TEST_F(SystemRegistersTest, NumbersSayPrivilegeAndReadOnly) {
  EXPECT_EQ(Read(kMhartid), 3u);
  EXPECT_FALSE(IsIllegal());
  Write(kMhartid, 1);
  EXPECT_TRUE(IsIllegal());
  cpu_.privilege = Privilege::kSupervisor;
  Read(kMstatus);
  EXPECT_TRUE(IsIllegal());
  Read(kSstatus);
  EXPECT_FALSE(IsIllegal());
}

TEST_F(SystemRegistersTest, AbsentOnesAreIllegal) {
  for (const uint32_t number : {0x7a0, 0x747, 0x3a1, 0x3c0, 0x600, 0xb01}) {
    Read(number);
    EXPECT_TRUE(IsIllegal()) << number;
  }
}

TEST_F(SystemRegistersTest, StatusHasFixedWidthsAndNoReservedPrivilege) {
  Write(kMstatus, ~uint64_t{0});
  EXPECT_EQ(Read(kMstatus), 0x8000'000a'007e'79aau);
  Write(kMstatus, uint64_t{2} << kStatusMppShift);
  EXPECT_EQ(Read(kMstatus) & kStatusMpp, kStatusMpp);
  EXPECT_EQ(Read(kSstatus), 0x2'0000'0000u);
}

TEST_F(SystemRegistersTest, TranslatedCodeMakesFsDirtyAndSoftwareCleansIt) {
  Write(kMstatus, 1 << 13);
  cpu_.fs_dirty = 1;
  EXPECT_EQ(Read(kSstatus) & (kStatusFs | kStatusSd), kStatusFs | kStatusSd);
  CsrAccess(context_, kSstatus | kSet, kStatusSum, kEncoding);
  EXPECT_EQ(Read(kSstatus) & kStatusFs, kStatusFs);
  Write(kSstatus, 2 << 13);
  EXPECT_EQ(Read(kSstatus) & (kStatusFs | kStatusSd), uint64_t{2} << 13);
}

TEST_F(SystemRegistersTest, FloatingPointRegistersNeedFs) {
  Read(kFcsr);
  EXPECT_TRUE(IsIllegal());
  cpu_.mstatus = 1 << 13;
  Write(kFcsr, 0x75);
  EXPECT_FALSE(IsIllegal());
  EXPECT_EQ(context_.fp_flags, 0x15u);
  EXPECT_EQ(Read(kFrm), 3u);
  EXPECT_EQ(Read(kFflags), 0x15u);
  EXPECT_EQ(context_.rounding, ir::Rounding::kUp);
  EXPECT_EQ(Read(kMstatus) & kStatusFs, kStatusFs);
}

TEST_F(SystemRegistersTest, SettingBitsOfMipDoesNotCatchTheControllersLine) {
  context_.inputs = kInterruptSei;
  EXPECT_EQ(CsrAccess(context_, kMip | kSet, kInterruptSsi, kEncoding), kInterruptSei);
  EXPECT_EQ(cpu_.mip_software, kInterruptSsi);
  context_.inputs = 0;
  EXPECT_EQ(Read(kMip), kInterruptSsi);
}

TEST_F(SystemRegistersTest, SipShowsWhatIsDelegated) {
  cpu_.mip_software = kSupervisorInterrupts;
  EXPECT_EQ(Read(kSip), 0u);
  cpu_.mideleg = kInterruptSsi | kInterruptSei;
  EXPECT_EQ(Read(kSip), kInterruptSsi | kInterruptSei);
  Write(kSip, 0);
  EXPECT_EQ(Read(kSip), kInterruptSei);
}

TEST_F(SystemRegistersTest, CountersNeedBothEnables) {
  context_.test_clock.SetNowNs(12'345);
  EXPECT_EQ(Read(kTime), 123u);
  cpu_.privilege = Privilege::kUser;
  cpu_.mcounteren = 2;
  Read(kTime);
  EXPECT_TRUE(IsIllegal());
  cpu_.scounteren = 2;
  Read(kTime);
  EXPECT_FALSE(IsIllegal());
}

TEST_F(SystemRegistersTest, AnInhibitedCounterStandsStill) {
  Write(kMcycle, 50);
  context_.test_clock.SetNowNs(100);
  EXPECT_EQ(Read(kMcycle), 150u);
  Write(kCountInhibit, 1);
  context_.test_clock.SetNowNs(300);
  EXPECT_EQ(Read(kMcycle), 150u);
  Write(kCountInhibit, 0);
  context_.test_clock.SetNowNs(301);
  EXPECT_EQ(Read(kMcycle), 151u);
}

TEST_F(SystemRegistersTest, StimecmpArmsTheTimerWhereItIsEnabled) {
  cpu_.privilege = Privilege::kSupervisor;
  cpu_.mcounteren = kCounterTime;
  Write(kStimecmp, 7);
  EXPECT_TRUE(IsIllegal());
  cpu_.menvcfg |= kEnvStce;
  Write(kStimecmp, 7);
  EXPECT_EQ(context_.timer_ns, 700u);
  Write(kStimecmp, ~uint64_t{0});
  EXPECT_EQ(context_.timer_ns, UINT64_MAX);
}

TEST_F(SystemRegistersTest, StipIsTheComparisonAloneUnderStce) {
  cpu_.stimecmp = 10;
  Write(kMip, kInterruptSti);
  EXPECT_EQ(Read(kMip), kInterruptSti);
  Write(kMenvcfg, kEnvStce);
  EXPECT_EQ(Read(kMip), 0u);
  context_.test_clock.SetNowNs(1000);
  EXPECT_EQ(Read(kMip), kInterruptSti);
}

TEST_F(SystemRegistersTest, SatpIgnoresUnknownModesAndTvmHidesIt) {
  Write(kSatp, kSatpSv48 << kSatpModeShift | 5);
  Write(kSatp, uint64_t{11} << kSatpModeShift | 6);
  EXPECT_EQ(Read(kSatp), kSatpSv48 << kSatpModeShift | 5);
  Write(kSatp, kSatpSv57 << kSatpModeShift | uint64_t{0xffff} << 44 | 7);
  EXPECT_EQ(Read(kSatp), kSatpSv57 << kSatpModeShift | kSatpAsid | 7);
  cpu_.privilege = Privilege::kSupervisor;
  cpu_.mstatus = kStatusTvm;
  Read(kSatp);
  EXPECT_TRUE(IsIllegal());
  SfenceVma(context_, 0, 0, kEncoding << 32);
  EXPECT_TRUE(IsIllegal());
}

TEST_F(SystemRegistersTest, ProtectionHasAGrainOfEightBytes) {
  Write(kPmpcfg0, 0);
  Write(kPmpaddr0, ~uint64_t{0});
  EXPECT_EQ(Read(kPmpaddr0), (uint64_t{1} << 54) - 2);
  Write(kPmpcfg0, 0x1f);
  EXPECT_EQ(Read(kPmpaddr0), (uint64_t{1} << 54) - 1);
  Write(kPmpcfg0, 0x12);  // NA4, and write without read: neither exists
  EXPECT_EQ(Read(kPmpcfg0), 0x1fu);
}

TEST_F(SystemRegistersTest, CacheBlockInstructionsNeedTheEnvironment) {
  cpu_.privilege = Privilege::kUser;
  cpu_.menvcfg |= kEnvCbze;
  CboZero(context_, 0, 0, kEncoding);
  EXPECT_TRUE(IsIllegal());
  cpu_.senvcfg = kEnvCbze;
  CboZero(context_, 0, 0, kEncoding);
  EXPECT_FALSE(IsIllegal());
  CboCheck(context_, 0, 1, kEncoding);
  EXPECT_TRUE(IsIllegal());
}

TEST_F(SystemRegistersTest, WaitingIsTrappedByTw) {
  cpu_.privilege = Privilege::kSupervisor;
  Wfi(context_, 0, 0, 0);
  EXPECT_FALSE(context_.TakeCause());
  cpu_.mstatus = kStatusTw;
  Wfi(context_, 0, 0, 0);
  EXPECT_EQ(context_.TakeCause(), kCauseIllegalInstruction);
  WrsCheck(context_, 0, 0, 0x01d0'0073);
  EXPECT_FALSE(context_.TakeCause());
  WrsCheck(context_, 0, 0, 0x00d0'0073);
  EXPECT_EQ(context_.TakeCause(), kCauseIllegalInstruction);
}

TEST_F(SystemRegistersTest, EnablingInterruptsAsksForACheckWhereOneIsDue) {
  Write(kMie, kInterruptMti);
  EXPECT_EQ(context_.interrupt_checks, 1);
  CsrAccess(context_, kMstatus | kSet, kStatusMie, kEncoding);
  EXPECT_EQ(context_.interrupt_checks, 1);
  CsrAccess(context_, kMstatus | kClear, kStatusMie, kEncoding);
  context_.inputs = kInterruptMti;
  CsrAccess(context_, kMstatus | kSet, kStatusMie, kEncoding);
  EXPECT_EQ(context_.interrupt_checks, 2);
}

TEST_F(SystemRegistersTest, StorageIsFoundWhereThePrivilegeReachesIt) {
  EXPECT_FALSE(FindStoredCsr(kSepc, Privilege::kUser).has_value());
  EXPECT_FALSE(FindStoredCsr(kMstatus, Privilege::kMachine).has_value());
  const std::optional<StoredCsr> sepc = FindStoredCsr(kSepc, Privilege::kSupervisor);
  ASSERT_TRUE(sepc.has_value());
  EXPECT_EQ(sepc->slot.offset, offsetof(CpuState, sepc));
  EXPECT_EQ(sepc->legal, ~uint64_t{1});
}

TEST_F(SystemRegistersTest, AStateFromAnywhereBecomesALegalOne) {
  std::memset(&cpu_, 0xff, sizeof(cpu_));
  cpu_.privilege = static_cast<Privilege>(2);
  cpu_.mstatus = 2 << kStatusMppShift | uint64_t{1} << 62;
  cpu_.satp = uint64_t{5} << kSatpModeShift | 7;
  Legalize(cpu_);
  EXPECT_EQ(cpu_.privilege, Privilege::kMachine);
  EXPECT_EQ(cpu_.mstatus, 0u);
  EXPECT_EQ(cpu_.satp, 0u);
  EXPECT_EQ(cpu_.frm, 7);
  EXPECT_EQ(cpu_.sepc & 1, 0u);
  EXPECT_EQ(Read(kPmpaddr0), (uint64_t{1} << 54) - 1);
  EXPECT_EQ(Read(kPmpcfg0) & 0x60, 0u);
}

TEST_F(SystemRegistersTest, NamesCountTheirFamily) {
  EXPECT_EQ(CsrName(kSatp), "satp");
  EXPECT_EQ(CsrName(0x3b5), "pmpaddr5");
  EXPECT_EQ(CsrName(0xb1f), "mhpmcounter31");
  EXPECT_EQ(CsrName(0x7a0), "");
}

}  // namespace
}  // namespace emu::translator::riscv64
