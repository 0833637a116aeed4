// What VMs take, for people: rates between two samples.
#pragma once

#include <string>
#include <vector>

#include "emud/v1/stats.pb.h"

namespace emu::client {

enum class TopOrder { kCpu, kMemory, kName };

// One VM since its process began.
std::string UsageTable(const emud::v1::VmUsage& vm);

// A row for each VM, by what it took between the two; VMs that were not there before, or have
// another process since, show no rates. At most `rows`, 0 for all.
std::string TopTable(const emud::v1::WatchVmStatsResponse& before,
                     const emud::v1::WatchVmStatsResponse& now, TopOrder order, size_t rows);

}  // namespace emu::client
