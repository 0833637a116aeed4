#include "daemon/metrics/histogram.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"

namespace emu::daemon {

void Histogram::Add(double seconds) {
  const auto bucket = std::lower_bound(kBuckets.begin(), kBuckets.end(), seconds);
  ++buckets_[static_cast<size_t>(bucket - kBuckets.begin())];
  sum_seconds_ += seconds;
}

void Histogram::Write(const MetricsText::Labels& labels, MetricsText& text) const {
  uint64_t below = 0;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    below += buckets_[i];
    MetricsText::Labels with_bound = labels;
    with_bound.emplace_back("le", i < kBuckets.size() ? absl::StrCat(kBuckets[i]) : "+Inf");
    text.Sample(with_bound, static_cast<double>(below), "_bucket");
  }
  text.Sample(labels, sum_seconds_, "_sum");
  text.Sample(labels, static_cast<double>(below), "_count");
}

uint64_t Histogram::count() const {
  return std::accumulate(buckets_.begin(), buckets_.end(), uint64_t{0});
}

}  // namespace emu::daemon
