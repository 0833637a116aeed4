// Images, for people.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "emud/v1/image.pb.h"

namespace emu::client {

// "512 KiB", "1.4 GiB".
std::string BytesText(uint64_t bytes);
std::string ImageTable(const std::vector<emud::v1::Image>& images);
// One in full.
std::string ImageDetails(const emud::v1::Image& image);
// One or some of `images`, which are what `message` is about, in any form.
void PrintImages(const std::string& output, const google::protobuf::Message& message,
                 const std::vector<emud::v1::Image>& images, const std::string& table);

}  // namespace emu::client
