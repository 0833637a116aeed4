// A driver of a virtio device that does what the bytes of an input say.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "devices/virtio/virtio_device.h"

namespace emu::fuzz {

// What is done by one record of an input, whose bytes are: this, a queue or what else there is to
// choose, how many bytes follow, and those.
enum class Deed : char {
  kRequest,     // the bytes are the readable part; as many times 16 are room for an answer
  kDescriptor,  // one of the queue's, as it comes: index, flags, next, size, 3 bytes of an address
  kAvailable,   // whatever lies there becomes available: its head
  kRegister,    // of the transport, or the device's configuration: offset, width, value
  kHost,        // something happens at the host's end
  kReset,       // the driver begins anew, with features as the bytes choose
  kSwitchOff,   // the queue alone
};
inline constexpr int kDeeds = 7;

std::string Record(Deed deed, char choice, std::string_view bytes);

struct Played {
  std::unique_ptr<virtio::VirtioDevice> device;
  uint32_t queues;
  // For kHost; its choice and its bytes.
  std::function<void(uint8_t choice, std::string_view bytes)> host = {};
  // Has the host's end work again, after the input.
  std::function<void()> mend = {};
};

// Afterwards the driver resets the device, and asks `question` in `queue`, with so much room for an
// answer: Fails unless it gets one that begins with `answer`.
struct LastWords {
  uint32_t queue;
  std::string_view question;
  uint32_t room_bytes;
  std::string_view answer;
};
void Play(Played played, std::string_view input, const LastWords& last);

}  // namespace emu::fuzz
