#include "devices/flash/flash_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_format.h"
#include "vmm/base/endian.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu {
namespace {

constexpr std::byte kErased{0xff};

// All of it, or as much as there is; false for an error.
bool ReadFully(int file, uint64_t offset, std::span<std::byte> into) {
  while (!into.empty()) {
    const ssize_t count = pread(file, into.data(), into.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count == 0;
    offset += static_cast<uint64_t>(count);
    into = into.subspan(static_cast<size_t>(count));
  }
  return true;
}

bool WriteFully(int file, uint64_t offset, std::span<const std::byte> from) {
  while (!from.empty()) {
    const ssize_t count = pwrite(file, from.data(), from.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    offset += static_cast<uint64_t>(count);
    from = from.subspan(static_cast<size_t>(count));
  }
  return true;
}

absl::Status Unreadable() {
  return absl::InvalidArgumentError(
      "variables: cannot be read; give a regular file that may be read and written");
}

}  // namespace

absl::StatusOr<FlashStore> FlashStore::Open(UniqueFd file, WorkQueue* work, uint64_t size_bytes,
                                            uint64_t sector_bytes) {
  struct stat info = {};
  if (file.is_valid() && (fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode))) {
    return Unreadable();
  }
  const auto file_bytes = static_cast<uint64_t>(info.st_size);
  if (file_bytes > size_bytes) {
    return absl::InvalidArgumentError(
        absl::StrFormat("variables: has %d bytes, the flash %d; give a file of at most that size",
                        file_bytes, size_bytes));
  }
  FlashStore store(std::make_shared<UniqueFd>(std::move(file)), work, file_bytes, size_bytes,
                   sector_bytes);
  RETURN_IF_ERROR(store.Load());
  return store;
}

absl::Status FlashStore::Load() {
  for (uint64_t offset = 0; offset < file_bytes_; offset += sector_bytes_) {
    Sector sector(sector_bytes_, kErased);
    if (!ReadFully(file_->get(), offset, sector)) return Unreadable();
    if (std::ranges::any_of(sector, [](std::byte byte) { return byte != std::byte{0}; })) {
      sectors_[offset / sector_bytes_] = std::move(sector);
    }
  }
  return absl::OkStatus();
}

std::byte FlashStore::Filler(uint64_t number) const {
  return number * sector_bytes_ < loaded_bytes_ ? std::byte{0} : kErased;
}

FlashStore::Sector& FlashStore::SectorAt(uint64_t offset) {
  const uint64_t number = offset / sector_bytes_;
  const auto [place, is_new] = sectors_.try_emplace(number);
  if (is_new) place->second.assign(sector_bytes_, Filler(number));
  return place->second;
}

void FlashStore::Read(uint64_t offset, std::span<std::byte> into) const {
  const auto found = sectors_.find(offset / sector_bytes_);
  if (found == sectors_.end()) {
    std::ranges::fill(into, Filler(offset / sector_bytes_));
  } else {
    std::ranges::copy(std::span(found->second).subspan(offset % sector_bytes_, into.size()),
                      into.begin());
  }
}

void FlashStore::Program(uint64_t offset, std::span<const std::byte> from) {
  const std::span into = std::span(SectorAt(offset)).subspan(offset % sector_bytes_, from.size());
  for (size_t i = 0; i < from.size(); ++i) into[i] &= from[i];
  Save(offset, into);
}

void FlashStore::Erase(uint64_t offset) {
  Sector& sector = SectorAt(offset);
  std::ranges::fill(sector, kErased);
  Save(offset - offset % sector_bytes_, sector);
}

// A file that ends before is filled up to here, erased.
void FlashStore::Save(uint64_t offset, std::span<const std::byte> bytes) {
  if (!file_->is_valid()) return;
  uint64_t start = offset;
  Sector whole;
  if (file_bytes_ < offset) {
    start = file_bytes_;
    whole.assign(offset - start, kErased);
  }
  whole.insert(whole.end(), bytes.begin(), bytes.end());
  file_bytes_ = std::max(file_bytes_, offset + bytes.size());
  const auto write = [file = file_, start, whole = std::move(whole)] {
    if (!WriteFully(file->get(), start, whole)) LogWarning("flash-write-failed");
  };
  if (work_ != nullptr) {
    work_->Post(write);
  } else {
    write();
  }
}

// Each: its number in 8 bytes, then its contents.
void FlashStore::VisitState(StateVisitor& visitor) {
  std::vector<std::byte> all;
  if (!visitor.IsReading()) {
    for (const auto& [number, sector] : sectors_) {
      const auto head = std::as_bytes(std::span(&number, 1));
      all.insert(all.end(), head.begin(), head.end());
      all.insert(all.end(), sector.begin(), sector.end());
    }
  }
  visitor.Field(1, "sectors", all);
  if (visitor.IsReading()) restored_ = std::move(all);
}

absl::Status FlashStore::AfterRestore() {
  const uint64_t entry_bytes = sizeof(uint64_t) + sector_bytes_;
  const std::vector<std::byte> restored = std::exchange(restored_, {});
  if (restored.size() % entry_bytes != 0) {
    return absl::InvalidArgumentError("flash: the sectors are cut off");
  }
  for (size_t at = 0; at < restored.size(); at += entry_bytes) {
    const auto entry = std::span(restored).subspan(at, entry_bytes);
    const uint64_t number = LoadLittle<uint64_t>(entry);
    if (number >= size_bytes_ / sector_bytes_) {
      return absl::InvalidArgumentError(absl::StrFormat("flash: there is no sector %d", number));
    }
    Sector& sector = sectors_[number];
    const auto contents = entry.subspan(sizeof(uint64_t));
    sector.assign(contents.begin(), contents.end());
    Save(number * sector_bytes_, sector);
  }
  return absl::OkStatus();
}

}  // namespace emu
