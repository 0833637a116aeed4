// Bytes of images and snapshots, to emud and from it. Both go on by themselves where a connection
// has broken, or the daemon was restarted.
#pragma once

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <functional>
#include <string>

#include "emud/v1/image.grpc.pb.h"
#include "emud/v1/snapshot.grpc.pb.h"

namespace emu::client {

// Called again and again: how many bytes are there.
using OnBytes = std::function<void(uint64_t)>;
// Likewise, of how many.
using OnBytesOf = std::function<void(uint64_t done, uint64_t all)>;

// All that can be read of `file`, as a new upload, whose id is answered. `size_bytes`: how many
// that will be, or 0. What can't be read of it is UNKNOWN, with the reason.
grpc::Status Upload(emud::v1::ImageService::Stub& stub, int file, uint64_t size_bytes,
                    const OnBytes& on_bytes, std::string& id);

// A part of an image into `file`, at whose end it goes on; zeros are left out where the file has an
// end that can be moved.
grpc::Status Download(emud::v1::ImageService::Stub& stub, const std::string& name,
                      emud::v1::Image::Role role, int file, const OnBytes& on_bytes);

// A snapshot's file likewise.
grpc::Status DownloadSnapshot(emud::v1::SnapshotService::Stub& stub,
                              emud::v1::ExportSnapshotRequest request, int file,
                              const OnBytesOf& on_bytes);

}  // namespace emu::client
