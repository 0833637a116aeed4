// Packets of the control protocol on a SOCK_SEQPACKET socket.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vm/v1/vm_control.pb.h"
#include "vmm/base/unique_fd.h"

namespace emu {

inline constexpr size_t kControlPacketBytes = 64 * 1024;

// Sends without blocking; UNAVAILABLE if the peer does not read, ABORTED if it is gone.
absl::Status SendControl(int fd, const vm::v1::ControlMessage& message);
// What comes with a packet at most; further ones are lost.
inline constexpr size_t kMostDescriptors = 64;

// Receives what is there, with the descriptors that came with it if `passed` is given; UNAVAILABLE
// if nothing is, ABORTED at the end of the connection or after a packet that is no ControlMessage.
absl::StatusOr<vm::v1::ControlMessage> ReceiveControl(int fd,
                                                      std::vector<UniqueFd>* passed = nullptr);

}  // namespace emu
