// One interrupt wire: a device holds the line, never a number.
#pragma once

#include <functional>
#include <utility>

namespace emu {

// Level-sensitive. Set is called with the device lock held; it reports changes only.
class InterruptLine {
 public:
  InterruptLine() = default;
  explicit InterruptLine(std::function<void(bool)> sink) : sink_(std::move(sink)) {}

  void Set(bool level) {
    if (level == level_) return;
    level_ = level;
    if (sink_) sink_(level);
  }
  // After a restore: drives the sink again although the level did not change.
  void Redrive() {
    if (sink_) sink_(level_);
  }
  bool level() const { return level_; }

 private:
  std::function<void(bool)> sink_;
  bool level_ = false;
};

}  // namespace emu
