#include "translator/runtime/vm_vcpu.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "vmm/base/guest_memory.h"
#include "vmm/base/state_wire.h"

namespace emu::translator {
namespace {

constexpr GuestPhysAddr kCode = 0x8000'0000_gpa;
constexpr GuestPhysAddr kResult = 0x8000'0800_gpa;
// auipc a1, 1; sd a0, -2048(a1); wfi; j . - 4
constexpr uint32_t kStoreArgument[] = {0x0000'1597, 0x80a5'b023, 0x1050'0073, 0xffdf'f06f};

class VmVcpuTest : public testing::Test {
 protected:
  VmVcpuTest() : address_space_(memory_) {
    EXPECT_TRUE(memory_.AddRegion(kCode, 1 << 20, MemoryKind::kRam).ok());
    EXPECT_TRUE(memory_.Write(kCode, std::as_bytes(std::span(kStoreArgument))));
    auto created = Translator::Create({.arch = "riscv64", .code_cache_mib = 1, .trace = {}},
                                      address_space_, clock_);
    EXPECT_TRUE(created.ok()) << created.status();
    translator_ = *std::move(created);
    vcpu_ = &translator_->AddVcpu(0);
    vcpu_->Reset(GuestVirtAddr(kCode.value));
  }

  uint64_t Result() {
    uint64_t value = 0;
    EXPECT_TRUE(memory_.Read(kResult, std::as_writable_bytes(std::span(&value, 1))));
    return value;
  }
  void SetResult(uint64_t value) {
    EXPECT_TRUE(memory_.Write(kResult, std::as_bytes(std::span(&value, 1))));
  }

  GuestMemory memory_;
  AddressSpace address_space_;
  VirtualClock clock_;
  std::unique_ptr<Translator> translator_;
  Vcpu* vcpu_ = nullptr;
};

TEST_F(VmVcpuTest, OneThatIsOffExecutesNothing) {
  SetResult(7);
  vcpu_->PowerOff();
  vcpu_->SetInterrupt(3, true);
  for (int turn = 0; turn < 3; ++turn) EXPECT_EQ(vcpu_->Run(), VcpuExit::kWaitForInterrupt);
  EXPECT_EQ(Result(), 7u);
}

TEST_F(VmVcpuTest, PoweredOnItStartsAnewWithItsArgument) {
  vcpu_->PowerOff();
  EXPECT_EQ(vcpu_->Run(), VcpuExit::kWaitForInterrupt);
  std::thread other([this] { EXPECT_TRUE(vcpu_->PowerOn(GuestVirtAddr(kCode.value), 42)); });
  vcpu_->Sleep();
  other.join();
  EXPECT_EQ(vcpu_->Run(), VcpuExit::kWaitForInterrupt);
  EXPECT_EQ(Result(), 42u);
  EXPECT_FALSE(vcpu_->PowerOn(GuestVirtAddr(kCode.value), 43));
}

TEST_F(VmVcpuTest, AnInterruptDoesNotEndTheSleepOfOneThatIsOffButAKickDoes) {
  vcpu_->PowerOff();
  vcpu_->SetInterrupt(3, true);
  std::atomic<bool> kicked = false;
  std::thread other([&] {
    vcpu_->SetInterrupt(7, true);
    kicked = true;
    vcpu_->Kick();
  });
  vcpu_->Sleep();
  EXPECT_TRUE(kicked);
  other.join();
  EXPECT_EQ(vcpu_->Run(), VcpuExit::kStopRequested);
}

// Nobody drives the clock here.
TEST_F(VmVcpuTest, ItsTimerEndsItsSleep) {
  constexpr uint32_t kWaitTenMilliseconds[] = {0x0010'0293,   // li t0, 1
                                               0x03f2'9293,   // slli t0, t0, 63
                                               0x30a2'a073,   // csrs menvcfg, t0: STCE
                                               0xc010'2373,   // csrr t1, time
                                               0x0001'83b7,   // lui t2, 0x18
                                               0x0073'0333,   // add t1, t1, t2
                                               0x14d3'1073,   // csrw stimecmp, t1
                                               0x0200'0e13,   // li t3, 0x20
                                               0x304e'1073,   // csrw mie, t3: STIE
                                               0x1050'0073};  // wfi
  EXPECT_TRUE(memory_.Write(kCode, std::as_bytes(std::span(kWaitTenMilliseconds))));
  clock_.Start();
  EXPECT_EQ(vcpu_->Run(), VcpuExit::kWaitForInterrupt);
  EXPECT_NE(clock_.NextDeadlineHostNs(), UINT64_MAX);
  vcpu_->Sleep();
  EXPECT_GE(clock_.NowNs(), 9'830'400u);
  EXPECT_EQ(clock_.NextDeadlineHostNs(), UINT64_MAX) << "the I/O loop would wake up, too";
}

TEST_F(VmVcpuTest, AResetTurnsItOn) {
  vcpu_->PowerOff();
  vcpu_->Reset(GuestVirtAddr(kCode.value));
  EXPECT_FALSE(vcpu_->PowerOn(GuestVirtAddr(kCode.value), 1));
  SetResult(7);
  EXPECT_EQ(vcpu_->Run(), VcpuExit::kWaitForInterrupt);
  EXPECT_EQ(Result(), 0u);
}

TEST_F(VmVcpuTest, BeingOffAndBeingStartedAreState) {
  vcpu_->PowerOff();
  const auto save = [this] {
    StateWriter writer;
    vcpu_->VisitState(writer);
    return writer.Take();
  };
  const auto restore = [this](const std::vector<std::byte>& from) {
    StateReader reader(from);
    vcpu_->VisitState(reader);
    EXPECT_TRUE(reader.status().ok()) << reader.status();
  };
  const std::vector<std::byte> off = save();
  EXPECT_TRUE(vcpu_->PowerOn(GuestVirtAddr(kCode.value), 5));
  const std::vector<std::byte> starting = save();
  restore(off);
  SetResult(7);
  EXPECT_EQ(vcpu_->Run(), VcpuExit::kWaitForInterrupt);
  EXPECT_EQ(Result(), 7u);
  restore(starting);
  EXPECT_EQ(vcpu_->Run(), VcpuExit::kWaitForInterrupt);
  EXPECT_EQ(Result(), 5u);
}

}  // namespace
}  // namespace emu::translator
