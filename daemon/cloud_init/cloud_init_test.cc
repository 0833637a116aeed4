#include "daemon/cloud_init/cloud_init.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "daemon/board_room.h"

namespace emu::daemon {
namespace {

constexpr char kKey[] = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 \"me\"";

emud::v1::Vm VmWith(const emud::v1::CloudInit& cloud_init) {
  emud::v1::Vm vm;
  vm.set_name("lab1");
  vm.set_uid("0123-uid");
  *vm.mutable_spec()->mutable_cloud_init() = cloud_init;
  return vm;
}

// What is said against it; empty if nothing.
std::string Objection(const emud::v1::CloudInit& cloud_init) {
  return std::string(CheckCloudInit(VmWith(cloud_init).spec()).message());
}

emud::v1::CloudInit WithUserData(const std::string& text) {
  emud::v1::CloudInit cloud_init;
  cloud_init.set_user_data(text);
  return cloud_init;
}

TEST(CloudInitTest, UserDataIsOfAFormThatCloudInitKnows) {
  for (const char* good : {"", "#cloud-config\n", "#cloud-config", "#!/bin/sh\ntrue\n",
                           "## template: jinja\n#cloud-config\n", "Content-Type: text/plain\n"}) {
    EXPECT_EQ(Objection(WithUserData(good)), "") << good;
  }
  for (const char* bad : {"\n#cloud-config\n", "users: []\n", "#", " #!/bin/sh"}) {
    EXPECT_NE(Objection(WithUserData(bad)).find("spec.cloud_init.user_data"), std::string::npos)
        << bad;
  }
}

TEST(CloudInitTest, UserDataIsHalfAMebibyteAtMost) {
  std::string text = "#!";
  text.resize(512 << 10, 'x');
  EXPECT_EQ(Objection(WithUserData(text)), "");
  EXPECT_NE(Objection(WithUserData(text + "x")), "");
}

TEST(CloudInitTest, KeysArePublicAndOneOnALine) {
  for (const char* good :
       {kKey, "ecdsa-sha2-nistp256 AAAA", "sk-ssh-ed25519@openssh.com AAAA me"}) {
    emud::v1::CloudInit cloud_init;
    cloud_init.add_ssh_keys(good);
    EXPECT_EQ(Objection(cloud_init), "") << good;
  }
  for (const char* bad : {"", "me", "ssh-ed25519", "ssh-ed25519 ", "ssh-rsa AAAA\nssh-rsa BBBB",
                          "-----BEGIN OPENSSH PRIVATE KEY-----"}) {
    emud::v1::CloudInit cloud_init;
    cloud_init.add_ssh_keys(kKey);
    cloud_init.add_ssh_keys(bad);
    EXPECT_NE(Objection(cloud_init).find("spec.cloud_init.ssh_keys[1]"), std::string::npos) << bad;
  }
}

TEST(CloudInitTest, AHostnameIsOne) {
  for (const char* good : {"", "lab1", "Lab-1.example.org"}) {
    emud::v1::CloudInit cloud_init;
    cloud_init.set_hostname(good);
    EXPECT_EQ(Objection(cloud_init), "") << good;
  }
  for (const std::string& bad : {std::string("a b"), std::string("-a"), std::string("a..b"),
                                 std::string("a\n"), std::string(64, 'a')}) {
    emud::v1::CloudInit cloud_init;
    cloud_init.set_hostname(bad);
    EXPECT_NE(Objection(cloud_init), "") << bad;
  }
}

TEST(CloudInitTest, MetaDataHasWhatIsOfThisVmAlone) {
  emud::v1::CloudInit cloud_init;
  EXPECT_EQ(MakeSeedFiles(VmWith(cloud_init)).meta_data,
            "instance-id: \"0123-uid\"\nlocal-hostname: \"lab1\"\npublic-keys: []\n");
  cloud_init.set_hostname("other");
  cloud_init.add_ssh_keys(kKey);
  cloud_init.add_ssh_keys("ssh-rsa AAAA");
  EXPECT_EQ(MakeSeedFiles(VmWith(cloud_init)).meta_data,
            "instance-id: \"0123-uid\"\nlocal-hostname: \"other\"\npublic-keys: "
            R"(["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 \"me\"", "ssh-rsa AAAA"])"
            "\n");
}

class SeedTest : public testing::Test {
 protected:
  SeedTest() {
    char folder[] = "/tmp/seed-XXXXXX";
    folder_ = mkdtemp(folder);
  }
  ~SeedTest() override { std::filesystem::remove_all(folder_); }
  std::string path() const { return folder_ + "/seed"; }

  std::map<std::string, std::string> Read() const {
    std::map<std::string, std::string> files;
    const std::unique_ptr<archive, decltype(&archive_read_free)> image(archive_read_new(),
                                                                       archive_read_free);
    archive_read_support_format_iso9660(image.get());
    EXPECT_EQ(archive_read_open_filename(image.get(), path().c_str(), 2048), ARCHIVE_OK);
    for (archive_entry* entry; archive_read_next_header(image.get(), &entry) == ARCHIVE_OK;) {
      if (archive_entry_filetype(entry) != AE_IFREG) continue;
      std::string& content = files[archive_entry_pathname(entry)];
      content.resize(static_cast<size_t>(archive_entry_size(entry)));
      archive_read_data(image.get(), content.data(), content.size());
    }
    return files;
  }

 private:
  std::string folder_;
};

TEST_F(SeedTest, ItHasTheFilesThatCloudInitLooksFor) {
  emud::v1::CloudInit cloud_init = WithUserData("#!/bin/sh\n" + std::string(100'000, '#'));
  cloud_init.set_network_config("version: 2\n");
  const SeedFiles files = MakeSeedFiles(VmWith(cloud_init));
  ASSERT_TRUE(WriteSeed(files, path()).ok());
  const std::map<std::string, std::string> expected = {{"meta-data", files.meta_data},
                                                       {"user-data", cloud_init.user_data()},
                                                       {"network-config", "version: 2\n"}};
  EXPECT_EQ(Read(), expected);
}

TEST_F(SeedTest, WithoutUserDataThereIsAFileOfIt) {
  ASSERT_TRUE(WriteSeed({"{}", "old", "old"}, path()).ok());
  ASSERT_TRUE(WriteSeed(MakeSeedFiles(VmWith({})), path()).ok());
  EXPECT_EQ(Read()["user-data"], "#cloud-config\n");
  EXPECT_EQ(Read().count("network-config"), 0);
}

TEST_F(SeedTest, AFolderThatIsNotThereIsAnError) {
  EXPECT_FALSE(WriteSeed({}, path() + "/below").ok());
}

// The bus of its disk in a VM with so many on either bus.
vm::v1::VmConfig::Disk::Bus BusBeside(int mmio, int pci) {
  emud::v1::VmSpec spec;
  for (int i = 0; i < mmio; ++i) spec.add_disks();
  for (int i = 0; i < pci; ++i) spec.add_disks()->set_bus(emud::v1::Disk::VIRTIO_PCI);
  VmLaunch launch;
  AddSeedDisk(spec, UniqueFd(), launch);
  EXPECT_EQ(launch.disks.size(), 1);
  EXPECT_TRUE(launch.config.disks(0).readonly());
  return launch.config.disks(0).bus();
}

TEST(SeedDiskTest, ItIsOnTheBusOfTheLastDiskWhereThereIsRoom) {
  using Disk = vm::v1::VmConfig::Disk;
  EXPECT_NE(BusBeside(0, 0), Disk::VIRTIO_PCI);
  EXPECT_NE(BusBeside(kMaxMmioDevices - 1, 0), Disk::VIRTIO_PCI);
  EXPECT_EQ(BusBeside(kMaxMmioDevices, 0), Disk::VIRTIO_PCI);
  EXPECT_EQ(BusBeside(1, 1), Disk::VIRTIO_PCI);
  EXPECT_NE(BusBeside(1, kMaxPciDevices), Disk::VIRTIO_PCI);
}

TEST(SeedDiskTest, WithoutRoomItIsRefused) {
  emud::v1::VmSpec spec;
  for (int i = 0; i < kMaxMmioDevices; ++i) spec.add_disks();
  for (int i = 0; i < kMaxPciDevices; ++i) spec.add_nics()->set_bus(emud::v1::Disk::VIRTIO_PCI);
  EXPECT_TRUE(CheckCloudInit(spec).ok());
  spec.mutable_cloud_init();
  EXPECT_FALSE(CheckCloudInit(spec).ok());
}

}  // namespace
}  // namespace emu::daemon
