#include "vmm/machine/boot/errors.h"

#include "absl/strings/str_format.h"

namespace emu::boot {

absl::Status Unreadable(std::string_view field, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrFormat("%s: cannot be read: %s; give a regular file that may be read", field, why));
}

absl::Status Truncated(std::string_view field, uint64_t needed_bytes, uint64_t size_bytes) {
  return absl::InvalidArgumentError(
      absl::StrFormat("%s: is truncated: it should have at least %d bytes but has %d; fetch or "
                      "build the file again",
                      field, needed_bytes, size_bytes));
}

absl::Status Malformed(std::string_view field, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrFormat("%s: is damaged: %s; fetch or build the file again", field, what));
}

absl::Status ForeignArchitecture(std::string_view field, std::string_view found,
                                 std::string_view wanted) {
  return absl::InvalidArgumentError(absl::StrFormat(
      "%s: is for %s, the machine is %s; give a file built for %s or change the machine's arch",
      field, found, wanted, wanted));
}

absl::Status UnknownFormat(std::string_view field, std::string_view accepted) {
  return absl::InvalidArgumentError(
      absl::StrFormat("%s: is of no known format; give one of: %s", field, accepted));
}

absl::Status OutsideMemory(std::string_view field, uint64_t address, uint64_t size_bytes) {
  return absl::InvalidArgumentError(absl::StrFormat(
      "%s: wants %d bytes at %#x, where the machine has no memory; give the machine more memory or "
      "a file linked for its memory map",
      field, size_bytes, address));
}

absl::Status TooLargeForMemory(std::string_view field, uint64_t size_bytes, uint64_t room_bytes) {
  return absl::InvalidArgumentError(absl::StrFormat(
      "%s: needs %d KiB of memory but there is room for %d KiB; give the machine more memory",
      field, (size_bytes + 1023) >> 10, room_bytes >> 10));
}

absl::Status TooLargeForFlash(std::string_view field, uint64_t size_bytes, uint64_t bank_bytes) {
  return absl::InvalidArgumentError(absl::StrFormat(
      "%s: has %d KiB but the board's flash has %d KiB; give an image made for this board", field,
      (size_bytes + 1023) >> 10, bank_bytes >> 10));
}

absl::Status InitrdWithoutKernel() {
  return absl::InvalidArgumentError("initrd: there is no kernel to use it; give a kernel too");
}

absl::Status FlashAnd(std::string_view other) {
  return absl::InvalidArgumentError(
      absl::StrFormat("flash: it is started in place of a %s; give either of the two", other));
}

absl::Status NothingToBoot() {
  return absl::InvalidArgumentError("firmware: there is nothing to boot; give a firmware image");
}

absl::Status NoFirmwareNoKernel() {
  return absl::InvalidArgumentError(
      "kernel: there is nothing to boot; give a kernel, a firmware image or a flash image");
}

absl::Status FirmwareAndKernel() {
  return absl::InvalidArgumentError(
      "firmware: this machine starts a kernel without one; give either a kernel or a firmware "
      "image");
}

}  // namespace emu::boot
