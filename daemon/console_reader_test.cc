#include "daemon/console_reader.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "vmm/base/unique_fd.h"

namespace emu::daemon {
namespace {

class ConsoleReaderTest : public testing::Test {
 protected:
  void SetUp() override {
    char directory[] = "/tmp/ring-XXXXXX";
    path_ = std::string(mkdtemp(directory)) + "/ring";
    ASSERT_TRUE(ConsoleReader::CreateFile(path_).ok());
    const UniqueFd file(open(path_.c_str(), O_RDWR));
    ring_ = static_cast<ConsoleRingLayout*>(mmap(
        nullptr, sizeof(ConsoleRingLayout), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0));
  }
  void TearDown() override {
    munmap(ring_, sizeof(*ring_));
    unlink(path_.c_str());
    rmdir(path_.substr(0, path_.rfind('/')).c_str());
  }
  void Write(const std::string& text) {
    uint64_t head = ring_->head;
    for (const char c : text) ring_->data[head++ % kConsoleRingBytes] = static_cast<uint8_t>(c);
    ring_->writing = head;
    ring_->head = head;
  }
  std::string path_;
  ConsoleRingLayout* ring_ = nullptr;
};

TEST_F(ConsoleReaderTest, ReadsFromAnyOffset) {
  const auto reader = ConsoleReader::Open(path_);
  Write("hello");
  EXPECT_EQ((*reader)->Read(0, 100).data, "hello");
  EXPECT_EQ((*reader)->Read(3, 100).data, "lo");
  EXPECT_EQ((*reader)->Read(5, 100).data, "");
  EXPECT_EQ((*reader)->Tail(2), "lo");
}

TEST_F(ConsoleReaderTest, SkipsWhatIsOverwrittenAndSaysSo) {
  const auto reader = ConsoleReader::Open(path_);
  Write(std::string(kConsoleRingBytes, 'x') + "tail");
  const ConsoleReader::Bytes bytes = (*reader)->Read(0, kConsoleRingBytes);
  EXPECT_EQ(bytes.offset, 4u);
  EXPECT_EQ(bytes.data.size(), kConsoleRingBytes);
  EXPECT_EQ(bytes.data.substr(bytes.data.size() - 4), "tail");
}

TEST_F(ConsoleReaderTest, DoesNotHandOutBytesThatAreBeingOverwritten) {
  const auto reader = ConsoleReader::Open(path_);
  Write(std::string(kConsoleRingBytes, 'x'));
  ring_->writing = ring_->head + 10;  // a writer has announced ten bytes more
  EXPECT_EQ((*reader)->Read(0, 100).offset, 10u);
}

}  // namespace
}  // namespace emu::daemon
