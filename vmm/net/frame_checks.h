// What is done to a guest's frame before the network stack sees it. The frame is hostile.
#pragma once

#include <cstdint>
#include <span>

#include "devices/backend/packet_port.h"

namespace emu::net {

// Writes the checksum that the frame still lacks, if it says so. False: it says nonsense.
[[nodiscard]] bool CompleteChecksum(const FrameHeader& header, std::span<std::byte> frame);

// Whether a guest may send this: ARP; IP to the outside world and to the network's own services.
// Not to this host's loopback (however it is written), to link-local addresses (where clouds keep
// their metadata), to groups, or to anything else that has a meaning for this host alone.
bool MayLeave(std::span<const std::byte> frame);

}  // namespace emu::net
