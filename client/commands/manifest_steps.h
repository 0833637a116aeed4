// What apply, diff and delete do for one document, whatever its kind. A file of each kind has its
// functions: manifest_image.cc, manifest_volume.cc, manifest_vm.cc.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "client/endpoint.h"
#include "client/manifest.h"

namespace emu::client {

// Where the documents are to become true.
struct Target {
  const std::shared_ptr<grpc::Channel> channel;
  const Options& options;
  // What documents before will have made by then, so that nobody can be asked about it now.
  std::set<std::string> images;
  std::set<std::string> volumes;
};

// What is to be done for one document.
struct Step {
  enum class Kind : uint8_t { kCreate, kUpdate, kNone };
  Kind kind = Kind::kNone;
  std::string diff;
  // Does it. An exit code; what went wrong has been told.
  std::function<int()> execute;
};

// What the daemon has, against what the document says. FAILED_PRECONDITION where that can't become
// so.
grpc::Status Plan(const Target& target, const emud::v1::ImageManifest& manifest, Step& step);
grpc::Status Plan(const Target& target, const emud::v1::VolumeManifest& manifest, Step& step);
grpc::Status Plan(const Target& target, const emud::v1::VmManifest& manifest, Step& step);

enum class Removal : uint8_t {
  kOnlyLook,
  kRemove,
  kForce,  // even while it runs
};
// NOT_FOUND if it is not there.
grpc::Status Remove(const Target& target, const emud::v1::ImageManifest& manifest, Removal removal);
grpc::Status Remove(const Target& target, const emud::v1::VolumeManifest& manifest,
                    Removal removal);
grpc::Status Remove(const Target& target, const emud::v1::VmManifest& manifest, Removal removal);

}  // namespace emu::client
