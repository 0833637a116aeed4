#include "vmm/machine/console_switch.h"

#include <gtest/gtest.h>

#include "devices/core/device_test_bench.h"

namespace emu {
namespace {

// A switch with two ports, and what each of them gets.
struct TwoPorts {
  TwoPorts() {
    ports[0] = &console_switch.AddPort();
    ports[1] = &console_switch.AddPort();
    for (int i = 0; i < 2; ++i) {
      ports[i]->SetReceiver(
          [this, i](std::span<const std::byte> bytes) { got[i] += bytes.size(); });
    }
  }
  RecordingStream console;
  ConsoleSwitch console_switch{console};
  CharStream* ports[2];
  size_t got[2] = {};
};

TEST(ConsoleSwitchTest, ARestoreLeavesTheInputWhereTheGuestWroteLast) {
  TwoPorts before;
  before.ports[1]->Write(AsBytes("login: "));
  StateWriter writer;
  before.console_switch.VisitState(writer);
  const std::vector<std::byte> state = writer.Take();

  TwoPorts after;
  StateReader reader(state);
  after.console_switch.VisitState(reader);
  after.console_switch.Receive(AsBytes("root"));
  EXPECT_EQ(after.got[0], 0u);
  EXPECT_EQ(after.got[1], 4u);
}

TEST(ConsoleSwitchTest, APortThatThereIsNotIsIgnored) {
  StateWriter writer;
  uint64_t port = 7;
  writer.Field(1, "active_port", port);
  const std::vector<std::byte> state = writer.Take();
  TwoPorts after;
  StateReader reader(state);
  after.console_switch.VisitState(reader);
  after.console_switch.Receive(AsBytes("x"));
  EXPECT_EQ(after.got[0], 1u);
}

}  // namespace
}  // namespace emu
