// One console for several ports of the guest.
#pragma once

#include <memory>
#include <vector>

#include "devices/backend/char_stream.h"
#include "vmm/base/state_visitor.h"

namespace emu {

// Output of every port goes to the one stream. Input goes to the port that wrote last: that is
// where the guest has its prompt, be it on the UART or on the virtio console. Everything with the
// device lock held.
class ConsoleSwitch {
 public:
  explicit ConsoleSwitch(CharStream& console) : console_(console) {}

  // The first port added has the input until one writes. The returned stream lives as long as this.
  CharStream& AddPort() {
    ports_.push_back(std::make_unique<Port>(*this));
    if (active_ == nullptr) active_ = ports_.back().get();
    return *ports_.back();
  }

  void Receive(std::span<const std::byte> bytes) {
    if (active_ != nullptr && active_->receiver) active_->receiver(bytes);
  }

  void VisitState(StateVisitor& visitor) {
    uint64_t active = 0;  // in the order in which the ports were added
    while (active < ports_.size() && ports_[active].get() != active_) ++active;
    visitor.Field(1, "active_port", active);
    if (visitor.IsReading() && active < ports_.size()) active_ = ports_[active].get();
  }

 private:
  struct Port final : CharStream {
    explicit Port(ConsoleSwitch& owner) : owner(owner) {}
    void Write(std::span<const std::byte> bytes) override {
      owner.active_ = this;
      owner.console_.Write(bytes);
    }
    void SetReceiver(Receiver new_receiver) override { receiver = std::move(new_receiver); }

    ConsoleSwitch& owner;
    Receiver receiver;
  };

  CharStream& console_;
  std::vector<std::unique_ptr<Port>> ports_;
  Port* active_ = nullptr;
};

}  // namespace emu
