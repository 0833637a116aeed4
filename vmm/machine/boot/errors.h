// What can be wrong with the files a machine boots from. Each says which field, what, and what to
// do.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"

namespace emu::boot {

// `field` is "kernel", "initrd", "firmware" or "flash".
absl::Status Unreadable(std::string_view field, std::string_view why);
absl::Status Truncated(std::string_view field, uint64_t needed_bytes, uint64_t size_bytes);
absl::Status Malformed(std::string_view field, std::string_view what);
absl::Status ForeignArchitecture(std::string_view field, std::string_view found,
                                 std::string_view wanted);
absl::Status UnknownFormat(std::string_view field, std::string_view accepted);
absl::Status OutsideMemory(std::string_view field, uint64_t address, uint64_t size_bytes);
absl::Status TooLargeForMemory(std::string_view field, uint64_t size_bytes, uint64_t room_bytes);
absl::Status TooLargeForFlash(std::string_view field, uint64_t size_bytes, uint64_t bank_bytes);
absl::Status InitrdWithoutKernel();
// `other` is what would be started as well.
absl::Status FlashAnd(std::string_view other);
absl::Status NothingToBoot();
// Of boards that start a kernel without firmware.
absl::Status NoFirmwareNoKernel();
absl::Status FirmwareAndKernel();

}  // namespace emu::boot
