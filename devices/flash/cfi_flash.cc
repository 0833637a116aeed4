#include "devices/flash/cfi_flash.h"

#include <algorithm>

#include "vmm/base/bits.h"
#include "vmm/base/endian.h"
#include "vmm/base/status_macros.h"

namespace emu {

using namespace cfi_flash;

namespace {

constexpr std::byte kErased{0xff};
constexpr uint64_t kNoBuffer = UINT64_MAX;

// What one chip says, in each half of each word.
constexpr uint64_t FromEveryChip(uint16_t value) { return value * uint64_t{0x0001'0001'0001'0001}; }

}  // namespace

CfiFlash::CfiFlash(FlashStore store) : store_(std::move(store)), buffer_(kBufferBytes, kErased) {}

void CfiFlash::Reset() {
  mode_ = Mode::kArray;
  expects_ = Expects::kCommand;
  status_ = kStatusReady;
  buffer_start_ = kNoBuffer;
  buffer_left_ = 0;
  std::ranges::fill(buffer_, kErased);
}

AccessResult CfiFlash::MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) {
  *value = 0;
  if (!IsAligned(offset, width_bytes)) return AccessResult::kBadAccess;
  // In words of the bus: where a chip sees the address.
  const uint64_t word = offset / kBusBytes;
  switch (mode_) {
    case Mode::kArray: {
      std::byte bytes[8] = {};
      store_.Read(offset, std::span(bytes).first(width_bytes));
      *value = LoadLittle<uint64_t>(bytes);
      break;
    }
    case Mode::kStatus:
      *value = FromEveryChip(status_);
      break;
    case Mode::kIdentifier:
      *value = FromEveryChip(word % 0x100 == 0   ? kManufacturer
                             : word % 0x100 == 1 ? kChip
                                                 : uint16_t{0});
      break;
    case Mode::kQuery: {
      const auto table = QueryTable(store_.size_bytes());
      const uint64_t at = word - kQueryStart;
      *value = FromEveryChip(at < table.size() ? table[at] : uint8_t{0});
      break;
    }
  }
  *value &= WidthMask(width_bytes);
  return AccessResult::kOk;
}

AccessResult CfiFlash::MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) {
  if (!IsAligned(offset, width_bytes)) return AccessResult::kBadAccess;
  const auto code = static_cast<uint8_t>(value);
  const bool is_confirmed = code == static_cast<uint8_t>(Command::kConfirm);
  switch (expects_) {
    case Expects::kCommand:
      StartCommand(code);
      break;
    case Expects::kWord: {
      const auto bytes = std::as_bytes(std::span(&value, 1)).first(width_bytes);
      store_.Program(offset, bytes);
      expects_ = Expects::kCommand;
      break;
    }
    case Expects::kEraseConfirm:
      if (is_confirmed) {
        store_.Erase(offset);
      } else {
        status_ |= kStatusEraseError;
      }
      expects_ = Expects::kCommand;
      break;
    case Expects::kLockConfirm:
      expects_ = Expects::kCommand;
      break;
    case Expects::kBufferCount: {
      const uint64_t bytes = (ExtractBits(value, 0, 16) + 1) * kBusBytes;
      buffer_left_ = static_cast<uint32_t>(std::min<uint64_t>(bytes, kBufferBytes));
      buffer_start_ = kNoBuffer;
      std::ranges::fill(buffer_, kErased);
      expects_ = Expects::kBufferData;
      break;
    }
    case Expects::kBufferData:
      FillBuffer(offset, width_bytes, value);
      break;
    case Expects::kBufferConfirm:
      if (is_confirmed && buffer_start_ != kNoBuffer) {
        store_.Program(buffer_start_, buffer_);
      } else {
        status_ |= kStatusProgramError;
      }
      expects_ = Expects::kCommand;
      break;
  }
  return AccessResult::kOk;
}

void CfiFlash::StartCommand(uint8_t code) {
  mode_ = Mode::kStatus;
  switch (static_cast<Command>(code)) {
    case Command::kProgram:
    case Command::kProgramOld:
      expects_ = Expects::kWord;
      return;
    case Command::kErase:
      expects_ = Expects::kEraseConfirm;
      return;
    case Command::kLock:
      expects_ = Expects::kLockConfirm;
      return;
    case Command::kProgramBuffer:
      expects_ = Expects::kBufferCount;
      return;
    case Command::kClearStatus:
      status_ = kStatusReady;
      mode_ = Mode::kArray;
      return;
    case Command::kReadStatus:
      return;
    case Command::kReadIdentifier:
      mode_ = Mode::kIdentifier;
      return;
    case Command::kReadQuery:
      mode_ = Mode::kQuery;
      return;
    case Command::kReadArray:
    case Command::kReadArrayAmd:
    case Command::kReadArrayOld:
    case Command::kLockConfirm:  // out of place, as is the next
    case Command::kConfirm:
      break;
  }
  mode_ = Mode::kArray;  // what is no command, too
}

// The words may come in any order; the first says which buffer of the flash is meant.
void CfiFlash::FillBuffer(uint64_t offset, uint32_t width_bytes, uint64_t value) {
  if (buffer_start_ == kNoBuffer) buffer_start_ = AlignDown(offset, kBufferBytes);
  const auto bytes = std::as_bytes(std::span(&value, 1)).first(width_bytes);
  if (AlignDown(offset, kBufferBytes) == buffer_start_) {
    std::ranges::copy(bytes, buffer_.begin() + static_cast<ptrdiff_t>(offset % kBufferBytes));
  }
  buffer_left_ -= std::min(buffer_left_, width_bytes);
  if (buffer_left_ == 0) expects_ = Expects::kBufferConfirm;
}

void CfiFlash::VisitState(StateVisitor& visitor) {
  visitor.Small(1, "mode", mode_);
  visitor.Small(2, "expects", expects_);
  visitor.Small(3, "status", status_);
  visitor.Field(4, "buffer_start", buffer_start_);
  visitor.Small(5, "buffer_left", buffer_left_);
  visitor.Field(6, "buffer", std::span(buffer_));
  visitor.BeginGroup(7, "store");
  store_.VisitState(visitor);
  visitor.EndGroup();
}

absl::Status CfiFlash::AfterRestore() {
  const bool has_buffer = buffer_start_ != kNoBuffer;
  if (mode_ > Mode::kQuery || expects_ > Expects::kBufferConfirm ||
      (has_buffer && (!IsAligned(buffer_start_, kBufferBytes) ||
                      ExceedsLimit(buffer_start_, kBufferBytes, store_.size_bytes())))) {
    return absl::InvalidArgumentError("cfi_flash: no flash was ever in this state");
  }
  return store_.AfterRestore();
}

}  // namespace emu
