#include "daemon/vm_nics.h"

#include <arpa/inet.h>
#include <sys/stat.h>

#include <cstdio>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "daemon/board_room.h"
#include "daemon/digest.h"
#include "daemon/errors.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Forward;
using emud::v1::Nic;

constexpr int kMaxNics = 8;
constexpr int kMaxForwards = 64;
constexpr size_t kMacBytes = 6;
constexpr size_t kMaxIdBytes = 20;
constexpr size_t kMaxBootFileBytes = 127;  // RFC 2131 s. 2: of the field `file`
constexpr uint32_t kMostPort = 65535;
constexpr uint32_t kFirstUnprivilegedPort = 1024;
constexpr char kLocalBit = 2, kGroupBit = 1;  // IEEE 802 s. 8.2: of a MAC's first byte

// Empty if `text` is none.
std::string ParseMac(const std::string& text) {
  unsigned bytes[kMacBytes];
  int end = 0;
  if (std::sscanf(text.c_str(), "%2x:%2x:%2x:%2x:%2x:%2x%n", &bytes[0], &bytes[1], &bytes[2],
                  &bytes[3], &bytes[4], &bytes[5], &end) != kMacBytes ||
      static_cast<size_t>(end) != text.size() || text.size() != 3 * kMacBytes - 1) {
    return "";
  }
  std::string mac;
  for (const unsigned byte : bytes) mac += static_cast<char>(byte);
  return mac;
}

absl::Status CheckForward(const std::string& field, const Forward& forward) {
  if (!Forward::Protocol_IsValid(forward.protocol())) {
    return errors::InvalidField(field + ".protocol", "there is no such one", "give TCP or UDP");
  }
  in_addr ignored = {};
  if (!forward.host_address().empty() &&
      inet_pton(AF_INET, forward.host_address().c_str(), &ignored) != 1) {
    return errors::InvalidField(field + ".host_address", "it is no IPv4 address",
                                "give one of this host, or none for 127.0.0.1");
  }
  const uint32_t host_port = forward.host_port();
  if (host_port > kMostPort || (host_port != 0 && host_port < kFirstUnprivilegedPort)) {
    return errors::InvalidField(field + ".host_port", absl::StrCat(host_port, " is not possible"),
                                "give 1024 to 65535, or 0 for any");
  }
  if (forward.guest_port() == 0 || forward.guest_port() > kMostPort) {
    return errors::InvalidField(field + ".guest_port",
                                absl::StrCat(forward.guest_port(), " is no port"),
                                "give 1 to 65535");
  }
  return absl::OkStatus();
}

absl::Status CheckBootServer(const std::string& field, const emud::v1::BootServer& server) {
  struct stat info = {};
  if (!server.folder().starts_with('/') || stat(server.folder().c_str(), &info) != 0 ||
      !S_ISDIR(info.st_mode)) {
    return errors::InvalidField(field + ".folder",
                                absl::StrCat("\"", server.folder(), "\" is no folder"),
                                "give the absolute path of one on the daemon's host");
  }
  if (server.boot_file().size() > kMaxBootFileBytes) {
    return errors::InvalidField(field + ".boot_file", "it is too long",
                                absl::StrCat("give at most ", kMaxBootFileBytes, " bytes"));
  }
  return absl::OkStatus();
}

absl::Status CheckRoom(const emud::v1::VmSpec& spec) {
  const BoardRoom taken = RoomTaken(spec);
  if (spec.nics_size() <= kMaxNics && taken.pci <= kMaxPciDevices &&
      taken.mmio <= kMaxMmioDevices) {
    return absl::OkStatus();
  }
  return errors::InvalidField(
      "spec.nics", absl::StrCat(spec.nics_size(), " are too many"),
      absl::StrCat("give at most ", kMaxNics, "; disks and network cards are at most ",
                   kMaxMmioDevices, ", and ", kMaxPciDevices, " with VIRTIO_PCI"));
}

}  // namespace

void ApplyNicDefaults(emud::v1::VmSpec& spec) {
  for (int i = 0; i < spec.nics_size(); ++i) {
    Nic& nic = *spec.mutable_nics(i);
    if (nic.id().empty()) nic.set_id(absl::StrCat("nic", i));
    if (nic.mode() == Nic::MODE_UNSPECIFIED) nic.set_mode(Nic::USER);
    for (Forward& forward : *nic.mutable_forwards()) {
      if (forward.protocol() == Forward::PROTOCOL_UNSPECIFIED) forward.set_protocol(Forward::TCP);
      if (forward.host_address().empty()) forward.set_host_address("127.0.0.1");
    }
  }
}

absl::Status CheckNics(const emud::v1::VmSpec& spec) {
  RETURN_IF_ERROR(CheckRoom(spec));
  std::set<std::string> ids;
  std::set<std::string> ports;
  for (int i = 0; i < spec.nics_size(); ++i) {
    const Nic& nic = spec.nics(i);
    const std::string field = absl::StrCat("spec.nics[", i, "]");
    if (nic.id().size() > kMaxIdBytes || !ids.insert(nic.id()).second) {
      return errors::InvalidField(field + ".id", "it is too long or taken",
                                  "give another of at most 20 bytes");
    }
    if (nic.mode() != Nic::USER) {
      return errors::InvalidField(field + ".mode", "there is no such mode", "give USER");
    }
    if (!emud::v1::Disk::Bus_IsValid(nic.bus()) || nic.bus() == emud::v1::Disk::VIRTIO_SCSI) {
      return errors::InvalidField(field + ".bus", "there is no such bus",
                                  "give VIRTIO_MMIO or VIRTIO_PCI");
    }
    const std::string mac = ParseMac(nic.mac());
    if (!nic.mac().empty() && (mac.empty() || (mac[0] & kGroupBit) != 0)) {
      return errors::InvalidField(field + ".mac", nic.mac() + " is no address of a card",
                                  "give one like 02:00:5e:10:00:01, or none");
    }
    if (nic.has_boot_server()) {
      RETURN_IF_ERROR(CheckBootServer(field + ".boot_server", nic.boot_server()));
    }
    if (nic.forwards_size() > kMaxForwards) {
      return errors::InvalidField(field + ".forwards", "they are too many",
                                  absl::StrCat("give at most ", kMaxForwards));
    }
    for (int j = 0; j < nic.forwards_size(); ++j) {
      const Forward& forward = nic.forwards(j);
      const std::string name = absl::StrCat(field, ".forwards[", j, "]");
      RETURN_IF_ERROR(CheckForward(name, forward));
      const std::string port =
          absl::StrCat(forward.protocol(), " ", forward.host_address(), " ", forward.host_port());
      if (forward.host_port() != 0 && !ports.insert(port).second) {
        return errors::InvalidField(name + ".host_port", "there is a forward from it already",
                                    "give another, or 0 for any");
      }
    }
  }
  return absl::OkStatus();
}

std::string MacOf(const std::string& uid, const Nic& nic) {
  if (!nic.mac().empty()) return ParseMac(nic.mac());
  std::string mac = Sha256(absl::StrCat("mac ", uid, " ", nic.id())).substr(0, kMacBytes);
  mac[0] = static_cast<char>((mac[0] | kLocalBit) & ~kGroupBit);
  return mac;
}

std::string MacText(const std::string& mac) {
  std::string text;
  for (const char byte : mac) {
    absl::StrAppendFormat(&text, "%s%02x", text.empty() ? "" : ":",
                          static_cast<unsigned char>(byte));
  }
  return text;
}

// Without a connection: the network comes once the process is there (vm_networks.h).
void AddNics(const emud::v1::Vm& vm, vm::v1::VmConfig& config) {
  for (const Nic& nic : vm.spec().nics()) {
    vm::v1::VmConfig::Nic& added = *config.add_nics();
    added.set_mac(MacOf(vm.uid(), nic));
    added.set_mtu(kUserNetworkMtu);
    if (nic.bus() == emud::v1::Disk::VIRTIO_PCI) added.set_bus(vm::v1::VmConfig::Disk::VIRTIO_PCI);
  }
}

}  // namespace emu::daemon
