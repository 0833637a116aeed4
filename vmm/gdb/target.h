// What a gdb session asks of a VM.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "translator/debug.h"

namespace emu::gdb {

// One thread calls it, the session's; no processor runs then but between Run and the next stop.
class Target {
 public:
  virtual ~Target() = default;

  virtual const translator::DebugArchitecture& architecture() = 0;
  virtual uint32_t vcpu_count() = 0;
  virtual translator::VcpuDebug& vcpu(uint32_t index) = 0;

  // RAM and ROM, virtual as `viewer` sees it, or physical if that is null. Reading gives less where
  // memory ends; writing is false where not all of it is RAM, and may then have written a part.
  virtual std::string ReadMemory(translator::VcpuDebug* viewer, uint64_t address,
                                 uint32_t size_bytes) = 0;
  virtual bool WriteMemory(translator::VcpuDebug* viewer, uint64_t address,
                           std::string_view bytes) = 0;

  // See TranslatorDebug.
  virtual absl::Status AddStop(const translator::StopPoint& point) = 0;
  virtual void RemoveStop(const translator::StopPoint& point) = 0;
  virtual void RemoveAllStops() = 0;

  // Holds all processors; the guest's time stands still.
  virtual void Hold() = 0;
  enum class RunMode : uint8_t { kHold, kStep, kRun };
  // Lets processors go on, each as `modes` says by its index, until one of them stops or Hold.
  virtual void Run(std::span<const RunMode> modes) = 0;
  // Ends the guest, as a stop of the VM does.
  virtual void Kill() = 0;
};

}  // namespace emu::gdb
