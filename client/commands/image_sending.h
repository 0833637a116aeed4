// Images of files here, which are sent to emud, by the commands that make them.
#pragma once

#include <string>

#include "client/endpoint.h"
#include "emud/v1/image.grpc.pb.h"

namespace emu::client {

// Sends the files that `request`'s sources name by their paths, and imports them. An exit code;
// what went wrong has been told, and what has come for nothing is dropped.
int SendAndImport(emud::v1::ImageService::Stub& stub, emud::v1::ImportImageRequest request,
                  const Options& options, emud::v1::Image& image);
// Likewise of files of emud's host, which it opens by itself.
int ImportOnHost(emud::v1::ImageService::Stub& stub, const emud::v1::ImportImageRequest& request,
                 const Options& options, emud::v1::Image& image);

// Sends a file, or standard input ("-"), as an upload, whose id is answered. An exit code; what
// went wrong has been told.
int SendFile(emud::v1::ImageService::Stub& stub, const std::string& path, const Options& options,
             std::string& upload_id);
// What has come for nothing.
void DropUpload(emud::v1::ImageService::Stub& stub, const std::string& upload_id);

}  // namespace emu::client
