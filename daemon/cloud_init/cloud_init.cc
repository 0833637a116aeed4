#include "daemon/cloud_init/cloud_init.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "daemon/board_room.h"
#include "daemon/errors.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::CloudInit;

constexpr size_t kMaxUserDataBytes = 512 << 10;  // half of what a request may have
constexpr size_t kMaxNetworkConfigBytes = 64 << 10;
constexpr size_t kMaxKeyBytes = 16 << 10;
constexpr int kMaxKeys = 64;
constexpr size_t kMaxHostnameBytes = 253;  // RFC 1123 s. 2.1, with the dots
constexpr size_t kMaxHostnamePartBytes = 63;

// cloud-init's documentation, "User data formats": what each begins with.
constexpr absl::string_view kFormats[] = {"#!",
                                          "#cloud-config",
                                          "#cloud-boothook",
                                          "#include",
                                          "#part-handler",
                                          "## template: jinja",
                                          "Content-Type:",
                                          "MIME-Version:"};
constexpr absl::string_view kKeyTypes[] = {"ssh-", "ecdsa-", "sk-"};

template <typename Prefixes>
bool BeginsWithOne(absl::string_view text, const Prefixes& prefixes) {
  return std::any_of(std::begin(prefixes), std::end(prefixes),
                     [&](absl::string_view prefix) { return absl::StartsWith(text, prefix); });
}

absl::Status CheckSize(const std::string& field, const std::string& text, size_t most) {
  if (text.size() <= most) return absl::OkStatus();
  return errors::InvalidField(field, absl::StrCat(text.size(), " bytes are too many"),
                              absl::StrCat("give at most ", most));
}

absl::Status CheckUserData(const std::string& text) {
  constexpr char kField[] = "spec.cloud_init.user_data";
  RETURN_IF_ERROR(CheckSize(kField, text, kMaxUserDataBytes));
  if (text.empty() || BeginsWithOne(text, kFormats)) return absl::OkStatus();
  return errors::InvalidField(kField, "cloud-init does not know what it is",
                              "let the first line be #cloud-config, or begin with #!");
}

absl::Status CheckKey(const std::string& field, const std::string& key) {
  RETURN_IF_ERROR(CheckSize(field, key, kMaxKeyBytes));
  if (absl::StrContains(key, "PRIVATE KEY")) {
    return errors::InvalidField(field, "it is a private key",
                                "give the public one, of a .pub file");
  }
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(key, absl::MaxSplits(' ', 1));
  if (BeginsWithOne(key, kKeyTypes) && !parts.second.empty() && !absl::StrContains(key, '\n')) {
    return absl::OkStatus();
  }
  return errors::InvalidField(field, "it is no public key of SSH",
                              "give a line like ssh-ed25519 AAAA... name");
}

absl::Status CheckHostname(const std::string& name) {
  bool is_good = name.size() <= kMaxHostnameBytes;
  for (const absl::string_view part : absl::StrSplit(name, '.')) {
    is_good = is_good && !part.empty() && part.size() <= kMaxHostnamePartBytes &&
              part.front() != '-' && part.back() != '-' &&
              std::all_of(part.begin(), part.end(),
                          [](char c) { return absl::ascii_isalnum(c) || c == '-'; });
  }
  if (is_good || name.empty()) return absl::OkStatus();
  return errors::InvalidField("spec.cloud_init.hostname",
                              absl::StrCat("\"", name.substr(0, 80), "\" is none"),
                              "use a-z, 0-9 and -, and dots between");
}

// In JSON, of which YAML has all.
std::string Quoted(const std::string& text) {
  google::protobuf::Value value;
  value.set_string_value(text);
  std::string quoted;
  (void)google::protobuf::util::MessageToJsonString(value, &quoted);  // a text always has a form
  return quoted;
}

}  // namespace

absl::Status CheckCloudInit(const emud::v1::VmSpec& spec) {
  if (!spec.has_cloud_init()) return absl::OkStatus();
  const CloudInit& wanted = spec.cloud_init();
  RETURN_IF_ERROR(CheckUserData(wanted.user_data()));
  if (wanted.ssh_keys_size() > kMaxKeys) {
    return errors::InvalidField("spec.cloud_init.ssh_keys",
                                absl::StrCat(wanted.ssh_keys_size(), " are too many"),
                                absl::StrCat("give at most ", kMaxKeys));
  }
  for (int i = 0; i < wanted.ssh_keys_size(); ++i) {
    RETURN_IF_ERROR(
        CheckKey(absl::StrCat("spec.cloud_init.ssh_keys[", i, "]"), wanted.ssh_keys(i)));
  }
  RETURN_IF_ERROR(CheckHostname(wanted.hostname()));
  RETURN_IF_ERROR(
      CheckSize("spec.cloud_init.network_config", wanted.network_config(), kMaxNetworkConfigBytes));
  const BoardRoom taken = RoomTaken(spec);
  if (taken.mmio < kMaxMmioDevices || taken.pci < kMaxPciDevices) return absl::OkStatus();
  return errors::InvalidField("spec.cloud_init", "its disk has no room beside all the others",
                              "leave one of the disks or network cards out");
}

SeedFiles MakeSeedFiles(const emud::v1::Vm& vm) {
  const CloudInit& wanted = vm.spec().cloud_init();
  const std::string& hostname = wanted.hostname().empty() ? vm.name() : wanted.hostname();
  std::vector<std::string> keys;
  for (const std::string& key : wanted.ssh_keys()) keys.push_back(Quoted(key));
  SeedFiles files;
  // Another instance for each VM, so that one whose disk is a copy makes what is its own, like host
  // keys. cloud-init adds these keys to what the user data says, whatever its form.
  files.meta_data =
      absl::StrCat("instance-id: ", Quoted(vm.uid()), "\nlocal-hostname: ", Quoted(hostname),
                   "\npublic-keys: [", absl::StrJoin(keys, ", "), "]\n");
  // cloud-init looks for this file, too.
  files.user_data = wanted.user_data().empty() ? "#cloud-config\n" : wanted.user_data();
  files.network_config = wanted.network_config();
  return files;
}

void AddSeedDisk(const emud::v1::VmSpec& spec, UniqueFd seed, VmLaunch& launch) {
  const BoardRoom taken = RoomTaken(spec);
  const bool is_last_on_pci = !spec.disks().empty() && IsOnPci(*spec.disks().rbegin());
  const bool is_on_pci =
      is_last_on_pci ? taken.pci < kMaxPciDevices : taken.mmio >= kMaxMmioDevices;
  vm::v1::VmConfig::Disk& disk = *launch.config.add_disks();
  disk.set_id("cidata");
  disk.set_readonly(true);
  if (is_on_pci) disk.set_bus(vm::v1::VmConfig::Disk::VIRTIO_PCI);
  launch.disks.emplace_back().push_back({std::move(seed), ImageFormat::kRaw});
}

}  // namespace emu::daemon
