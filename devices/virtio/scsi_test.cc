#include "devices/virtio/scsi.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <initializer_list>

#include "devices/virtio/virtio_test_bench.h"
#include "vmm/base/state_wire.h"

namespace emu::virtio {
namespace {

using namespace scsi_host;

constexpr uint16_t kWrite = kDescriptorWrite, kNext = kDescriptorNext;
constexpr uint64_t kBlocks = 64;

// Answers at once, or when it is let; block n is full of n.
class TestDisc final : public Disk {
 public:
  struct Behaviour {
    int error = 0;
    bool holds = false;
    struct Held {
      DiskRequest request;
      Done done;
    };
    std::deque<Held> held = {};
  };
  explicit TestDisc(Behaviour& behaviour) : behaviour_(behaviour) {}
  uint64_t size_bytes() const override { return kBlocks * scsi::kBlockBytes; }
  bool is_readonly() const override { return true; }
  void Submit(DiskRequest request, Done done) override {
    if (behaviour_.holds) {
      behaviour_.held.push_back({std::move(request), std::move(done)});
      return;
    }
    Answer(request, done, behaviour_.error);
  }
  void Cancel(uint32_t queue) override {
    std::erase_if(behaviour_.held,
                  [queue](const auto& held) { return held.request.queue == queue; });
  }
  void AnswerHeld() {
    auto held = std::exchange(behaviour_.held, {});
    for (auto& one : held) Answer(one.request, one.done, behaviour_.error);
    NoteAnswered();
  }

 private:
  static void Answer(const DiskRequest& request, const Done& done, int error) {
    for (const iovec& span : request.spans) {
      if (error == 0) {
        memset(span.iov_base, static_cast<int>(request.offset / scsi::kBlockBytes), span.iov_len);
      }
    }
    done(error);
  }

  Behaviour& behaviour_;
};

class ScsiHostTest : public testing::Test {
 protected:
  static constexpr uint32_t kRequests = kFirstRequestQueue;
  static constexpr uint32_t kRoom = 4096;
  static constexpr uint32_t kResponse = sizeof(ResponseHeader) + kSenseBytes;

  ScsiHostTest() : bench_(MakeDevice()) {
    Initialize();
    Ask({0x00});  // hears of the reset
  }
  std::unique_ptr<ScsiHost> MakeDevice() {
    auto disc = std::make_unique<TestDisc>(behaviour_);
    disc_ = disc.get();
    return std::make_unique<ScsiHost>(
        std::move(disc),
        ScsiHost::Options{.id = "cd0",
                          .queue_count = 2,
                          .on_read_error = OnDiskError::kStop,
                          .stop = [this](const DiskError& error) { stops_.push_back(error); }});
  }
  void Initialize(uint64_t features = 0) {
    bench_.Initialize(kFirstRequestQueue + 2, features);
    for (uint32_t queue = 0; queue < 4; ++queue) {
      bench_.Poke<uint16_t>(VirtioTestBench::Used(queue) + 2, 0);
    }
  }

  // Request number `slot` (0 or 1): header and command, then response and room for data.
  void Submit(std::initializer_list<uint8_t> command, uint16_t slot = 0, uint8_t target = 0,
              uint8_t unit = 0, uint32_t room = kRoom) {
    const GuestPhysAddr at = Buffer(slot);
    RequestHeader header = {.unit = {1, target, 0x40, unit}, .tag = 100u + slot};
    std::array<uint8_t, kCommandBytes> bytes = {};
    std::ranges::copy(command, bytes.begin());
    bench_.Poke(at, header);
    bench_.Poke(at + sizeof(header), bytes);
    bench_.Poke(Answer(slot), ResponseHeader{.status = kPending, .response = kPending});
    const auto first = static_cast<uint16_t>(3 * slot);
    bench_.Describe(kRequests, first, at, sizeof(header) + kCommandBytes, kNext, first + 1);
    bench_.Describe(kRequests, first + 1, Answer(slot), kResponse,
                    static_cast<uint16_t>(kWrite | (room > 0 ? kNext : 0)), first + 2);
    bench_.Describe(kRequests, first + 2, Data(slot), room, kWrite);
    bench_.Submit(kRequests, first);
  }
  ResponseHeader Ask(std::initializer_list<uint8_t> command, uint8_t target = 0, uint8_t unit = 0,
                     uint32_t room = kRoom) {
    Submit(command, 0, target, unit, room);
    return Response(0);
  }
  ResponseHeader Response(uint16_t slot) { return bench_.Peek<ResponseHeader>(Answer(slot)); }
  uint8_t SenseByte(size_t index) {
    return bench_.Peek<uint8_t>(Answer(0) + sizeof(ResponseHeader) + index);
  }
  int Manage(TaskFunction function, uint64_t tag = 0, uint8_t unit = 0) {
    bench_.Poke(Buffer(2), TaskRequest{.type = 0,
                                       .function = static_cast<uint32_t>(function),
                                       .unit = {1, 0, 0x40, unit},
                                       .tag = tag});
    bench_.Poke<uint8_t>(Answer(2), kPending);
    bench_.Describe(kControlQueue, 0, Buffer(2), sizeof(TaskRequest), kNext, 1);
    bench_.Describe(kControlQueue, 1, Answer(2), 1, kWrite);
    bench_.Submit(kControlQueue, 0);
    return bench_.Peek<uint8_t>(Answer(2));
  }
  static GuestPhysAddr Buffer(uint16_t slot) { return VirtioTestBench::kBuffers + 0x4000u * slot; }
  static GuestPhysAddr Answer(uint16_t slot) { return Buffer(slot) + 0x1000; }
  static GuestPhysAddr Data(uint16_t slot) { return Buffer(slot) + 0x2000; }

  static constexpr uint8_t kPending = 0xee, kOk = 0, kOverrun = 1, kAborted = 2, kBadTarget = 3,
                           kReset = 4, kFailure = 9, kRejected = 11, kIncorrectUnit = 12;
  static constexpr uint8_t kGood = 0, kCheck = 2;
  TestDisc::Behaviour behaviour_;
  TestDisc* disc_ = nullptr;
  std::vector<DiskError> stops_;
  VirtioTestBench bench_;
};

TEST_F(ScsiHostTest, ReadsBlocksOfItsDisc) {
  const ResponseHeader response = Ask({0x28, 0, 0, 0, 0, 7, 0, 0, 1});
  EXPECT_EQ(response.response, kOk);
  EXPECT_EQ(response.status, kGood);
  EXPECT_EQ(response.residual_bytes, kRoom - scsi::kBlockBytes);
  EXPECT_EQ(bench_.Text(Data(0), scsi::kBlockBytes), std::string(scsi::kBlockBytes, 7));
  EXPECT_EQ(bench_.UsedLength(kRequests, 1), kResponse + scsi::kBlockBytes);
  EXPECT_TRUE(bench_.irq());
  EXPECT_EQ(bench_.transport().disk_counters()->reads, 1u);
  EXPECT_EQ(bench_.transport().disk_counters()->read_bytes, scsi::kBlockBytes);
}

TEST_F(ScsiHostTest, WhatTheDriveRefusesComesWithSenseData) {
  const ResponseHeader response = Ask({0x28, 0, 0, 0, 0, 64, 0, 0, 1});
  EXPECT_EQ(response.response, kOk);
  EXPECT_EQ(response.status, kCheck);
  EXPECT_EQ(response.sense_bytes, scsi::kSenseBytes);
  EXPECT_EQ(response.residual_bytes, kRoom);
  EXPECT_EQ(SenseByte(2), 5);
  EXPECT_EQ(SenseByte(12), 0x21);
}

TEST_F(ScsiHostTest, TheFirstCommandAfterAResetOfTheDeviceHearsOfIt) {
  Initialize();
  EXPECT_EQ(Ask({0x00}).status, kCheck);
  EXPECT_EQ(SenseByte(12), 0x29);
  EXPECT_EQ(Ask({0x00}).status, kGood);
}

TEST_F(ScsiHostTest, HasOneTargetWithOneUnit) {
  EXPECT_EQ(Ask({0x00}, 1).response, kBadTarget);
  EXPECT_EQ(Ask({0x00}, 0, 1).status, kCheck);
  EXPECT_EQ(SenseByte(12), 0x25);
  EXPECT_EQ(Ask({0x12, 0, 0, 0, 36}, 0, 1).status, kGood);
  EXPECT_EQ(bench_.Peek<uint8_t>(Data(0)), 0x7f);
}

TEST_F(ScsiHostTest, ADriverWithoutEnoughRoomIsTold) {
  EXPECT_EQ(Ask({0x28, 0, 0, 0, 0, 0, 0, 0, 3}).response, kOverrun);
  const ResponseHeader cut = Ask({0x12, 0, 0, 0, 36}, 0, 0, 10);
  EXPECT_EQ(cut.response, kOverrun);
  EXPECT_EQ(cut.residual_bytes, 0u);
  EXPECT_EQ(Ask({0x00}, 0, 0, 0).response, kOk);
}

TEST_F(ScsiHostTest, RequestsWithoutHeaderOrResponseComeBackEmpty) {
  bench_.Describe(kRequests, 0, Buffer(0), 20, kNext, 1);
  bench_.Describe(kRequests, 1, Answer(0), kResponse, kWrite);
  bench_.Submit(kRequests, 0);
  EXPECT_EQ(bench_.UsedLength(kRequests, 1), 0u);
  bench_.Describe(kRequests, 0, Buffer(0), 60, kNext, 1);
  bench_.Describe(kRequests, 1, Answer(0), kResponse - 1, kWrite);
  bench_.Submit(kRequests, 0);
  EXPECT_EQ(bench_.UsedLength(kRequests, 2), 0u);
  EXPECT_EQ(bench_.transport().disk_counters()->failed, 2u);
  EXPECT_FALSE(bench_.needs_reset());
}

TEST_F(ScsiHostTest, DataOutsideMemoryIsAnErrorOfThatRequest) {
  Submit({0x28, 0, 0, 0, 0, 7, 0, 0, 1});
  bench_.Describe(kRequests, 2, 0x1000'0000_gpa, kRoom, kWrite);
  bench_.Submit(kRequests, 0);
  EXPECT_EQ(Response(0).response, kFailure);
}

TEST_F(ScsiHostTest, TheDriverChoosesTheSizesOfSenseDataAndCommands) {
  constexpr uint64_t kConfig = 0x100;
  EXPECT_EQ(bench_.Get(kConfig + offsetof(Config, sense_bytes)), kSenseBytes);
  bench_.Set(kConfig + offsetof(Config, sense_bytes), 4);
  bench_.Set(kConfig + offsetof(Config, command_bytes), 10);
  bench_.Set(kConfig + offsetof(Config, queue_count), 1);  // not the driver's
  EXPECT_EQ(bench_.Get(kConfig + offsetof(Config, sense_bytes)), 4u);
  EXPECT_EQ(bench_.Get(kConfig + offsetof(Config, command_bytes)), 10u);
  EXPECT_EQ(bench_.Get(kConfig + offsetof(Config, queue_count)), 2u);
  bench_.Set(kConfig + offsetof(Config, sense_bytes), 70'000);
  bench_.Set(kConfig + offsetof(Config, command_bytes), 0);
  EXPECT_EQ(bench_.Get(kConfig + offsetof(Config, sense_bytes)), 4u);
  EXPECT_EQ(bench_.Get(kConfig + offsetof(Config, command_bytes)), 10u);

  Submit({0x28, 0, 0, 0, 0, 64, 0, 0, 1}, 0, 0, 0, 0);
  EXPECT_EQ(Response(0).sense_bytes, 4u);
  EXPECT_EQ(bench_.UsedLength(kRequests, 1), sizeof(ResponseHeader) + 4);

  Initialize();
  EXPECT_EQ(bench_.Get(kConfig + offsetof(Config, sense_bytes)), kSenseBytes);
  EXPECT_EQ(bench_.Get(kConfig + offsetof(Config, command_bytes)), kCommandBytes);
}

TEST_F(ScsiHostTest, AReadThatFailsStopsTheMachineAndIsTriedAgainWhenItGoesOn) {
  behaviour_.error = EIO;
  EXPECT_EQ(Ask({0x28, 0, 0, 0, 0, 7, 0, 0, 1}).response, kPending);
  ASSERT_EQ(stops_.size(), 1u);
  EXPECT_EQ(stops_[0].disk, "cd0");
  StateWriter writer;
  bench_.transport().VisitState(writer);
  const auto state = writer.Take();

  bool irq = false;
  MmioTransport restored(bench_.memory(), DeviceTestBench::Wire(irq), MakeDevice());
  StateReader reader(state);
  restored.VisitState(reader);
  ASSERT_TRUE(reader.status().ok()) << reader.status();
  ASSERT_TRUE(restored.AfterRestore().ok());
  behaviour_.error = 0;
  restored.Start();
  EXPECT_EQ(Response(0).response, kOk);
  EXPECT_EQ(bench_.Text(Data(0), 1), "\7");
  EXPECT_TRUE(irq);
}

TEST_F(ScsiHostTest, WhatCanNeverBeReadIsAnErrorOfTheMedium) {
  behaviour_.error = kLastingDiskError;
  EXPECT_EQ(Ask({0x28, 0, 0, 0, 0, 7, 0, 0, 1}).status, kCheck);
  EXPECT_EQ(SenseByte(2), 3);
  EXPECT_EQ(SenseByte(12), 0x11);
  EXPECT_TRUE(stops_.empty());
  EXPECT_EQ(bench_.transport().disk_counters()->failed, 1u);
}

TEST_F(ScsiHostTest, AnAbortedTaskIsAnsweredAndTheOtherOneDone) {
  behaviour_.holds = true;
  Submit({0x28, 0, 0, 0, 0, 7, 0, 0, 1}, 0);
  Submit({0x28, 0, 0, 0, 0, 8, 0, 0, 1}, 1);
  EXPECT_EQ(Manage(TaskFunction::kAbortTask, 100), kOk);
  EXPECT_EQ(Response(0).response, kAborted);
  EXPECT_EQ(Response(1).response, kPending);
  disc_->AnswerHeld();
  EXPECT_EQ(Response(1).response, kOk);
  EXPECT_EQ(bench_.Text(Data(1), 1), "\10");
  EXPECT_EQ(bench_.UsedIndex(kRequests), 3);
}

TEST_F(ScsiHostTest, AResetOfTheUnitEndsAllTasks) {
  behaviour_.holds = true;
  Submit({0x28, 0, 0, 0, 0, 7, 0, 0, 1}, 0);
  Submit({0x28, 0, 0, 0, 0, 8, 0, 0, 1}, 1);
  EXPECT_EQ(Manage(TaskFunction::kResetUnit), kOk);
  EXPECT_EQ(Response(0).response, kReset);
  EXPECT_EQ(Response(1).response, kReset);
  EXPECT_TRUE(behaviour_.held.empty());
  EXPECT_EQ(Ask({0x00}).status, kCheck);
  EXPECT_EQ(SenseByte(12), 0x29);
}

TEST_F(ScsiHostTest, KeptTasksAreAbortedToo) {
  behaviour_.error = EIO;
  Submit({0x28, 0, 0, 0, 0, 7, 0, 0, 1});
  EXPECT_EQ(Response(0).response, kPending);
  EXPECT_EQ(Manage(TaskFunction::kAbortTaskSet), kOk);
  EXPECT_EQ(Response(0).response, kAborted);
  bench_.transport().Start();
  EXPECT_EQ(bench_.UsedIndex(kRequests), 2);
}

TEST_F(ScsiHostTest, RefusesFunctionsThatItHasNot) {
  EXPECT_EQ(Manage(TaskFunction::kQueryTask), kRejected);
  EXPECT_EQ(Manage(static_cast<TaskFunction>(99)), kRejected);
  EXPECT_EQ(Manage(TaskFunction::kResetUnit, 0, 1), kIncorrectUnit);
}

TEST_F(ScsiHostTest, HasNoEventsToSubscribeTo) {
  bench_.Poke(Buffer(2), EventsRequest{.type = 2, .unit = {1, 0, 0x40, 0}, .wanted = 0xff});
  bench_.Poke(Answer(2), EventsResponse{0xeeee'eeee, kPending});
  bench_.Describe(kControlQueue, 0, Buffer(2), sizeof(EventsRequest), kNext, 1);
  bench_.Describe(kControlQueue, 1, Answer(2), sizeof(EventsResponse), kWrite);
  bench_.Submit(kControlQueue, 0);
  const auto response = bench_.Peek<EventsResponse>(Answer(2));
  EXPECT_EQ(response.events, 0u);
  EXPECT_EQ(response.response, kOk);
}

TEST_F(ScsiHostTest, AChangeOfTheMediumIsToldWhoWantsToHearOfIt) {
  const auto make_room = [this] {
    bench_.Describe(kEventQueue, 0, Buffer(2), sizeof(Event), kWrite);
    bench_.Submit(kEventQueue, 0);
  };
  make_room();
  Ask({0x1b, 0, 0, 0, 2});
  EXPECT_EQ(bench_.UsedIndex(kEventQueue), 0);

  Initialize(kFeatureChange);
  Ask({0x00});
  make_room();
  Ask({0x1b, 0, 0, 0, 2});
  EXPECT_EQ(bench_.UsedIndex(kEventQueue), 1);
  EXPECT_EQ(bench_.Peek<Event>(Buffer(2)).kind, 3u);
  EXPECT_EQ(bench_.Peek<Event>(Buffer(2)).reason, 0x023au);

  Ask({0x1b, 0, 0, 0, 3});  // without room
  EXPECT_EQ(bench_.UsedIndex(kEventQueue), 1);
  make_room();
  EXPECT_EQ(bench_.UsedIndex(kEventQueue), 2);
  EXPECT_EQ(bench_.Peek<Event>(Buffer(2)).kind, kEventsMissed);
  make_room();
  EXPECT_EQ(bench_.UsedIndex(kEventQueue), 2);
}

TEST_F(ScsiHostTest, AQueueThatIsSwitchedOffForgetsItsReads) {
  behaviour_.holds = true;
  Submit({0x28, 0, 0, 0, 0, 7, 0, 0, 1});
  EXPECT_EQ(behaviour_.held.size(), 1u);
  Initialize();
  EXPECT_TRUE(behaviour_.held.empty());
  EXPECT_EQ(bench_.UsedIndex(kRequests), 0);
  EXPECT_EQ(Response(0).response, kPending);
}

}  // namespace
}  // namespace emu::virtio
