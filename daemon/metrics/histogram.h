// How long something took, each time, for Prometheus.
#pragma once

#include <array>
#include <cstdint>

#include "daemon/metrics/text_format.h"

namespace emu::daemon {

// Not locked: its owner is.
class Histogram {
 public:
  // Upper bounds in seconds; one more bucket is for what took longer.
  static constexpr std::array kBuckets = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                          0.25,  0.5,    1.0,   2.5,  5.0,   10.0, 30.0};

  void Add(double seconds);
  // Samples of the last family.
  void Write(const MetricsText::Labels& labels, MetricsText& text) const;
  uint64_t count() const;

 private:
  std::array<uint64_t, kBuckets.size() + 1> buckets_{};
  double sum_seconds_ = 0;
};

}  // namespace emu::daemon
