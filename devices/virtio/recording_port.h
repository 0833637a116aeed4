// The other ends of network cards and serial ports, for tests.
#pragma once

#include <string>

#include "devices/backend/byte_port.h"
#include "devices/backend/packet_port.h"

namespace emu {

// Appends what it is sent to `text`.
class RecordingPort final : public PacketPort {
 public:
  explicit RecordingPort(std::string& text) : text_(text) {}

  Traits traits() const override {
    return {.mtu = 9000,
            .takes_partial_checksums = true,
            .takes_tcp_segments = true,
            .gives_valid_checksums = true};
  }
  void SetHandlers(Handlers) override {}
  bool Send(const FrameHeader& header, std::span<const iovec> frame) override {
    if (is_full) return false;
    last_header = header;
    for (const iovec& span : frame) {
      text_.append(static_cast<const char*>(span.iov_base), span.iov_len);
    }
    return true;
  }
  void ResumeReceiving() override { ++resumed; }

  bool is_full = false;
  FrameHeader last_header = {};
  int resumed = 0;

 private:
  std::string& text_;
};

class RecordingBytePort final : public BytePort {
 public:
  explicit RecordingBytePort(std::string& text) : text_(text) {}

  void SetHandlers(Handlers) override {}
  bool Send(std::span<const iovec> bytes) override {
    if (is_full) return false;
    for (const iovec& span : bytes) {
      text_.append(static_cast<const char*>(span.iov_base), span.iov_len);
    }
    return true;
  }
  void ResumeReceiving() override { ++resumed; }
  void SetGuestOpen(bool is_open) override { is_guest_open = is_open; }

  bool is_full = false;
  bool is_guest_open = false;
  int resumed = 0;

 private:
  std::string& text_;
};

}  // namespace emu
