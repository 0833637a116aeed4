#include "client/format/image_format.h"

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "client/format/message_format.h"
#include "google/protobuf/util/time_util.h"

namespace emu::client {

using emud::v1::Image;
using google::protobuf::util::TimeUtil;

std::string BytesText(uint64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  for (; value >= 1024 && unit + 1 < std::size(kUnits); ++unit) value /= 1024;
  char text[32];
  std::snprintf(text, sizeof(text), value < 10 && unit != 0 ? "%.1f %s" : "%.0f %s", value,
                kUnits[unit]);
  return text;
}

std::string ImageTable(const std::vector<Image>& images) {
  std::vector<std::vector<std::string>> rows;
  for (const Image& image : images) {
    rows.push_back({image.name(), image.project(), Image::Format_Name(image.format()),
                    image.arch().empty() ? "any" : image.arch(),
                    BytesText(image.virtual_size_bytes()), BytesText(image.disk_bytes()),
                    image.digest().substr(0, image.digest().find(':') + 13)});
  }
  return ToTable({"NAME", "PROJECT", "FORMAT", "ARCH", "SIZE", "ON DISK", "DIGEST"}, rows);
}

std::string ImageDetails(const Image& image) {
  std::string text = ImageTable({image});
  std::vector<std::vector<std::string>> rows;
  for (const Image::Part& part : image.parts()) {
    rows.push_back({Image::Role_Name(part.role()), BytesText(part.size_bytes()),
                    BytesText(part.disk_bytes()), part.digest()});
  }
  absl::StrAppend(&text, "\n", ToTable({"PART", "LENGTH", "ON DISK", "DIGEST"}, rows));
  if (!image.cmdline().empty()) absl::StrAppend(&text, "\ncommand line: ", image.cmdline(), "\n");
  if (image.memory_mib() != 0) {
    absl::StrAppend(&text, "\nmemory: ", BytesText(image.memory_mib() << 20), "\n");
  }
  absl::StrAppend(&text, "\nmade: ", TimeUtil::ToString(image.create_time()), "\n");
  for (const auto& [key, value] : image.labels()) {
    absl::StrAppend(&text, "label: ", key, "=", value, "\n");
  }
  return text;
}

void PrintImages(const std::string& output, const google::protobuf::Message& message,
                 const std::vector<Image>& images, const std::string& table) {
  if (output != "name") return Print(output, message, table);
  for (const Image& image : images) std::printf("%s\n", image.name().c_str());
}

}  // namespace emu::client
