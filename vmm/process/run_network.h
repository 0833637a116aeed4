// The network of `emu-vm run --net user`: a network process of its own.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "net/v1/net_control.pb.h"
#include "vm/v1/vm_control.pb.h"

namespace emu {

struct NetworkRequest {
  bool is_wanted = false;
  bool is_pci = false;
  net::v1::BootServer boot_server;  // without a folder: none
  std::vector<net::v1::Forward> forwards;
};

// "user,bus=pci,tftp=/srv/tftp,bootfile=grub.efi": all but its forwards.
absl::Status ParseNetwork(absl::string_view text, NetworkRequest& network);
// "tcp:8080:80", "udp:0.0.0.0:0:53".
absl::StatusOr<net::v1::Forward> ParseForward(absl::string_view text);

// Starts the process, which ends with this one, has it open the forwards, tells of them on stderr,
// and adds a network card to `config`.
absl::Status StartNetwork(const NetworkRequest& request, vm::v1::VmConfig& config);

}  // namespace emu
