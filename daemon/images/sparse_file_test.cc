#include "daemon/images/sparse_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <string>

#include "absl/strings/escaping.h"
#include "daemon/digest.h"
#include "vmm/base/test_seed.h"
#include "vmm/base/unique_fd.h"

namespace emu::daemon {
namespace {

const IsCancelled kNever = [] { return false; };

UniqueFd NewFile() {
  std::string path = testing::TempDir() + "sparse-XXXXXX";
  UniqueFd file(mkstemp(path.data()));
  unlink(path.c_str());
  return file;
}

std::string ReadAll(int file) {
  std::string bytes(LengthOf(file), '\0');
  EXPECT_EQ(pread(file, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  return bytes;
}

void Write(int file, const std::string& bytes) {
  ASSERT_EQ(pwrite(file, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
}

// Runs of zeros and of other bytes, of lengths around a block's.
std::string RandomBytes(std::mt19937& random) {
  std::string bytes;
  while (bytes.size() < 100'000) {
    const size_t run = random() % 10'000;
    const bool is_zero = random() % 2 == 0;
    for (size_t i = 0; i < run; ++i) bytes += static_cast<char>(is_zero ? 0 : random());
  }
  return bytes;
}

TEST(SparseAppenderTest, WhateverThePiecesTheFileHasTheirBytes) {
  std::mt19937 random(static_cast<uint32_t>(TestSeed()));
  for (int round = 0; round < 20; ++round) {
    const std::string bytes = RandomBytes(random);
    const UniqueFd file = NewFile();
    absl::StatusOr<SparseAppender> appender = SparseAppender::At(file.get(), 0);
    for (size_t at = 0; at < bytes.size();) {
      const size_t piece = std::min<size_t>(random() % 9'000, bytes.size() - at);
      ASSERT_TRUE(appender->Append(std::string_view(bytes).substr(at, piece)).ok());
      at += piece;
      // As after a break: some of it comes again.
      if (random() % 8 != 0) continue;
      ASSERT_TRUE(appender->Sync().ok());
      at = random() % (at + 1);
      appender = SparseAppender::At(file.get(), at);
    }
    ASSERT_TRUE(appender->Sync().ok());
    ASSERT_EQ(ReadAll(file.get()), bytes);
  }
}

TEST(SparseAppenderTest, ZerosTakeNoSpace) {
  const UniqueFd file = NewFile();
  absl::StatusOr<SparseAppender> appender = SparseAppender::At(file.get(), 0);
  ASSERT_TRUE(appender->Append(std::string(1 << 20, '\0')).ok());
  ASSERT_TRUE(appender->Append("x").ok());
  ASSERT_TRUE(appender->Append(std::string(8 << 20, '\0')).ok());
  ASSERT_TRUE(appender->Sync().ok());
  EXPECT_EQ(LengthOf(file.get()), (9 << 20) + 1U);
  EXPECT_LE(DiskBytesOf(file.get()), 64U << 10);
}

TEST(CopySparseTest, CopiesAllAndKeepsHoles) {
  std::mt19937 random(static_cast<uint32_t>(TestSeed()));
  for (const uint64_t tail : {0, 1 << 20}) {
    const UniqueFd from = NewFile();
    const std::string bytes = RandomBytes(random);
    Write(from.get(), bytes);
    ASSERT_EQ(ftruncate(from.get(), static_cast<off_t>(bytes.size() + tail)), 0);
    const UniqueFd to = NewFile();
    ASSERT_TRUE(CopySparse(from.get(), to.get(), kNever).ok());
    EXPECT_EQ(ReadAll(to.get()), ReadAll(from.get()));
    EXPECT_LE(DiskBytesOf(to.get()), DiskBytesOf(from.get()));
  }
}

TEST(DigestOfFileTest, IsTheSumOfAllBytesHolesIncluded) {
  const UniqueFd file = NewFile();
  Write(file.get(), "begin");
  ASSERT_EQ(ftruncate(file.get(), (3 << 20) + 7), 0);
  EXPECT_EQ(*DigestOfFile(file.get(), kNever),
            "sha256:" + absl::BytesToHexString(Sha256(ReadAll(file.get()))));
  const UniqueFd empty = NewFile();
  EXPECT_EQ(*DigestOfFile(empty.get(), kNever),
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(DigestOfFileTest, EndsWhenNobodyWaits) {
  const UniqueFd file = NewFile();
  Write(file.get(), "x");
  EXPECT_TRUE(absl::IsCancelled(DigestOfFile(file.get(), [] { return true; }).status()));
  EXPECT_TRUE(absl::IsCancelled(CopySparse(file.get(), NewFile().get(), [] { return true; })));
}

}  // namespace
}  // namespace emu::daemon
