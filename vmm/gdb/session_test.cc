#include "vmm/gdb/session.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace emu::gdb {
namespace {

using translator::DebugStop;
using translator::StopPoint;
using RunMode = Target::RunMode;

// Two registers and a pc of 64 bits; a system register of 32 that can't be written to.
constexpr uint32_t kPc = 2, kSystem = 9;
// One of 128 bits, in halves.
constexpr uint32_t kWide = 20, kWideUpper = 21;

class FakeVcpu final : public translator::VcpuDebug {
 public:
  std::optional<uint64_t> ReadRegister(uint32_t number) override {
    return number <= kPc || number == kSystem || number >= kWide ? std::optional(registers[number])
                                                                 : std::nullopt;
  }
  bool WriteRegister(uint32_t number, uint64_t value) override {
    if (number > kPc && number < kWide) return false;
    registers[number] = value;
    return true;
  }
  std::optional<GuestPhysAddr> Translate(GuestVirtAddr address) override {
    return GuestPhysAddr(address.value);
  }
  void SetStepping(bool) override {}
  std::optional<DebugStop> stop() const override { return std::nullopt; }

  std::map<uint32_t, uint64_t> registers;
};

// 256 bytes of memory, at 0x100 virtually and at 0x1000 physically.
class FakeTarget final : public Target {
 public:
  const translator::DebugArchitecture& architecture() override {
    static const translator::DebugArchitecture kArchitecture = {
        "test",
        kPc,
        {{"core",
          {{"a", 0, 64, "int", "general"},
           {"b", 1, 64, "int", "general"},
           {"pc", kPc, 64, "code_ptr", "general"}}},
         {"system", {{"s", kSystem, 32, "int", "csr"}}},
         {"wide", {{"w", kWide, 128, "uint128", "float", kWideUpper}}}}};
    return kArchitecture;
  }
  uint32_t vcpu_count() override { return 2; }
  translator::VcpuDebug& vcpu(uint32_t index) override { return vcpus[index]; }
  std::string ReadMemory(translator::VcpuDebug* viewer, uint64_t address,
                         uint32_t size_bytes) override {
    const uint64_t offset = address - (viewer != nullptr ? 0x100 : 0x1000);
    return offset < memory.size() ? memory.substr(offset, size_bytes) : "";
  }
  bool WriteMemory(translator::VcpuDebug* viewer, uint64_t address,
                   std::string_view bytes) override {
    const uint64_t offset = address - (viewer != nullptr ? 0x100 : 0x1000);
    if (offset >= memory.size() || memory.size() - offset < bytes.size()) return false;
    memory.replace(offset, bytes.size(), bytes);
    return true;
  }
  absl::Status AddStop(const StopPoint& point) override {
    if (stops.size() == 8) return absl::ResourceExhaustedError("");
    stops.push_back(point);
    return absl::OkStatus();
  }
  void RemoveStop(const StopPoint& point) override { std::erase(stops, point); }
  void RemoveAllStops() override { stops.clear(); }
  void Hold() override { modes.clear(); }
  void Run(std::span<const RunMode> wanted) override { modes.assign(wanted.begin(), wanted.end()); }
  void Kill() override { is_killed = true; }

  FakeVcpu vcpus[2];
  std::string memory = std::string(256, '\0');
  std::vector<StopPoint> stops;
  std::vector<RunMode> modes;  // empty: held
  bool is_killed = false;
};

class SessionTest : public testing::Test {
 protected:
  // The data of the only packet that answers; "?" for anything else.
  std::string Ask(std::string_view packet) {
    sent_.clear();
    session_.Receive(Frame(packet));
    return Sent();
  }
  std::string Sent() {
    PacketReader reader;
    const std::vector<Received> received = reader.Feed(sent_);
    return received.size() == 1 && received[0].kind == Received::Kind::kPacket ? received[0].data
                                                                               : "?";
  }

  FakeTarget target_;
  std::string sent_;
  Session session_{target_, [this](std::string_view bytes) { sent_ += bytes; }};
};

TEST_F(SessionTest, AcknowledgesUntilItIsToldNotTo) {
  session_.Receive(Frame("?"));
  EXPECT_EQ(sent_, Concat({"+", Frame("T05thread:1;")}));
  sent_.clear();
  session_.Receive("$?#00");
  EXPECT_EQ(sent_, "-");
  sent_.clear();
  session_.Receive("-");
  EXPECT_EQ(sent_, Frame("T05thread:1;"));
  EXPECT_EQ(Ask("QStartNoAckMode"), "OK");
  sent_.clear();
  session_.Receive(Frame("?"));
  EXPECT_EQ(sent_, Frame("T05thread:1;"));
}

TEST_F(SessionTest, WhatItDoesNotKnowItAnswersEmpty) {
  for (const char* packet :
       {"", "vMustReplyEmpty", "qTStatus", "Qwhat", "!", "vFile:open:00", "Z9,0,1"}) {
    EXPECT_EQ(Ask(packet), "") << packet;
  }
}

TEST_F(SessionTest, RegistersOneByOneAndTogether) {
  target_.vcpus[0].registers = {{0, 1}, {1, 2}, {kPc, 0x8000}, {kSystem, 7}};
  EXPECT_EQ(Ask("g"),
            "0100000000000000"
            "0200000000000000"
            "0080000000000000");
  EXPECT_EQ(Ask("p9"), "07000000");
  EXPECT_EQ(Ask("P1=1122334455667788"), "OK");
  EXPECT_EQ(target_.vcpus[0].registers[1], 0x8877665544332211u);
  EXPECT_EQ(Ask("G" + std::string(48, '1')), "OK");
  EXPECT_EQ(target_.vcpus[0].registers[kPc], 0x1111111111111111u);
  EXPECT_EQ(Ask("Hg2"), "OK");
  EXPECT_EQ(Ask("p0"), "0000000000000000");  // of the other processor
}

TEST_F(SessionTest, AWideRegisterTravelsInOneAndIsKeptInHalves) {
  EXPECT_EQ(Ask("P14=01000000000000000200000000000080"), "OK");
  EXPECT_EQ(target_.vcpus[0].registers[kWide], 1u);
  EXPECT_EQ(target_.vcpus[0].registers[kWideUpper], 0x8000'0000'0000'0002u);
  EXPECT_EQ(Ask("p14"), "01000000000000000200000000000080");
  EXPECT_EQ(Ask("P14=0100000000000000"), "E16");
}

TEST_F(SessionTest, BadRegisterPacketsChangeNothing) {
  target_.vcpus[0].registers = {{0, 1}};
  for (const char* packet : {"p", "p77", "px", "P0", "P0=", "P0=11", "P9=01000000", "P77=00", "G",
                             "G00", "Gxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                             "p10000000000000000", "pffffffffffffffff"}) {
    EXPECT_EQ(Ask(packet)[0], 'E') << packet;
  }
  EXPECT_EQ(target_.vcpus[0].registers[0], 1u);
}

TEST_F(SessionTest, MemoryIsVirtualOrPhysical) {
  EXPECT_EQ(Ask("M100,2:abcd"), "OK");
  EXPECT_EQ(Ask("m100,4"), "abcd0000");
  EXPECT_EQ(Ask("X102,2:$#"), "OK");
  EXPECT_EQ(Ask("m102,2"), "2423");
  EXPECT_EQ(Ask("m1000,2"), "E0e");
  EXPECT_EQ(Ask("Qqemu.PhyMemMode:1"), "OK");
  EXPECT_EQ(Ask("qqemu.PhyMemMode"), "1");
  EXPECT_EQ(Ask("m1000,2"), "abcd");
  EXPECT_EQ(Ask("qRcmd," + ToHex("phys off")), "OK");
  EXPECT_EQ(Ask("m1000,2"), "E0e");
  EXPECT_EQ(Ask("m1fe,8"), "0000");  // as far as it goes
}

TEST_F(SessionTest, BadMemoryPacketsWriteNothing) {
  for (const char* packet : {"m", "m,", "m100", "m100,", "m100,2x", "M100,2:ab", "M100,2:abcde",
                             "M100,2", "X100,3:ab", "M0,1:ab", "mffffffffffffffffff,1"}) {
    EXPECT_EQ(Ask(packet)[0], 'E') << packet;
  }
  EXPECT_EQ(target_.memory, std::string(256, '\0'));
  EXPECT_EQ(Ask("m100,ffffffffffffffff").size(), 512u);
}

TEST_F(SessionTest, StopsComeAndGo) {
  EXPECT_EQ(Ask("Z0,8000,4"), "OK");
  EXPECT_EQ(Ask("Z2,100,8"), "OK");
  EXPECT_EQ(Ask("Z4,100,2"), "OK");
  ASSERT_EQ(target_.stops.size(), 3u);
  EXPECT_EQ(target_.stops[0], (StopPoint{StopPoint::Kind::kBreakpoint, 0x8000, 1}));
  EXPECT_EQ(target_.stops[1], (StopPoint{StopPoint::Kind::kWrite, 0x100, 8}));
  EXPECT_EQ(target_.stops[2], (StopPoint{StopPoint::Kind::kAccess, 0x100, 2}));
  EXPECT_EQ(Ask("z0,8000,4"), "OK");
  EXPECT_EQ(target_.stops.size(), 2u);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(Ask("Z1,9000,4"), "OK");
  EXPECT_EQ(Ask("Z1,9000,4"), "E1c");
  for (const char* packet : {"Z", "Z0", "Z0,", "Z0,1", "Zx,1,1", "z0,1,"}) {
    EXPECT_EQ(Ask(packet)[0], 'E') << packet;
  }
}

TEST_F(SessionTest, ProcessorsAreThreads) {
  EXPECT_EQ(Ask("qfThreadInfo"), "m1,2");
  EXPECT_EQ(Ask("qsThreadInfo"), "l");
  EXPECT_EQ(Ask("qC"), "QC1");
  EXPECT_EQ(Ask("T2"), "OK");
  EXPECT_EQ(Ask("T3"), "E03");
  EXPECT_EQ(Ask("Hg3"), "E03");
  EXPECT_EQ(Ask("Hx1"), "E16");
  EXPECT_EQ(Ask("Hc-1"), "OK");
  EXPECT_EQ(Ask("qThreadExtraInfo,2"), ToHex("processor 1"));
}

TEST_F(SessionTest, EachProcessorRunsAsItIsTold) {
  session_.Receive(Frame("QStartNoAckMode"));
  sent_.clear();
  session_.Receive(Frame("vCont;s:2;c"));
  EXPECT_EQ(sent_, "");  // the answer comes with the stop
  EXPECT_EQ(target_.modes, (std::vector{RunMode::kRun, RunMode::kStep}));
  session_.NoteStop(1, {.reason = DebugStop::Reason::kStep});
  EXPECT_EQ(Sent(), "T05thread:2;");
  EXPECT_EQ(Ask("vCont?"), "vCont;c;C;s;S");

  session_.Receive(Frame("vCont;s:1"));
  EXPECT_EQ(target_.modes, (std::vector{RunMode::kStep, RunMode::kHold}));
  session_.NoteStop(0, {.reason = DebugStop::Reason::kStep});
  session_.Receive(Frame("c"));
  EXPECT_EQ(target_.modes, (std::vector{RunMode::kRun, RunMode::kRun}));
}

TEST_F(SessionTest, BadRunPacketsLeaveTheGuestHeld) {
  for (const char* packet : {"vCont;", "vCont;x", "vCont;s:3", "vCont;s:", "vCont;C", "vCont;c;",
                             "cx", "s80000000000000000"}) {
    EXPECT_EQ(Ask(packet)[0], 'E') << packet;
    EXPECT_TRUE(target_.modes.empty()) << packet;
  }
}

TEST_F(SessionTest, AnInterruptHoldsARunningGuestOnly) {
  sent_.clear();
  session_.Receive("\x03");
  EXPECT_EQ(sent_, "");
  session_.Receive(Frame("c"));
  sent_.clear();
  session_.Receive(Frame("g"));  // nothing is answered while it runs
  EXPECT_EQ(sent_, "+");
  sent_.clear();
  session_.Receive("\x03");
  EXPECT_EQ(Sent(), "T02thread:1;");
  EXPECT_TRUE(target_.modes.empty());
}

TEST_F(SessionTest, AWatchpointTellsWhatWasAccessed) {
  session_.Receive(Frame("c"));
  sent_.clear();
  session_.NoteStop(1, {.reason = DebugStop::Reason::kWatchpoint,
                        .point = {StopPoint::Kind::kRead, 0x100, 8},
                        .address = 0x104});
  EXPECT_EQ(Sent(), "T05thread:2;rwatch:104;");
  EXPECT_EQ(Ask("?"), "T05thread:2;rwatch:104;");
}

TEST_F(SessionTest, LeavingLetsTheGuestRunWithoutStops) {
  Ask("Z0,8000,4");
  EXPECT_EQ(Ask("D"), "OK");
  EXPECT_TRUE(session_.is_over());
  EXPECT_TRUE(target_.stops.empty());
  EXPECT_EQ(target_.modes, (std::vector{RunMode::kRun, RunMode::kRun}));
  EXPECT_FALSE(target_.is_killed);
}

TEST_F(SessionTest, AConnectionThatBreaksIsALeave) {
  Ask("Z0,8000,4");
  session_.End();
  EXPECT_TRUE(target_.stops.empty());
  EXPECT_EQ(target_.modes.size(), 2u);
}

TEST_F(SessionTest, KillingEndsTheGuest) {
  EXPECT_EQ(Ask("vKill;1"), "OK");
  EXPECT_TRUE(target_.is_killed);
  EXPECT_TRUE(session_.is_over());
}

TEST_F(SessionTest, TheEndOfTheGuestIsTold) {
  session_.Receive(Frame("c"));
  sent_.clear();
  session_.NoteExit(7);
  EXPECT_EQ(Sent(), "W07");
}

TEST_F(SessionTest, TheDescriptionComesInPieces) {
  std::string xml;
  for (const char* range : {"0,5", "5,5", "a,5"}) {
    const std::string part = Ask(std::string("qXfer:features:read:target.xml:") + range);
    ASSERT_EQ(part.size(), 6u);
    EXPECT_EQ(part[0], 'm');
    xml += part.substr(1);
  }
  const std::string all = Ask("qXfer:features:read:target.xml:0,4000");
  EXPECT_EQ(all[0], 'l');
  EXPECT_EQ(all.substr(1, xml.size()), xml);
  EXPECT_NE(all.find("<reg name=\"s\" bitsize=\"32\" type=\"int\" regnum=\"9\" group=\"csr\"/>"),
            std::string::npos);
  EXPECT_EQ(Ask("qXfer:features:read:target.xml:ffffffffffffffff,1"), "l");
  EXPECT_EQ(Ask("qXfer:features:read:target.xml:0"), "E16");
  EXPECT_EQ(Ask("qXfer:features:read:other.xml:0,1"), "");
}

TEST_F(SessionTest, GarbageHarmsNothing) {
  std::mt19937 random(7);
  const std::string words[] = {"m",
                               "M",
                               "X",
                               "g",
                               "G",
                               "p",
                               "P",
                               "Z0",
                               "z2",
                               "vCont;",
                               "s",
                               "c:1",
                               "qXfer:features:read:target.xml:",
                               "qRcmd,",
                               "Hg",
                               "T",
                               "qSupported",
                               "C05",
                               "S",
                               "?",
                               "QStartNoAckMode",
                               ",",
                               ";",
                               ":",
                               "=",
                               "100",
                               "1000",
                               "ffffffffffffffff",
                               "-1",
                               "0"};
  for (int round = 0; round < 20000; ++round) {
    std::string packet;
    for (uint32_t count = random() % 6; count > 0; --count) {
      packet += random() % 8 == 0 ? std::string(1, static_cast<char>(random()))
                                  : words[random() % std::size(words)];
    }
    // Neither a leave nor a kill, which would end the test.
    if (packet.starts_with("D") || packet.starts_with("k") || packet.starts_with("vKill")) continue;
    sent_.clear();
    session_.Receive(Frame(packet));
    ASSERT_LE(sent_.size(), 3 * kMaxPacketBytes) << packet;
    if (!target_.modes.empty()) session_.Receive("\x03");
    ASSERT_TRUE(target_.modes.empty()) << packet;
  }
  EXPECT_LE(target_.stops.size(), 8u);
}

}  // namespace
}  // namespace emu::gdb
