#include "devices/power/sifive_test.h"

#include <gtest/gtest.h>

#include "devices/core/device_test_bench.h"

namespace emu {
namespace {

struct Asked {
  SifiveTest::Request request;
  uint32_t code;
  bool operator==(const Asked&) const = default;
};

TEST(SifiveTestTest, AsksForWhatIsWritten) {
  std::vector<Asked> asked;
  SifiveTest test([&](SifiveTest::Request request, uint32_t code) {
    asked.push_back({request, code});
  });
  DeviceTestBench::Write(test, 0, 0x5555);
  DeviceTestBench::Write(test, 0, 0x7777, 2);
  DeviceTestBench::Write(test, 0, 0x0042'3333);
  DeviceTestBench::Write(test, 0, 0x1234);
  DeviceTestBench::Write(test, 4, 0x5555);
  EXPECT_EQ(asked, (std::vector<Asked>{{SifiveTest::Request::kPowerOff, 0},
                                       {SifiveTest::Request::kReset, 0},
                                       {SifiveTest::Request::kFail, 0x42}}));
  EXPECT_EQ(DeviceTestBench::Read(test, 0), 0u);
}

}  // namespace
}  // namespace emu
