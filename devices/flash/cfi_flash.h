// Flash memory that firmware keeps its variables in.
#pragma once

#include "devices/core/device.h"
#include "devices/flash/cfi_flash_spec.h"
#include "devices/flash/flash_store.h"
#include "vmm/base/address_space.h"

namespace emu {

// Two Intel chips side by side, so that what they say stands in both halves of a word. Writing and
// erasing take no time: the status is ready as soon as it is read. Nothing is locked.
class CfiFlash final : public Device, public MmioHandler {
 public:
  explicit CfiFlash(FlashStore store);

  void Reset() override;
  void VisitState(StateVisitor& visitor) override;
  absl::Status AfterRestore() override;
  AccessResult MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) override;
  AccessResult MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) override;

 private:
  // What a read gives.
  enum class Mode : uint8_t { kArray, kStatus, kIdentifier, kQuery };
  // What the next write is.
  enum class Expects : uint8_t {
    kCommand,
    kWord,
    kEraseConfirm,
    kLockConfirm,
    kBufferCount,
    kBufferData,
    kBufferConfirm,
  };

  void StartCommand(uint8_t code);
  void FillBuffer(uint64_t offset, uint32_t width_bytes, uint64_t value);

  FlashStore store_;
  Mode mode_ = Mode::kArray;
  Expects expects_ = Expects::kCommand;
  uint16_t status_ = cfi_flash::kStatusReady;
  uint64_t buffer_start_ = UINT64_MAX;  // of its first byte; UINT64_MAX: none yet
  uint32_t buffer_left_ = 0;            // bytes that are still to come
  std::vector<std::byte> buffer_;       // kBufferBytes; erased where nothing was written
};

}  // namespace emu
