#include "vmm/process/debug_target.h"

#include <algorithm>
#include <optional>

#include "vmm/process/inspection.h"

namespace emu {

uint32_t DebugTarget::vcpu_count() {
  return static_cast<uint32_t>(driver_.machine().vcpus().size());
}

translator::VcpuDebug& DebugTarget::vcpu(uint32_t index) {
  return *driver_.machine().vcpus()[index]->debug();
}

std::string DebugTarget::ReadMemory(translator::VcpuDebug* viewer, uint64_t address,
                                    uint32_t size_bytes) {
  return ReadGuestMemory(driver_.machine(), viewer, address, size_bytes);
}

bool DebugTarget::WriteMemory(translator::VcpuDebug* viewer, uint64_t address,
                              std::string_view bytes) {
  size_t done = 0;
  while (done < bytes.size()) {
    const uint64_t at = address + done;
    const uint64_t left = kPageSize - (at & kPageOffsetMask);
    const std::string_view part = bytes.substr(done, left);
    const std::optional<GuestPhysAddr> physical =
        viewer == nullptr ? GuestPhysAddr(at) : viewer->Translate(GuestVirtAddr(at));
    if (!physical.has_value() ||
        !driver_.machine().memory().Write(*physical, std::as_bytes(std::span(part)))) {
      break;
    }
    done += part.size();
  }
  debug().SynchronizeWrites();
  return done == bytes.size();
}

absl::Status DebugTarget::AddStop(const translator::StopPoint& point) {
  return debug().AddStop(point);
}

void DebugTarget::Run(std::span<const RunMode> modes) {
  std::vector<bool> runs;
  for (size_t index = 0; index < modes.size(); ++index) {
    vcpu(static_cast<uint32_t>(index)).SetStepping(modes[index] == RunMode::kStep);
    runs.push_back(modes[index] != RunMode::kHold);
  }
  driver_.ReleaseProcessors(std::move(runs));
}

}  // namespace emu
