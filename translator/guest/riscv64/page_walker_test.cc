#include "translator/guest/riscv64/page_walker.h"

#include <gtest/gtest.h>

#include "translator/guest/riscv64/pmp.h"
#include "translator/guest/riscv64/system_helpers.h"
#include "translator/guest/riscv64/test_context.h"

namespace emu::translator::riscv64 {
namespace {

constexpr uint64_t kV = 1, kR = 2, kW = 4, kX = 8, kU = 16, kA = 64, kD = 128;
constexpr uint64_t kRoot = TestContext::kRamBase;
constexpr uint64_t kMiddle = kRoot + kPageSize, kLast = kMiddle + kPageSize;
constexpr uint64_t kTarget = 0x9000'0000;
constexpr uint64_t kLeafSlot = kLast + 8;  // of kVa
constexpr uint64_t kVa = 0x1000;

// Sv39: kVa maps kTarget by one page, the gigabyte at 1 GiB is a superpage.
class PageWalkerTest : public testing::Test {
 protected:
  PageWalkerTest() {
    context_.cpu.privilege = Privilege::kSupervisor;
    context_.cpu.satp = kSatpSv39 << kSatpModeShift | kRoot >> kPageShift;
    context_.Word(kRoot) = Pointer(kMiddle);
    context_.Word(kMiddle) = Pointer(kLast);
    SetLeaf(kV | kR | kW | kX | kA | kD);
  }
  static uint64_t Pointer(uint64_t table) { return table >> 2 | kV; }
  void SetLeaf(uint64_t bits) { context_.Word(kLeafSlot) = kTarget >> 2 | bits; }
  WalkResult Ask(AccessKind kind, uint64_t va = kVa) {
    return Walk(context_, GuestVirtAddr(va), kind);
  }
  // 0 if the access is fine.
  uint64_t Cause(AccessKind kind, uint64_t va = kVa) {
    const WalkResult result = Ask(kind, va);
    if (result.fault) {
      EXPECT_EQ(result.fault->value, va);
    }
    return result.fault ? result.fault->cause : 0;
  }

  TestContext context_;
};

TEST_F(PageWalkerTest, FindsThePage) {
  const WalkResult result = Ask(AccessKind::kRead, kVa + 0x123);
  ASSERT_FALSE(result.fault);
  EXPECT_EQ(result.translation.page, GuestPhysAddr(kTarget));
  EXPECT_TRUE(result.translation.readable && result.translation.writable);
  EXPECT_TRUE(result.translation.whole_page);
}

TEST_F(PageWalkerTest, RefusesAddressesThatAreNotSignExtended) {
  EXPECT_EQ(Cause(AccessKind::kRead, uint64_t{1} << 38 | kVa), kCauseLoadPage);
  EXPECT_EQ(Cause(AccessKind::kWrite, uint64_t{1} << 63 | kVa), kCauseStorePage);
  EXPECT_EQ(Cause(AccessKind::kExecute, uint64_t{1} << 39 | kVa), kCauseFetchPage);
}

TEST_F(PageWalkerTest, Sv48HasOneLevelMore) {
  const uint64_t top = kLast + kPageSize;
  context_.Word(top) = Pointer(kRoot);
  context_.cpu.satp = kSatpSv48 << kSatpModeShift | top >> kPageShift;
  EXPECT_EQ(Cause(AccessKind::kRead), 0u);
  EXPECT_EQ(Cause(AccessKind::kRead, uint64_t{1} << 47), kCauseLoadPage);
}

TEST_F(PageWalkerTest, Sv57HasTwoLevelsMore) {
  const uint64_t second = kLast + kPageSize;
  const uint64_t top = second + kPageSize;
  context_.Word(second) = Pointer(kRoot);
  context_.Word(top) = Pointer(second);
  context_.Word(top + 8) = kV | kR | kA;  // 256 TiB from 0 on
  context_.cpu.satp = kSatpSv57 << kSatpModeShift | top >> kPageShift;
  EXPECT_EQ(Ask(AccessKind::kRead).translation.page, GuestPhysAddr(kTarget));
  EXPECT_EQ(Ask(AccessKind::kRead, 0x0001'2345'6789'a000).translation.page,
            GuestPhysAddr(0x2345'6789'a000));
  EXPECT_EQ(Cause(AccessKind::kRead, uint64_t{1} << 55), kCauseLoadPage);
  EXPECT_EQ(Cause(AccessKind::kRead, uint64_t{1} << 56), kCauseLoadPage);
  EXPECT_EQ(Cause(AccessKind::kRead, uint64_t{1} << 57), kCauseLoadPage);
}

constexpr uint64_t kN = uint64_t{1} << 63;
constexpr uint64_t kNapot64KiB = 8 << 10;  // the pattern in the PPN

TEST_F(PageWalkerTest, ANapotPageMapsSixteenPages) {
  for (uint64_t page = 0; page < 16; ++page) {
    context_.Word(kLast + 8 * page) = kTarget >> 2 | kNapot64KiB | kN | kV | kR | kW | kA | kD;
  }
  EXPECT_EQ(Ask(AccessKind::kRead, 0x0123).translation.page, GuestPhysAddr(kTarget));
  EXPECT_EQ(Ask(AccessKind::kWrite, 0xf123).translation.page, GuestPhysAddr(kTarget + 0xf000));
  EXPECT_EQ(Cause(AccessKind::kRead, 0x1'0000), kCauseLoadPage);
}

TEST_F(PageWalkerTest, FencingOneAddressOfANapotPageFlushesAllOfIt) {
  SetLeaf(kNapot64KiB | kN | kV | kR | kA);
  Ask(AccessKind::kRead);
  SfenceVma(context_, 0xf000, 0, 1);
  EXPECT_EQ(context_.full_flushes, 1);
}

TEST_F(PageWalkerTest, OtherNapotEncodingsAreReserved) {
  for (const uint64_t pattern : {0, 1, 2, 4, 6, 7, 9, 12, 15}) {
    SetLeaf(pattern << 10 | kN | kV | kR | kA);
    EXPECT_EQ(Cause(AccessKind::kRead), kCauseLoadPage) << pattern;
  }
  SetLeaf(kNapot64KiB | kN | kV | kR | kA);
  EXPECT_EQ(Cause(AccessKind::kRead), 0u);
  context_.Word(kMiddle) |= kN;
  EXPECT_EQ(Cause(AccessKind::kRead), kCauseLoadPage);
  context_.Word(kRoot + 8) = 0x8000'0000 >> 2 | kNapot64KiB | kN | kV | kR | kA;
  EXPECT_EQ(Cause(AccessKind::kRead, 0x4567'8000), kCauseLoadPage);
}

// What a debugger is shown; for readable pages the same as a read finds.
class PeekTest : public PageWalkerTest {
 protected:
  void UseSv57() {
    const uint64_t second = kLast + kPageSize;
    const uint64_t top = second + kPageSize;
    context_.Word(second) = Pointer(kRoot);
    context_.Word(top) = Pointer(second);
    context_.Word(top + 8 * 511) = kV | kR;  // 256 TiB at the end, not accessed
    context_.cpu.satp = kSatpSv57 << kSatpModeShift | top >> kPageShift;
  }
  // No value where nothing is mapped; checks that a read agrees.
  std::optional<uint64_t> Look(uint64_t va) {
    const std::optional<GuestPhysAddr> found = Peek(context_, GuestVirtAddr(va));
    const WalkResult read = Ask(AccessKind::kRead, va);
    EXPECT_EQ(found.has_value(), !read.fault.has_value()) << std::hex << va;
    if (!found.has_value()) return std::nullopt;
    EXPECT_EQ(found->PageBase(), read.translation.page) << std::hex << va;
    return found->value;
  }
};

TEST_F(PeekTest, SeesThroughFiveLevels) {
  UseSv57();
  const uint64_t huge = kLast + 2 * kPageSize + 8 * 511;
  EXPECT_EQ(Peek(context_, GuestVirtAddr(0xffff'2345'6789'abcd))->value, 0x2345'6789'abcdu);
  EXPECT_EQ(context_.Word(huge), kV | kR) << "looking has set a bit";
  EXPECT_EQ(Look(kVa + 0x123), kTarget + 0x123);
  EXPECT_EQ(Look(0xffff'2345'6789'abcd), 0x2345'6789'abcdu);
  EXPECT_EQ(Look(uint64_t{1} << 55), std::nullopt);
  EXPECT_EQ(Look(uint64_t{1} << 56), std::nullopt);
  EXPECT_EQ(Look(0x01ff'2345'6789'abcd), std::nullopt);  // bit 56 is not copied upwards
}

TEST_F(PeekTest, SeesAllOfANapotPage) {
  for (const bool is_sv57 : {false, true}) {
    if (is_sv57) UseSv57();
    for (uint64_t page = 0; page < 16; ++page) {
      context_.Word(kLast + 8 * page) = kTarget >> 2 | kNapot64KiB | kN | kV | kR | kA;
    }
    EXPECT_EQ(Look(0x0123), kTarget + 0x0123);
    EXPECT_EQ(Look(0xfedc), kTarget + 0xfedc);
    EXPECT_EQ(Look(0x1'0000), std::nullopt);
  }
}

TEST_F(PeekTest, SeesNothingBehindReservedEncodings) {
  for (const uint64_t pattern : {0, 1, 7, 9, 15}) {
    SetLeaf(pattern << 10 | kN | kV | kR | kA);
    EXPECT_EQ(Look(kVa), std::nullopt) << pattern;
  }
  SetLeaf(kV | kR | kA);
  for (const uint64_t bits : {kN, kU, kA, kD, uint64_t{1} << 61, uint64_t{1} << 54}) {
    context_.Word(kMiddle) = Pointer(kLast) | bits;
    EXPECT_EQ(Look(kVa), std::nullopt) << std::hex << bits;
  }
  context_.Word(kMiddle) = Pointer(kLast);
  EXPECT_EQ(Look(kVa), kTarget);
  context_.Word(kRoot + 8) = 0x8000'0000 >> 2 | kNapot64KiB | kN | kV | kR | kA;
  EXPECT_EQ(Look(0x4567'8000), std::nullopt);
}

TEST_F(PageWalkerTest, ReadsSetAccessedAndOnlyWritesSetDirty) {
  SetLeaf(kV | kR | kW);
  EXPECT_FALSE(Ask(AccessKind::kRead).translation.writable);
  EXPECT_EQ(context_.Word(kLeafSlot) & (kA | kD), kA);
  EXPECT_TRUE(Ask(AccessKind::kWrite).translation.writable);
  EXPECT_EQ(context_.Word(kLeafSlot) & (kA | kD), kA | kD);
}

TEST_F(PageWalkerTest, AnEntryThatOthersKeepChangingLosesNoChangeAndCausesNoFault) {
  SetLeaf(kV | kR | kW);
  constexpr uint64_t kSoftware = 0x100;
  int changes_left = 1001;
  context_.interfere = [&](uint64_t& word) {
    if (changes_left > 0 && changes_left-- > 0) word ^= kSoftware;
  };
  EXPECT_EQ(Cause(AccessKind::kRead), 0u);
  EXPECT_EQ(changes_left, 0);
  EXPECT_EQ(context_.Word(kLeafSlot) & (kA | kSoftware), kA | kSoftware);
}

TEST_F(PageWalkerTest, WithoutAdueMissingBitsFault) {
  context_.cpu.menvcfg = 0;
  SetLeaf(kV | kR | kW);
  EXPECT_EQ(Cause(AccessKind::kRead), kCauseLoadPage);
  SetLeaf(kV | kR | kW | kA);
  EXPECT_EQ(Cause(AccessKind::kRead), 0u);
  EXPECT_EQ(Cause(AccessKind::kWrite), kCauseStorePage);
}

TEST_F(PageWalkerTest, SupervisorReachesUserPagesOnlyBySumAndNeverExecutesThem) {
  SetLeaf(kV | kR | kW | kX | kU | kA | kD);
  EXPECT_EQ(Cause(AccessKind::kRead), kCauseLoadPage);
  context_.cpu.mstatus |= kStatusSum;
  EXPECT_EQ(Cause(AccessKind::kRead), 0u);
  EXPECT_EQ(Cause(AccessKind::kExecute), kCauseFetchPage);
}

TEST_F(PageWalkerTest, UserReachesOnlyUserPages) {
  context_.cpu.privilege = Privilege::kUser;
  EXPECT_EQ(Cause(AccessKind::kRead), kCauseLoadPage);
  SetLeaf(kV | kR | kU | kA);
  EXPECT_EQ(Cause(AccessKind::kRead), 0u);
  EXPECT_EQ(Cause(AccessKind::kWrite), kCauseStorePage);
}

TEST_F(PageWalkerTest, MxrMakesExecutablePagesReadable) {
  SetLeaf(kV | kX | kA);
  EXPECT_EQ(Cause(AccessKind::kRead), kCauseLoadPage);
  context_.cpu.mstatus |= kStatusMxr;
  EXPECT_EQ(Cause(AccessKind::kRead), 0u);
}

TEST_F(PageWalkerTest, MprvAppliesToDataAndNotToFetches) {
  context_.cpu.privilege = Privilege::kMachine;
  context_.cpu.mstatus = kStatusMprv | uint64_t{1} << kStatusMppShift;
  EXPECT_EQ(Ask(AccessKind::kRead).translation.page, GuestPhysAddr(kTarget));
  EXPECT_EQ(Ask(AccessKind::kExecute).translation.page, GuestPhysAddr(kVa));
}

TEST_F(PageWalkerTest, ReservedEncodingsFault) {
  SetLeaf(kV | kW | kA | kD);
  EXPECT_EQ(Cause(AccessKind::kRead), kCauseLoadPage);
  SetLeaf(kV | kR | kA | uint64_t{1} << 54);
  EXPECT_EQ(Cause(AccessKind::kRead), kCauseLoadPage);
  SetLeaf(kV | kR | kA);
  context_.Word(kMiddle) |= kA;
  EXPECT_EQ(Cause(AccessKind::kRead), kCauseLoadPage);
}

TEST_F(PageWalkerTest, MemoryTypesNeedPbmte) {
  SetLeaf(kV | kR | kA | uint64_t{2} << 61);
  EXPECT_EQ(Cause(AccessKind::kRead), kCauseLoadPage);
  context_.cpu.menvcfg |= kEnvPbmte;
  EXPECT_EQ(Cause(AccessKind::kRead), 0u);
  SetLeaf(kV | kR | kA | uint64_t{3} << 61);
  EXPECT_EQ(Cause(AccessKind::kRead), kCauseLoadPage);
}

TEST_F(PageWalkerTest, SuperpagesAreAlignedAndKeepTheirOffset) {
  context_.Word(kRoot + 8) = 0x8000'0000 >> 2 | kV | kR | kA;
  EXPECT_EQ(Ask(AccessKind::kRead, 0x4567'8000).translation.page, GuestPhysAddr(0x8567'8000));
  context_.Word(kRoot + 8) = 0x8000'1000 >> 2 | kV | kR | kA;
  EXPECT_EQ(Cause(AccessKind::kRead, 0x4567'8000), kCauseLoadPage);
}

TEST_F(PageWalkerTest, FencingOneAddressOfASuperpageFlushesAllOfIt) {
  context_.Word(kRoot + 8) = 0x8000'0000 >> 2 | kV | kR | kA;
  Ask(AccessKind::kRead, 0x4567'8000);
  SfenceVma(context_, kVa, 0, 1);
  EXPECT_EQ(context_.full_flushes, 0);
  ASSERT_EQ(context_.flushed_pages.size(), 1u);
  SfenceVma(context_, 0x4000'0000, 0, 1);
  EXPECT_EQ(context_.full_flushes, 1);
  SfenceVma(context_, 0x4000'0000, 0, 1);
  EXPECT_EQ(context_.full_flushes, 1);
}

TEST_F(PageWalkerTest, TablesOutsideOfRamAreAccessFaults) {
  context_.Word(kMiddle) = Pointer(0x1000);
  EXPECT_EQ(Cause(AccessKind::kRead), kCauseLoadAccess);
  EXPECT_EQ(Cause(AccessKind::kWrite), kCauseStoreAccess);
  EXPECT_EQ(Cause(AccessKind::kExecute), kCauseFetchAccess);
}

TEST_F(PageWalkerTest, ProtectionAppliesToTheWalkItself) {
  // Entry 0: no rights in the last table's page.
  context_.cpu.pmpcfg[0] = 0x18;
  context_.cpu.pmpaddr[0] = kLast >> 2 | 0x1ff;
  EXPECT_EQ(Cause(AccessKind::kRead), kCauseLoadAccess);
  // Readable is enough until a bit is to be set.
  context_.cpu.pmpcfg[0] = 0x19;
  EXPECT_EQ(Cause(AccessKind::kRead), 0u);
  SetLeaf(kV | kR | kW);
  EXPECT_EQ(Cause(AccessKind::kRead), kCauseLoadAccess);
}

TEST_F(PageWalkerTest, ProtectionMayEndInsideAPage) {
  // Entries 0 and 1: below kTarget + 0x20 all; the 32 bytes from there read-only.
  context_.cpu.pmpcfg[0] = 0x0f;
  context_.cpu.pmpaddr[0] = (kTarget + 0x20) >> 2;
  context_.cpu.pmpcfg[1] = 0x09;
  context_.cpu.pmpaddr[1] = (kTarget + 0x40) >> 2;
  EXPECT_FALSE(Ask(AccessKind::kWrite, kVa + 0x18).fault);
  EXPECT_FALSE(Ask(AccessKind::kWrite, kVa + 0x18).translation.whole_page);
  EXPECT_EQ(Cause(AccessKind::kWrite, kVa + 0x20), kCauseStoreAccess);
  EXPECT_EQ(Cause(AccessKind::kRead, kVa + 0x20), 0u);
  EXPECT_EQ(Cause(AccessKind::kWrite, kVa + 0x40), 0u);
}

TEST_F(PageWalkerTest, WithoutAMatchOnlyMachineModePasses) {
  context_.cpu.pmpcfg[15] = 0;
  context_.cpu.satp = 0;
  EXPECT_EQ(Cause(AccessKind::kRead), kCauseLoadAccess);
  context_.cpu.privilege = Privilege::kMachine;
  EXPECT_EQ(Cause(AccessKind::kRead), 0u);
}

TEST_F(PageWalkerTest, OnlyLockedEntriesBindMachineMode) {
  context_.cpu.privilege = Privilege::kMachine;
  context_.cpu.pmpcfg[0] = 0x18;
  context_.cpu.pmpaddr[0] = kTarget >> 2 | 0x1ff;
  EXPECT_EQ(Cause(AccessKind::kRead, kTarget), 0u);
  EXPECT_TRUE(WritePmpConfig(context_.cpu, 0, 0x98));
  EXPECT_EQ(Cause(AccessKind::kRead, kTarget), kCauseLoadAccess);
  EXPECT_FALSE(WritePmpConfig(context_.cpu, 0, 0x1f));
  EXPECT_FALSE(WritePmpAddress(context_.cpu, 0, 0));
}

TEST_F(PageWalkerTest, KeysTellViewersApart) {
  CpuState& cpu = context_.cpu;
  const uint64_t supervisor = DataSpaceKey(cpu);
  cpu.mstatus = kStatusSum;
  EXPECT_NE(DataSpaceKey(cpu), supervisor);
  EXPECT_EQ(FetchSpaceKey(cpu), supervisor);
  cpu.mstatus = 0;
  cpu.satp ^= uint64_t{1} << 44;  // ASID
  EXPECT_NE(DataSpaceKey(cpu), supervisor);
  cpu.satp ^= uint64_t{1} << 44 | uint64_t{1} << kSatpModeShift;  // Sv48
  const uint64_t sv48 = DataSpaceKey(cpu);
  EXPECT_NE(sv48, supervisor);
  cpu.satp += uint64_t{1} << kSatpModeShift;
  EXPECT_NE(DataSpaceKey(cpu), supervisor);
  EXPECT_NE(DataSpaceKey(cpu), sv48);
  cpu.satp = 0;
  const uint64_t bare = DataSpaceKey(cpu);
  cpu.privilege = Privilege::kMachine;
  EXPECT_NE(DataSpaceKey(cpu), bare);
}

}  // namespace
}  // namespace emu::translator::riscv64
