// A snapshot's file that somebody imports: its members, the manifest and the sums. Headers are
// sealed anew, as by who means it. What is read of it is what its own headers say, and no more.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "daemon/digest.h"
#include "daemon/snapshots/snapshot_archive.h"
#include "tests/fuzz/fuzz_target.h"

namespace emu::fuzz {
namespace {

using daemon::tar::Header;
using daemon::tar::kBlockBytes;

constexpr uint64_t kMostBytes = 4 << 20;

bool Never() { return false; }

UniqueFd FileOf(std::string_view bytes) {
  UniqueFd file(memfd_create("archive", 0));
  if (write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    Fail("no file");
  }
  return file;
}

std::string MemberWithHoles() {
  const UniqueFd file(memfd_create("member", 0));
  if (pwrite(file.get(), "data", 4, 1 << 20) != 4 || ftruncate(file.get(), 3 << 20) != 0) {
    Fail("no member");
  }
  size_t runs_left = daemon::tar::kMostRuns;
  const daemon::tar::PlannedMember member("state", file.get(), 0, runs_left);
  std::string bytes;
  const auto give = [&bytes](std::string_view part) {
    bytes += part;
    return absl::OkStatus();
  };
  if (!member.Write(give, Never).ok()) Fail("no member");
  return bytes;
}

// Wherever a header may be.
void Seal(std::string& archive) {
  for (size_t offset = 0; offset + kBlockBytes <= archive.size(); offset += kBlockBytes) {
    Header header;
    std::memcpy(&header, &archive[offset], sizeof(header));
    if (std::memcmp(header.magic.data(), "ustar", 5) != 0) continue;
    std::snprintf(header.checksum.data(), header.checksum.size(), "%06o", header.Sum());
    std::memcpy(&archive[offset], &header, sizeof(header));
  }
}

}  // namespace

std::vector<std::string> Seeds() {
  using daemon::tar::TextMember;
  const std::string manifest =
      R"({"format": 1, "snapshot": {"name": "s", "spec": {"disks": [{"id": "d"}]}}})";
  const std::string sums =
      absl::StrCat(absl::BytesToHexString(daemon::Sha256(manifest)), "  snapshot.json\n",
                   std::string(64, '0'), "  state\n", std::string(64, '0'), "  variables\n");
  const std::string whole = TextMember(daemon::kManifestMember, manifest, 0) + MemberWithHoles() +
                            TextMember(daemon::kVariablesMember, "v", 0) +
                            TextMember(daemon::kSumsMember, sums, 0) + daemon::tar::End();
  return {whole, MemberWithHoles() + daemon::tar::End()};
}

void TryInput(std::string_view input) {
  std::string archive(input);
  Seal(archive);
  const UniqueFd file = FileOf(archive);
  const auto members = daemon::tar::ReadMembers(file.get());
  if (!members.ok()) return;
  uint64_t data_bytes = 0;
  for (const daemon::tar::Member& member : *members) {
    data_bytes += member.data_bytes;
    if (member.data_bytes > member.file_bytes) Fail("more data than there is room for");
    if (member.file_bytes > kMostBytes) continue;
    const UniqueFd to(memfd_create("unpacked", 0));
    if (!daemon::tar::Unpack(file.get(), member, to.get(), Never).ok()) Fail("not to be unpacked");
    if (daemon::LengthOf(to.get()) != member.file_bytes) Fail("not as long as it says");
  }
  if (data_bytes > archive.size()) Fail("more data than the archive has");
  (void)daemon::SnapshotImport::Open(file.get(), Never);
}

}  // namespace emu::fuzz
