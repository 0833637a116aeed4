#include "daemon/metrics/text_format.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace emu::daemon {

void MetricsText::Family(std::string_view name, Type type, std::string_view help) {
  constexpr const char* kTypes[] = {"counter", "gauge", "histogram"};
  family_ = name;
  absl::StrAppend(&text_, "# HELP ", family_, " ",
                  absl::StrReplaceAll(std::string(help), {{"\\", "\\\\"}, {"\n", "\\n"}}),
                  "\n# TYPE ", family_, " ", kTypes[static_cast<size_t>(type)], "\n");
}

void MetricsText::Sample(const Labels& labels, double value, std::string_view suffix) {
  absl::StrAppend(&text_, family_, std::string(suffix));
  for (size_t i = 0; i < labels.size(); ++i) {
    const auto& [key, text] = labels[i];
    absl::StrAppend(&text_, i == 0 ? "{" : ",", std::string(key), "=\"",
                    absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}}),
                    "\"");
  }
  if (!labels.empty()) text_ += '}';
  // As exact as the counters: 2^53 before a step is lost.
  absl::StrAppend(&text_, " ", absl::StrFormat("%.17g", value), "\n");
}

}  // namespace emu::daemon
