// All that GET /metrics answers with.
#pragma once

#include <string>

#include "daemon/services.h"

namespace emu::daemon {

std::string ExposeMetrics(const Backend& backend);

}  // namespace emu::daemon
