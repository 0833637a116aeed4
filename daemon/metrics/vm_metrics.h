// The metrics of VMs.
#pragma once

#include <vector>

#include "daemon/metrics/text_format.h"
#include "emud/v1/stats.pb.h"

namespace emu::daemon {

void WriteVmMetrics(const std::vector<emud::v1::VmUsage>& vms, MetricsText& text);

}  // namespace emu::daemon
