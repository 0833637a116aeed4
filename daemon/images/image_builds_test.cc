#include "daemon/images/image_builds.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "daemon/errors.h"
#include "daemon/store/schema.h"

namespace emu::daemon {
namespace {

// Takes the place of a builder: what it makes are two short files.
constexpr char kBuilder[] = R"sh(#!/bin/sh
if [ "$1" = --list ]; then printf 'good\nbad\nslow\nwrong\n'; exit; fi
case "$*" in *"--agents /agents"*) ;; *) echo 'where are the agents?' >&2; exit 2 ;; esac
name=$1
while [ $# -gt 0 ]; do [ "$1" = --out ] && out=$2; shift; done
echo '{"stage": "download", "percent": 30}'
case $name in
bad) echo 'build-image: download: no mirror' >&2; exit 1 ;;
slow) trap 'rm -f "$out/here"; exit 143' TERM; touch "$out/here"; while :; do sleep 0.05; done ;;
esac
[ "$(ls "$out")" = "" ] || exit 2
head -c 512 /dev/zero | tr '\0' d > "$out/disk.img"
printf the-flash > "$out/flash"
disk=$(sha256sum < "$out/disk.img" | cut -d ' ' -f 1)
[ "$name" = wrong ] && disk=0000000000000000000000000000000000000000000000000000000000000000
cat > "$out/manifest.json" <<END
{"name": "$name", "arch": "riscv64", "cmdline": "", "parts": [
  {"role": "DISK", "file": "disk.img", "sha256": "$disk"},
  {"role": "FLASH", "file": "flash", "sha256": "$(sha256sum < "$out/flash" | cut -d ' ' -f 1)"}]}
END
)sh";

class ImageBuildsTest : public testing::Test {
 protected:
  ImageBuildsTest() {
    std::string name = testing::TempDir() + "builds-XXXXXX";
    directory_ = mkdtemp(name.data());
    database_ = *OpenStateDatabase(directory_ + "/state.db");
    images_.emplace(directory_, *database_);
    if (!images_->Load().ok()) abort();
    const std::string builder = directory_ + "/builder";
    std::ofstream(builder) << kBuilder;
    chmod(builder.c_str(), 0755);
    builds_.emplace(directory_, ImageBuilds::Programs{builder, "/emu-vm", "/agents"}, *images_);
  }
  ~ImageBuildsTest() override { std::filesystem::remove_all(directory_); }

  static emud::v1::Operation OperationOf(const std::string& name) {
    emud::v1::Operation operation;
    operation.set_id("the-operation");
    operation.mutable_metadata()->set_target(name);
    operation.mutable_metadata()->set_project("default");
    return operation;
  }
  absl::Status Pull(const std::string& name) {
    return builds_->Pull(OperationOf(name),
                         {[this](const std::string& stage, uint32_t percent) {
                            steps_.push_back(stage + " " + std::to_string(percent));
                          },
                          [this] { return is_cancelled_.load(); }});
  }
  std::string Folder() const { return directory_ + "/builds/the-operation"; }

  std::string directory_;
  std::unique_ptr<Database> database_;
  std::optional<Images> images_;
  std::optional<ImageBuilds> builds_;
  std::vector<std::string> steps_;
  std::atomic<bool> is_cancelled_ = false;
};

TEST_F(ImageBuildsTest, WhatIsBuiltBecomesAnImage) {
  EXPECT_EQ(*builds_->Recipes(), (std::vector<std::string>{"good", "bad", "slow", "wrong"}));
  ASSERT_TRUE(Pull("good").ok());
  EXPECT_EQ(steps_, (std::vector<std::string>{"download 30", "import 0"}));
  const ImagePtr image = *images_->Find("good");
  EXPECT_EQ(image->arch(), "riscv64");
  EXPECT_EQ(image->format(), emud::v1::Image::RAW);
  ASSERT_EQ(image->parts_size(), 2);
  EXPECT_EQ(image->parts(1).role(), emud::v1::Image::FLASH);
  EXPECT_EQ(image->parts(1).size_bytes(), 9u);
  EXPECT_FALSE(std::filesystem::exists(Folder()));
  // By a daemon that has died before it said so.
  EXPECT_TRUE(Pull("good").ok());
  EXPECT_EQ(steps_.size(), 2u);
}

TEST_F(ImageBuildsTest, AFailureHasTheBuildersWords) {
  const absl::Status failed = Pull("bad");
  EXPECT_EQ(errors::ReasonOf(failed), "IMAGE_BUILD_FAILED");
  EXPECT_NE(std::string(failed.message()).find("no mirror"), std::string::npos);
  EXPECT_FALSE(images_->Find("bad").ok());
  EXPECT_FALSE(std::filesystem::exists(Folder()));
}

TEST_F(ImageBuildsTest, BytesThatAreNotThoseOfTheManifestAreRefused) {
  EXPECT_EQ(errors::ReasonOf(Pull("wrong")), "DIGEST_MISMATCH");
  EXPECT_FALSE(images_->Find("wrong").ok());
}

TEST_F(ImageBuildsTest, ACancelledBuilderIsAskedToEnd) {
  std::thread canceller([this] {
    while (!std::filesystem::exists(Folder() + "/out/here")) std::this_thread::yield();
    is_cancelled_ = true;
  });
  EXPECT_TRUE(absl::IsCancelled(Pull("slow")));
  canceller.join();
  EXPECT_FALSE(std::filesystem::exists(Folder()));
}

TEST_F(ImageBuildsTest, WaitsForTheBuilderOfADaemonThatWasKilled) {
  const std::string out = Folder() + "/out";
  std::filesystem::create_directories(out);
  std::ofstream(out + "/left") << "over";
  UniqueFd lock(open(out.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_EQ(flock(lock.get(), LOCK_EX), 0);
  std::atomic<bool> is_done = false;
  std::thread puller([this, &is_done] {
    EXPECT_TRUE(Pull("good").ok());
    is_done = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_FALSE(is_done);
  EXPECT_TRUE(std::filesystem::exists(out + "/left"));
  lock.Reset();
  puller.join();
  EXPECT_TRUE(images_->Find("good").ok());
}

TEST_F(ImageBuildsTest, WithoutABuilderThatIsSaid) {
  ImageBuilds none(directory_, {}, *images_);
  EXPECT_EQ(errors::ReasonOf(none.Recipes().status()), "NO_IMAGE_BUILDER");
}

}  // namespace
}  // namespace emu::daemon
