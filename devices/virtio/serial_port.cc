#include "devices/virtio/serial_port.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "devices/virtio/chain_io.h"

namespace emu::virtio {

using namespace console;

SerialPort::SerialPort(BytePort& port, std::string name) : port_(port), name_(std::move(name)) {}

std::span<const std::byte> SerialPort::config() const {
  return std::as_bytes(std::span(&config_, 1));
}

bool SerialPort::IsInUse() { return !is_paused_ && is_guest_open_ && host().IsLive(); }

void SerialPort::ResetDevice() {
  is_known_ = false;
  pending_.clear();
  sent_bytes_ = 0;
  SetGuestOpen(false);
}

void SerialPort::Notify(uint32_t index) {
  switch (index) {
    case kReceiveQueue:
      return CallPortBack();
    case kTransmitQueue:
      return Transmit();
    case kControlReceiveQueue:
      return SendControl();
    case kControlTransmitQueue:
      ServeAll(index, [this](const DescriptorChain& chain) { return TakeControl(chain); });
      return SendControl();
    default:
      return;
  }
}

void SerialPort::Start() {
  is_paused_ = false;
  SendControl();
  if (host().IsLive()) Transmit();
  CallPortBack();
}

void SerialPort::CallPortBack() {
  if (is_paused_ || !std::exchange(port_waits_, false)) return;
  port_.ResumeReceiving();
}

size_t SerialPort::Receive(std::span<const std::byte> bytes) {
  size_t taken = 0;
  if (IsInUse()) {
    Queue& queue = host().queue(kReceiveQueue);
    do {
      while (taken < bytes.size()) {
        const auto chain = queue.Pop();
        if (!chain) break;
        const auto part = bytes.subspan(
            taken, std::min<uint64_t>(TotalBytes(chain->writable), bytes.size() - taken));
        // What the driver has no memory for is lost, as on any wire.
        const bool written = WriteSegments(host().dma(), chain->writable, 0, part);
        queue.Push(chain->head, written ? static_cast<uint32_t>(part.size()) : 0);
        taken += part.size();
      }
    } while (taken < bytes.size() && queue.AskForNotification());
    host().Flush(kReceiveQueue);
  }
  port_waits_ = taken < bytes.size();
  return taken;
}

void SerialPort::NotePortHasRoom() {
  port_is_full_ = false;
  if (host().IsLive()) Transmit();
}

void SerialPort::Transmit() {
  if (port_is_full_ || is_paused_) return;
  Queue& queue = host().queue(kTransmitQueue);
  do {
    while (const auto chain = queue.Pop()) {
      if (!Send(*chain)) {
        queue.Unpop();
        port_is_full_ = true;
        return host().Flush(kTransmitQueue);
      }
      sent_bytes_ = 0;
      queue.Push(chain->head, 0);
    }
  } while (queue.AskForNotification());
  host().Flush(kTransmitQueue);
}

// False: the rest of it later.
bool SerialPort::Send(const DescriptorChain& chain) {
  const uint64_t size = std::min(TotalBytes(chain.readable), kMaxRequestBytes);
  while (sent_bytes_ < size) {
    const uint64_t part = std::min<uint64_t>(size - sent_bytes_, BytePort::kMostSentBytes);
    std::vector<iovec> spans;
    if (!SpansOf(host().dma(), chain.readable, sent_bytes_, part, DmaPort::Access::kDeviceReads,
                 spans)) {
      return true;
    }
    if (!port_.Send(spans)) return false;
    sent_bytes_ += part;
  }
  return true;
}

void SerialPort::SetConnection(bool is_open) {
  if (std::exchange(is_open_, is_open) == is_open || !is_known_) return;
  TellConnection();
  SendControl();
}

void SerialPort::Tell(ControlEvent event, uint16_t value) {
  if (pending_.size() < kMostPending) pending_.push_back({.event = event, .value = value});
}

// A driver that is slow to hear is spared connections that came and went meanwhile, but for the
// last.
void SerialPort::TellConnection() {
  const auto last_is = [this](uint16_t value) {
    return !pending_.empty() && pending_.back().event == ControlEvent::kPortOpen &&
           pending_.back().value == value;
  };
  if (!is_open_ && last_is(1)) pending_.pop_back();
  if (is_open_ || !last_is(0)) Tell(ControlEvent::kPortOpen, is_open_ ? 1 : 0);
}

void SerialPort::SendControl() {
  if (is_paused_ || !host().IsLive()) return;
  Queue& queue = host().queue(kControlReceiveQueue);
  do {
    while (!pending_.empty()) {
      const auto chain = queue.Pop();
      if (!chain) break;
      const ControlMessage& message = pending_.front();
      std::vector<std::byte> bytes(sizeof(message));
      std::memcpy(bytes.data(), &message, sizeof(message));
      if (message.event == ControlEvent::kPortName) {
        const auto name = std::as_bytes(std::span(name_));
        bytes.insert(bytes.end(), name.begin(), name.end());
      }
      const bool written = WriteSegments(host().dma(), chain->writable, 0, bytes);
      queue.Push(chain->head, written ? static_cast<uint32_t>(bytes.size()) : 0);
      pending_.pop_front();
    }
  } while (!pending_.empty() && queue.AskForNotification());
  host().Flush(kControlReceiveQueue);
}

// s. 5.3.6.2.1.
uint32_t SerialPort::TakeControl(const DescriptorChain& chain) {
  ControlMessage message;
  if (!ReadSegments(host().dma(), chain.readable, 0,
                    std::as_writable_bytes(std::span(&message, 1)))) {
    return 0;
  }
  // That it is ready, a driver says of no port.
  if (message.port != 0 && message.event != ControlEvent::kDeviceReady) return 0;
  switch (message.event) {
    case ControlEvent::kDeviceReady:
      if (message.value == 1) Tell(ControlEvent::kPortAdd, 1);
      break;
    case ControlEvent::kPortReady:
      is_known_ = message.value == 1;
      if (!is_known_) break;
      Tell(ControlEvent::kPortName, 1);
      TellConnection();
      break;
    case ControlEvent::kPortOpen:
      SetGuestOpen(message.value == 1);
      break;
    case ControlEvent::kPortAdd:
    case ControlEvent::kPortRemove:
    case ControlEvent::kConsolePort:
    case ControlEvent::kResize:
    case ControlEvent::kPortName:
    default:  // what is no driver's to say
      break;
  }
  return 0;
}

void SerialPort::SetGuestOpen(bool is_open) {
  if (std::exchange(is_guest_open_, is_open) == is_open) return;
  port_.SetGuestOpen(is_open);
  if (is_open) CallPortBack();
}

void SerialPort::VisitState(StateVisitor& visitor) {
  visitor.Small(1, "is_known", is_known_);
  visitor.Small(2, "is_guest_open", is_guest_open_);
  visitor.Small(3, "is_open", is_open_);
  std::vector<std::byte> pending(pending_.size() * sizeof(ControlMessage));
  for (size_t i = 0; i < pending_.size(); ++i) {
    std::memcpy(&pending[i * sizeof(ControlMessage)], &pending_[i], sizeof(ControlMessage));
  }
  visitor.Field(4, "pending", pending);
  if (!visitor.IsReading()) return;
  pending_.resize(std::min(pending.size() / sizeof(ControlMessage), kMostPending));
  for (size_t i = 0; i < pending_.size(); ++i) {
    std::memcpy(&pending_[i], &pending[i * sizeof(ControlMessage)], sizeof(ControlMessage));
  }
}

// The machine stands still until Start. That whoever was connected is not any more, the port tells.
absl::Status SerialPort::AfterRestore() {
  is_paused_ = true;
  if (is_guest_open_) port_.SetGuestOpen(true);
  return absl::OkStatus();
}

}  // namespace emu::virtio
