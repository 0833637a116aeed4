// Prometheus' text format, version 0.0.4
// (prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace emu::daemon {

// Families one after the other, each with its samples. One thread's.
class MetricsText {
 public:
  enum class Type : uint8_t { kCounter, kGauge, kHistogram };
  using Labels = std::vector<std::pair<std::string_view, std::string>>;

  void Family(std::string_view name, Type type, std::string_view help);
  // Of the last family; `suffix` is for histograms: _bucket, _sum, _count.
  void Sample(const Labels& labels, double value, std::string_view suffix = "");
  const std::string& text() const { return text_; }

 private:
  std::string family_;
  std::string text_;
};

}  // namespace emu::daemon
