// The x86-64 back end.
#pragma once

#include <memory>
#include <span>

#include "translator/host/host_backend.h"

namespace emu::translator::x86_64 {

std::unique_ptr<HostBackend> CreateBackend(std::span<const Helper> helpers, MemoryAccess access);

}  // namespace emu::translator::x86_64
