// The host's end of a network card: a process that speaks for the network, a test.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

namespace emu {

// Before every Ethernet frame, both ways: struct virtio_net_hdr of VIRTIO 1.2 s. 5.1.6. Numbers are
// little endian, as host and guests are.
struct FrameHeader {
  uint8_t flags = 0;
  uint8_t segmentation = 0;      // gso_type
  uint16_t header_bytes = 0;     // a hint
  uint16_t segment_bytes = 0;    // gso_size
  uint16_t checksum_start = 0;   // into the frame
  uint16_t checksum_offset = 0;  // from there
  uint16_t buffer_count = 0;     // device to driver only
};
static_assert(sizeof(FrameHeader) == 12);

// The frame lacks its checksum; has been found right.
inline constexpr uint8_t kNeedsChecksum = 1, kChecksumIsValid = 2;
// One frame stands for many TCP segments.
inline constexpr uint8_t kNotSegmented = 0, kTcp4Segments = 1, kTcp6Segments = 4,
                         kSegmentsWithEcn = 0x80;

inline constexpr size_t kEthernetHeaderBytes = 14;
// The largest IP packet behind an Ethernet header with a VLAN's tag.
inline constexpr size_t kMaxFrameBytes = 65535 + kEthernetHeaderBytes + 4;

class PacketPort {
 public:
  // What the other end can do. Constant.
  struct Traits {
    uint16_t mtu = 1500;  // in bytes, of IP packets
    bool takes_partial_checksums = false;
    bool takes_tcp_segments = false;     // kTcp4Segments, kTcp6Segments; with partial checksums
    bool gives_valid_checksums = false;  // its frames are kChecksumIsValid
  };

  // Called on the I/O loop without any lock of the port.
  struct Handlers {
    // A header and a frame. False: there is no room for it; it comes again after ResumeReceiving.
    std::function<bool(std::span<const std::byte> packet)> receive;
    // After a Send that returned false.
    std::function<void()> has_room;
    // Whether somebody is at the other end: once at the start, and at each change.
    std::function<void(bool is_up)> link;
  };

  virtual ~PacketPort() = default;

  virtual Traits traits() const = 0;

  // Set once, while the machine is built.
  virtual void SetHandlers(Handlers handlers) = 0;

  // Any thread, with the device lock held; never blocks. `frame` is guest memory, read before this
  // returns. False: there is no room, and `has_room` will be called. What nobody takes is dropped.
  virtual bool Send(const FrameHeader& header, std::span<const iovec> frame) = 0;

  // Any thread, with the device lock held: the guest has room again.
  virtual void ResumeReceiving() = 0;
};

}  // namespace emu
