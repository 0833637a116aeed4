#include "vmm/disk_files/disk_locks.h"

#include <errno.h>
#include <fcntl.h>

#include <string>
#include <utility>

#include "vmm/disk_files/errors.h"

namespace emu::disk_files {

absl::Status SeparateLocks(std::vector<ImageLayer>& layers) {
  for (ImageLayer& layer : layers) {
    const int access = fcntl(layer.file.get(), F_GETFL) & O_ACCMODE;
    const std::string path = "/proc/self/fd/" + std::to_string(layer.file.get());
    UniqueFd used(open(path.c_str(), access | O_CLOEXEC | O_NONBLOCK));
    if (!used) return CantUse(errno);
    layer.lock = std::exchange(layer.file, std::move(used));
  }
  return absl::OkStatus();
}

}  // namespace emu::disk_files
