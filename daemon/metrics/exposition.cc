#include "daemon/metrics/exposition.h"

#include <unistd.h>

#include <optional>
#include <vector>

#include "daemon/metrics/text_format.h"
#include "daemon/metrics/vm_metrics.h"
#include "daemon/process_usage.h"

namespace emu::daemon {
namespace {

using Type = MetricsText::Type;

void WriteDaemon(MetricsText& text) {
  text.Family("emud_build_info", Type::kGauge, "1, with the version.");
  text.Sample({{"version", EMU_VERSION}}, 1);
  const std::optional<ProcessUsage> usage = ReadProcessUsage(static_cast<uint32_t>(getpid()));
  if (!usage.has_value()) return;
  text.Family("emud_cpu_seconds_total", Type::kCounter, "Processor time of the daemon.");
  text.Sample({}, std::chrono::duration<double>(usage->cpu_time).count());
  text.Family("emud_resident_bytes", Type::kGauge, "Resident memory of the daemon.");
  text.Sample({}, static_cast<double>(usage->resident_bytes));
}

void WriteOperations(const Operations& operations, MetricsText& text) {
  int running = 0;
  int failed = 0;
  int succeeded = 0;
  for (const OperationPtr& operation : operations.List()) {
    ++(!operation->done() ? running : operation->has_error() ? failed : succeeded);
  }
  text.Family("emud_operations", Type::kGauge, "Operations that are kept, by state.");
  text.Sample({{"state", "running"}}, running);
  text.Sample({{"state", "failed"}}, failed);
  text.Sample({{"state", "succeeded"}}, succeeded);
}

void WriteImages(const Images& images, MetricsText& text) {
  const std::vector<ImagePtr> all = images.List();
  uint64_t bytes = 0;
  for (const ImagePtr& image : all) bytes += image->disk_bytes();
  text.Family("emud_images", Type::kGauge, "Images that there are.");
  text.Sample({}, static_cast<double>(all.size()));
  text.Family("emud_image_disk_bytes", Type::kGauge,
              "What images take on the disk; what several have is counted for each.");
  text.Sample({}, static_cast<double>(bytes));
}

}  // namespace

std::string ExposeMetrics(const Backend& backend) {
  MetricsText text;
  WriteDaemon(text);
  backend.rpcs.Write(text);
  WriteOperations(backend.operations, text);
  WriteImages(backend.images, text);
  backend.pools.WriteMetrics(text);
  WriteVmMetrics(backend.sampler.Sample(backend.vms.records().List().vms), text);
  return text.text();
}

}  // namespace emu::daemon
