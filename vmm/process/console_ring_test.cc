#include "vmm/process/console_ring.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <string_view>

namespace emu {
namespace {

UniqueFd NewRing() {
  UniqueFd file(memfd_create("ring", MFD_CLOEXEC));
  EXPECT_EQ(ftruncate(file.get(), sizeof(ConsoleRingLayout)), 0);
  EXPECT_EQ(pwrite(file.get(), &kConsoleRingMagic, sizeof(kConsoleRingMagic), 0), 8);
  return file;
}

void Write(ConsoleRing& ring, std::string_view text) { ring.Write(std::as_bytes(std::span(text))); }

TEST(ConsoleRingTest, GoesOnAfterWhatAnEarlierRunWrote) {
  const UniqueFd file = NewRing();
  {
    auto ring = ConsoleRing::Map(UniqueFd(dup(file.get())));
    Write(**ring, "first");
  }
  auto ring = ConsoleRing::Map(UniqueFd(dup(file.get())));
  Write(**ring, "second");
  EXPECT_EQ((*ring)->head(), 11u);
  char text[11];
  ASSERT_EQ(pread(file.get(), text, 11, offsetof(ConsoleRingLayout, data)), 11);
  EXPECT_EQ(std::string_view(text, 11), "firstsecond");
}

TEST(ConsoleRingTest, WrapsAroundAndCountsOn) {
  const UniqueFd file = NewRing();
  auto ring = ConsoleRing::Map(UniqueFd(dup(file.get())));
  Write(**ring, std::string(kConsoleRingBytes - 1, 'x'));
  Write(**ring, "ab");
  EXPECT_EQ((*ring)->head(), kConsoleRingBytes + 1);
  char first = 0;
  ASSERT_EQ(pread(file.get(), &first, 1, offsetof(ConsoleRingLayout, data)), 1);
  EXPECT_EQ(first, 'b');
}

TEST(ConsoleRingTest, RefusesAFileThatIsNoRing) {
  UniqueFd file(memfd_create("ring", MFD_CLOEXEC));
  EXPECT_FALSE(ConsoleRing::Map(UniqueFd(dup(file.get()))).ok());
  ASSERT_EQ(ftruncate(file.get(), sizeof(ConsoleRingLayout)), 0);
  EXPECT_FALSE(ConsoleRing::Map(std::move(file)).ok());
}

}  // namespace
}  // namespace emu
