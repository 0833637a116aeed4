// A machine as gdb sees it.
#pragma once

#include <string>
#include <vector>

#include "vmm/gdb/target.h"
#include "vmm/process/state_driver.h"

namespace emu {

// For the state driver's thread.
class DebugTarget final : public gdb::Target {
 public:
  explicit DebugTarget(StateDriver& driver) : driver_(driver) {}

  const translator::DebugArchitecture& architecture() override { return debug().architecture(); }
  uint32_t vcpu_count() override;
  translator::VcpuDebug& vcpu(uint32_t index) override;
  std::string ReadMemory(translator::VcpuDebug* viewer, uint64_t address,
                         uint32_t size_bytes) override;
  bool WriteMemory(translator::VcpuDebug* viewer, uint64_t address,
                   std::string_view bytes) override;
  absl::Status AddStop(const translator::StopPoint& point) override;
  void RemoveStop(const translator::StopPoint& point) override { debug().RemoveStop(point); }
  void RemoveAllStops() override { debug().RemoveAllStops(); }
  void Hold() override { driver_.HoldProcessors(); }
  void Run(std::span<const RunMode> modes) override;
  void Kill() override { driver_.Stop(); }

 private:
  translator::TranslatorDebug& debug() { return *driver_.machine().translator().debug(); }

  StateDriver& driver_;
};

}  // namespace emu
