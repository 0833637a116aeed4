#include "daemon/host_paths.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "daemon/errors.h"
#include "google/rpc/error_details.pb.h"

namespace emu::daemon {
namespace {

std::string Shown(const std::string& message, const std::string& known = "") {
  emud::v1::CreateVmRequest request;
  request.mutable_spec()->mutable_boot()->set_kernel(known);
  return std::string(WithoutHostPaths(absl::InternalError(message), request).message());
}

TEST(HostPathsTest, PathsAreLeftOutButForThoseOfTheRequest) {
  EXPECT_EQ(Shown("can't open /var/lib/emud/state.db: full"),
            "can't open (a path of the host): full");
  EXPECT_EQ(Shown("/a/b and \"/c\", twice (/d)"),
            "(a path of the host) and \"(a path of the host)\", twice ((a path of the host))");
  EXPECT_EQ(Shown("/home/linux: no such file", "/home/linux"), "/home/linux: no such file");
  EXPECT_EQ(Shown("1/2 of it / nothing; a/b"), "1/2 of it / nothing; a/b");
}

TEST(HostPathsTest, DetailsAreNoWayRound) {
  const absl::Status status = WithoutHostPaths(
      errors::InvalidField("spec.boot.kernel", "/secret is empty", "look at /elsewhere"),
      emud::v1::StartVmRequest());
  EXPECT_EQ(errors::ReasonOf(status), "INVALID_FIELD");
  int details = 0;
  status.ForEachPayload([&](absl::string_view, const absl::Cord& payload) {
    ++details;
    EXPECT_EQ(std::string(payload).find("/secret"), std::string::npos);
    EXPECT_EQ(std::string(payload).find("/elsewhere"), std::string::npos);
  });
  EXPECT_EQ(details, 2);
}

TEST(HostPathsTest, OnlyWhatIsBelowTheFolderMayBeNamed) {
  std::string folder = testing::TempDir() + "paths-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  std::filesystem::create_symlink("/etc/passwd", folder + "/link");
  const auto is_good = [&](const std::string& path) {
    emud::v1::VmSpec spec;
    spec.add_disks()->set_path(path);
    const bool is_good_disk = CheckBelow(spec, folder).ok();
    spec.clear_disks();
    spec.add_nics()->mutable_boot_server()->set_folder(path);
    EXPECT_EQ(CheckBelow(spec, folder).ok(), is_good_disk);
    return is_good_disk;
  };
  EXPECT_TRUE(is_good(folder + "/disk"));
  EXPECT_TRUE(is_good(folder + "/not/there/yet"));
  EXPECT_FALSE(is_good(folder));
  EXPECT_FALSE(is_good(folder + "-beside/disk"));
  EXPECT_FALSE(is_good(folder + "/../disk"));
  EXPECT_FALSE(is_good(folder + "/link"));
  EXPECT_FALSE(is_good("relative"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace emu::daemon
