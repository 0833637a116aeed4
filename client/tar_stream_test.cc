#include "client/tar_stream.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace emu::client {
namespace {

namespace fs = std::filesystem;

class TarStreamTest : public testing::Test {
 protected:
  TarStreamTest() : old_(fs::current_path()) {
    std::string name = testing::TempDir() + "tar-XXXXXX";
    fs::current_path(folder_ = mkdtemp(name.data()));
  }
  ~TarStreamTest() override {
    fs::current_path(old_);
    fs::remove_all(folder_);
  }

  static std::string Pack(const std::string& path, const std::string& name) {
    std::string stream;
    const absl::Status packed = PackTar(path, name, [&stream](std::string_view bytes) {
      stream += bytes;
      return true;
    });
    EXPECT_TRUE(packed.ok()) << packed;
    return stream;
  }
  static absl::Status Unpack(const std::string& stream, const std::string& name,
                             const std::string& as) {
    const int fd = memfd_create("stream", MFD_CLOEXEC);
    EXPECT_EQ(write(fd, stream.data(), stream.size()), static_cast<ssize_t>(stream.size()));
    lseek(fd, 0, SEEK_SET);
    const absl::Status unpacked = UnpackTar(fd, name, as);
    close(fd);
    return unpacked;
  }
  static void Write(const std::string& path, const std::string& text) {
    fs::create_directories(fs::path(path).parent_path());
    std::ofstream(path) << text;
  }
  static std::string Read(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const fs::path old_;
  std::string folder_;
};

TEST_F(TarStreamTest, AFolderComesOutAsItWentIn) {
  Write("src/deep/er/file", std::string(100'000, 'x'));
  Write("src/run", "#!/bin/sh\n");
  fs::permissions("src/run", fs::perms(0755));
  fs::create_symlink("run", "src/link");
  fs::create_hard_link("src/run", "src/other");
  fs::create_directory("src/empty");
  ASSERT_TRUE(Unpack(Pack("src", "in-guest"), "in-guest", "back").ok());
  EXPECT_EQ(Read("back/deep/er/file"), std::string(100'000, 'x'));
  EXPECT_EQ(fs::status("back/run").permissions(), fs::perms(0755));
  EXPECT_EQ(fs::read_symlink("back/link"), "run");
  EXPECT_EQ(Read("back/other"), "#!/bin/sh\n");
  EXPECT_TRUE(fs::is_directory("back/empty"));
}

TEST_F(TarStreamTest, AFileAndTheContentsOfAFolder) {
  Write("dir/file", "text");
  ASSERT_TRUE(Unpack(Pack("dir/file", "name"), "name", "new").ok());
  EXPECT_EQ(Read("new"), "text");
  ASSERT_TRUE(Unpack(Pack("dir", "."), ".", "all").ok());
  EXPECT_EQ(Read("all/file"), "text");
  // What is there is replaced.
  Write("dir/file", "other");
  ASSERT_TRUE(Unpack(Pack("dir/file", "name"), "name", "new").ok());
  EXPECT_EQ(Read("new"), "other");
}

TEST_F(TarStreamTest, WhatIsMissingSaysSo) {
  EXPECT_FALSE(PackTar("nothing", "x", [](std::string_view) { return true; }).ok());
  EXPECT_FALSE(PackTar(folder_, "x", [](std::string_view) { return false; }).ok());
}

TEST_F(TarStreamTest, NobodySendsWhatWasNotAskedFor) {
  Write("src/file", "evil");
  fs::create_directory("here");
  for (const char* name : {"other", "asked-not", "../asked", "/tmp/asked"}) {
    EXPECT_EQ(Unpack(Pack("src", name), "asked", "here/got").code(),
              absl::StatusCode::kInvalidArgument)
        << name;
  }
  EXPECT_TRUE(fs::is_empty("here"));
}

TEST_F(TarStreamTest, NothingIsMadeElsewhere) {
  Write("src/file", "evil");
  fs::create_directory("outside");
  fs::create_directory("here");
  fs::current_path("here");
  EXPECT_FALSE(Unpack(Pack("../src", "asked/../../outside/x"), "asked", "got").ok());
  EXPECT_TRUE(fs::is_empty("../outside"));
  // Through a link that came before: the link goes.
  fs::create_symlink("../outside", "link");
  (void)Unpack(Pack("../src", "asked"), "asked", "link");
  (void)Unpack(Pack("../src/file", "asked"), "asked", "link/file");
  EXPECT_TRUE(fs::is_empty("../outside"));
}

TEST_F(TarStreamTest, DevicesAndPipesAreNotMade) {
  fs::create_directory("src");
  ASSERT_EQ(mkfifo("src/pipe", 0600), 0);
  EXPECT_EQ(Unpack(Pack("src", "asked"), "asked", "got").code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(fs::exists("got/pipe"));
}

}  // namespace
}  // namespace emu::client
