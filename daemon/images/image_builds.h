// Images that are built here, out of a distribution's packages, by a program of its own.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/child_process.h"
#include "daemon/images/images.h"
#include "daemon/operations/operations.h"
#include "vmm/base/unique_fd.h"

namespace emu::daemon {

// For every thread. What is under way lies in <state-dir>/builds/<operation>, packages for the next
// build in <state-dir>/builds/cache.
class ImageBuilds {
 public:
  struct Programs {
    std::string builder;  // ../image_builder/README.md; its recipes lie beside it
    std::string vm_program;
    std::string agents;  // a folder of emu-agents, or empty
  };

  ImageBuilds(const std::string& state_dir, Programs programs, Images& images)
      : folder_(state_dir + "/builds"), programs_(std::move(programs)), images_(images) {}

  // The names that Pull knows. FAILED_PRECONDITION/NO_IMAGE_BUILDER.
  absl::StatusOr<std::vector<std::string>> Recipes() const;

  // Builds the operation's target and imports it under that name; returns when that is done, has
  // failed or was cancelled. It may be done again: what is there already is as it should be.
  // IMAGE_BUILD_FAILED; what Images::Import answers.
  absl::Status Pull(const emud::v1::Operation& operation, const Operations::Job& job);

 private:
  // In `folder`, which is its own until it returns.
  absl::Status Build(const std::string& name, const std::string& folder,
                     const Operations::Job& job) const;
  absl::StatusOr<ToolProcess> Start(const std::vector<std::string>& arguments,
                                    const std::string& log_path) const;
  absl::Status Import(const emud::v1::Operation& operation, const std::string& folder,
                      const Operations::Job& job);

  const std::string folder_;
  const Programs programs_;
  Images& images_;
};

}  // namespace emu::daemon
