// The other end of a network card, for tests.
#pragma once

#include <string>

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

}  // namespace emu
