#include "daemon/snapshots/snapshot_archive.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "daemon/digest.h"
#include "daemon/errors.h"
#include "daemon/snapshots/tar_format.h"
#include "vmm/base/test_seed.h"

namespace emu::daemon {
namespace {

namespace fs = std::filesystem;
using emud::v1::Snapshot;

bool Never() { return false; }

std::string DigitsOf(const std::string& text) { return absl::BytesToHexString(Sha256(text)); }

std::string ContentOf(const std::string& path) {
  std::string bytes(fs::file_size(path), '\0');
  std::ifstream(path, std::ios::binary)
      .read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

class SnapshotArchiveTest : public testing::Test {
 protected:
  SnapshotArchiveTest() {
    std::string name = testing::TempDir() + "archive-XXXXXX";
    directory_ = mkdtemp(name.data());
    fs::create_directories(directory_ + "/snapshots");
    EXPECT_TRUE(folder().Create().ok());
    snapshot_.set_name("warm");
    snapshot_.set_vm("web1");
    snapshot_.set_has_memory(true);
    snapshot_.mutable_create_time()->set_seconds(1'700'000'000);
    std::ofstream(directory_ + "/snapshots/uid/variables") << "variables";
    std::ofstream(directory_ + "/snapshots/uid/code") << "host code";
    // Holes at its begin, in between and at its end.
    const UniqueFd state(open(folder().state_path().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    for (const off_t offset : {1 << 20, (2 << 20) + 77}) {
      const std::string data = RandomBytes(200'000);
      EXPECT_EQ(pwrite(state.get(), data.data(), data.size(), offset), 200'000);
    }
    EXPECT_EQ(ftruncate(state.get(), 5 << 20), 0);
  }
  ~SnapshotArchiveTest() override { fs::remove_all(directory_); }

  SnapshotFolder folder() const { return SnapshotFolder(directory_, "uid"); }

  std::string RandomBytes(size_t count) {
    std::string bytes(count, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random_());
    return bytes;
  }

  std::string Export(uint64_t offset = 0) {
    const absl::StatusOr<SnapshotExport> file = SnapshotExport::Plan(
        snapshot_, folder(), {}, BlobStore(directory_), SnapshotExport::ImageBytes::kTaken);
    EXPECT_TRUE(file.ok()) << file.status();
    std::string bytes;
    const auto give = [&bytes](std::string_view part) {
      bytes += part;
      return absl::OkStatus();
    };
    EXPECT_TRUE(file->Write(offset, give, Never).ok());
    EXPECT_EQ(offset + bytes.size(), file->size_bytes());
    return bytes;
  }

  // All of it, unpacked: the contents by their names.
  absl::StatusOr<std::map<std::string, std::string>> Import(const std::string& bytes) {
    const std::string path = directory_ + "/archive";
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    const absl::StatusOr<SnapshotImport> archive = SnapshotImport::Open(file.get(), Never);
    if (!archive.ok()) return archive.status();
    std::map<std::string, std::string> contents;
    for (const std::string& name : archive->names()) {
      const std::string unpacked = directory_ + "/unpacked";
      fs::remove(unpacked);
      const absl::Status done = archive->Unpack(name, unpacked, 1 << 30, Never);
      if (!done.ok()) return done;
      contents[name] = ContentOf(unpacked);
    }
    contents["manifest"] = archive->manifest().SerializeAsString();
    return contents;
  }
  std::string ReasonOfImport(const std::string& bytes) {
    return errors::ReasonOf(Import(bytes).status());
  }

  // An archive of these, with all sums.
  static std::string ArchiveOf(const std::vector<std::pair<std::string, std::string>>& files) {
    std::string bytes;
    std::string sums;
    for (const auto& [name, text] : files) {
      bytes += tar::TextMember(name, text, 0);
      absl::StrAppend(&sums, DigitsOf(text), "  ", name, "\n");
    }
    return bytes + tar::TextMember(kSumsMember, sums, 0) + tar::End();
  }

  std::string directory_;
  Snapshot snapshot_;
  std::mt19937_64 random_{TestSeed()};
};

TEST_F(SnapshotArchiveTest, WhatIsExportedIsImported) {
  const std::string bytes = Export();
  EXPECT_LT(bytes.size(), 600'000u);  // holes are not in it
  const auto contents = Import(bytes);
  ASSERT_TRUE(contents.ok()) << contents.status();
  EXPECT_EQ(contents->size(), 3u);
  EXPECT_EQ(contents->at(kStateMember), ContentOf(folder().state_path()));
  EXPECT_EQ(contents->at(kVariablesMember), "variables");
  EXPECT_EQ(bytes.find("host code"), std::string::npos);
}

TEST_F(SnapshotArchiveTest, HolesStayHoles) {
  const std::string path = directory_ + "/archive";
  std::ofstream(path, std::ios::binary) << Export();
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const absl::StatusOr<SnapshotImport> archive = SnapshotImport::Open(file.get(), Never);
  ASSERT_TRUE(archive.ok()) << archive.status();
  EXPECT_LT(archive->data_bytes(kStateMember), 500'000u);
  ASSERT_TRUE(archive->Unpack(kStateMember, directory_ + "/unpacked", 5 << 20, Never).ok());
  struct stat info = {};
  ASSERT_EQ(stat((directory_ + "/unpacked").c_str(), &info), 0);
  EXPECT_EQ(info.st_size, 5 << 20);
  EXPECT_LT(info.st_blocks * 512, 1 << 20);
  EXPECT_EQ(
      errors::ReasonOf(archive->Unpack(kStateMember, directory_ + "/other", (5 << 20) - 1, Never)),
      "SNAPSHOT_FILE_REFUSED");
}

TEST_F(SnapshotArchiveTest, ItGoesOnFromAnyOffset) {
  const std::string whole = Export();
  for (int i = 0; i < 20; ++i) {
    const uint64_t offset = random_() % (whole.size() + 1);
    EXPECT_TRUE(Export(offset) == whole.substr(offset)) << offset;
  }
}

// Who takes it apart by hand needs nothing of ours.
TEST_F(SnapshotArchiveTest, TarAndSha256sumReadIt) {
  std::ofstream(directory_ + "/archive", std::ios::binary) << Export();
  const std::string folder = directory_ + "/by-tar";
  fs::create_directories(folder);
  const std::string command = absl::StrCat("cd ", folder,
                                           " && tar -xf ../archive && sha256sum --quiet -c "
                                           "SHA256SUMS && cmp state ../snapshots/uid/state");
  EXPECT_EQ(system(command.c_str()), 0);
  EXPECT_NE(ContentOf(folder + "/snapshot.json").find("\"web1\""), std::string::npos);
}

TEST_F(SnapshotArchiveTest, OneThatIsCutShortIsRefused) {
  const std::string whole = Export();
  for (int i = 0; i < 40; ++i) {
    const size_t length = random_() % (whole.size() - tar::kBlockBytes);
    EXPECT_EQ(ReasonOfImport(whole.substr(0, length)), "SNAPSHOT_FILE_REFUSED") << length;
  }
}

TEST_F(SnapshotArchiveTest, WhatIsDamagedIsRefusedOrIsTheSameAllTheSame) {
  const std::string whole = Export();
  const auto contents = Import(whole);
  ASSERT_TRUE(contents.ok());
  for (int i = 0; i < 40; ++i) {
    std::string damaged = whole;
    const size_t place = random_() % damaged.size();
    damaged[place] = static_cast<char>(damaged[place] ^ (1 << (random_() % 8)));
    const auto read = Import(damaged);
    if (read.ok()) {
      EXPECT_TRUE(*read == *contents) << place;  // it was padding
    } else {
      EXPECT_EQ(errors::ReasonOf(read.status()), "SNAPSHOT_FILE_REFUSED") << read.status();
    }
  }
}

TEST_F(SnapshotArchiveTest, WhatItSaysIsWhatWasWritten) {
  std::string changed = Export();
  const size_t place = changed.find("web1");
  ASSERT_NE(place, std::string::npos);
  changed[place + 3] = '2';
  EXPECT_EQ(ReasonOfImport(changed), "SNAPSHOT_FILE_REFUSED");
}

TEST_F(SnapshotArchiveTest, OnlyWhatHasAManifestAndAllSumsIsOne) {
  const std::string manifest = R"({"format": 1, "snapshot": {"name": "s"}})";
  EXPECT_TRUE(Import(ArchiveOf({{kManifestMember, manifest}, {"a", "x"}})).ok());
  for (const std::string& bytes :
       {std::string(), std::string(4096, 'x'), tar::End(), ArchiveOf({}),
        ArchiveOf({{"a", "x"}, {kManifestMember, manifest}}),
        ArchiveOf({{kManifestMember, manifest}, {"a", "x"}, {"a", "x"}}),
        ArchiveOf({{kManifestMember, "{"}}), ArchiveOf({{kManifestMember, "{}"}}),
        ArchiveOf({{kManifestMember, R"({"format": 2})"}}),
        tar::TextMember(kManifestMember, manifest, 0) + tar::TextMember(kSumsMember, "", 0) +
            tar::End(),
        tar::TextMember(kManifestMember, manifest, 0) + tar::TextMember("a", "x", 0) +
            tar::TextMember(kSumsMember,
                            absl::StrCat(DigitsOf(manifest), "  ", kManifestMember, "\n"), 0) +
            tar::End()}) {
    EXPECT_EQ(ReasonOfImport(bytes), "SNAPSHOT_FILE_REFUSED") << bytes.substr(0, 200);
  }
}

void SetType(std::string& member, char type) {
  tar::Header header;
  std::memcpy(&header, member.data(), sizeof(header));
  header.type = type;
  std::snprintf(header.checksum.data(), header.checksum.size(), "%06o", header.Sum());
  std::memcpy(member.data(), &header, sizeof(header));
}

// What our writer never writes.
TEST_F(SnapshotArchiveTest, MembersThatLieAboutThemselvesAreRefused) {
  const auto with_map = [](const std::string& file_bytes, std::string map, size_t data) {
    map.append(tar::PaddingOf(map.size()), '\0');
    const auto record = [](const std::string& text) {
      return absl::StrCat(text.size() + 4, " ", text, "\n");
    };
    std::string header = tar::TextMember(
        "p",
        record("GNU.sparse.major=1") + record("GNU.sparse.minor=0") +
            record("GNU.sparse.name=state") + record("GNU.sparse.realsize=" + file_bytes),
        0);
    SetType(header, tar::kPax);
    return header + tar::TextMember("GNUSparseFile.0/state", map + std::string(data, 'd'), 0);
  };
  const auto read = [this](const std::string& members) {
    const std::string path = directory_ + "/lies";
    std::ofstream(path, std::ios::binary | std::ios::trunc) << members + tar::End();
    const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    return tar::ReadMembers(file.get()).status();
  };
  EXPECT_TRUE(read(with_map("9000", "1\n1000\n10\n", 10)).ok());
  EXPECT_FALSE(read(with_map("1005", "1\n1000\n10\n", 10)).ok());           // behind its end
  EXPECT_FALSE(read(with_map("9000", "2\n1000\n10\n1005\n5\n", 15)).ok());  // over each other
  EXPECT_FALSE(read(with_map("9000", "1\n1000\n10\n", 9)).ok());
  EXPECT_FALSE(read(with_map("9000", "1\n1000\n10\n", 11)).ok());
  EXPECT_FALSE(read(with_map("9000", "9\n1000\n10\n", 10)).ok());
  EXPECT_FALSE(read(with_map("9000", "4000000000\n", 0)).ok());
  EXPECT_FALSE(read(with_map("9000", "1\n-1\n10\n", 10)).ok());
  EXPECT_FALSE(read(with_map("99999999999999999999", "1\n0\n10\n", 10)).ok());
  EXPECT_FALSE(read(with_map("9000", "1\n18446744073709551615\n10\n", 10)).ok());
  std::string bent = tar::TextMember("a", "x", 0);
  EXPECT_TRUE(read(bent).ok());
  bent[offsetof(tar::Header, mode)] ^= 1;  // which nobody looks at
  EXPECT_FALSE(read(bent).ok());
  std::string link = tar::TextMember("a", "", 0);
  SetType(link, '2');
  EXPECT_FALSE(read(link).ok());
}

}  // namespace
}  // namespace emu::daemon
