// Files as tar streams, made and taken in; tar(5).
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace emu::client {

// Gives `path`, a file or a folder (without a / behind it) with all that is in it, as a stream in
// which it is called `name` and belongs to root. `give` says whether more is wanted. NOT_FOUND,
// INTERNAL with the file and the reason.
absl::Status PackTar(const std::string& path, const std::string& name,
                     const std::function<bool(std::string_view)>& give);

// Makes of a stream that comes from `fd` what it calls `name` (".": everything), as `as` in the
// working folder. Nothing else is made, and nothing outside of it: INVALID_ARGUMENT. Of devices and
// sockets likewise. INTERNAL.
absl::Status UnpackTar(int fd, const std::string& name, const std::string& as);

}  // namespace emu::client
