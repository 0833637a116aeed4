// Where a random block finds its code, data and page tables. Every engine sees the same.
#pragma once

#include <array>
#include <cstdint>

namespace emu::testing {

// Who runs a block, and what can say whether it did so rightly.
enum class Setting : uint8_t {
  kMachine,     // physical addresses; RAM ends behind the data
  kSupervisor,  // Sv39
  kUser,        // Sv39
  kUserPlain,   // Sv39 with pages that a user process can have: what qemu-user runs
};
inline constexpr int kSettingCount = 4;

inline constexpr uint64_t kPage = 4096;

// Physical. `stub.s` is at the start of RAM and keeps its frame of registers in the page after it.
inline constexpr uint64_t kRamBase = 0x8000'0000;
inline constexpr uint64_t kRamBytes = 0x3'0000;
inline constexpr uint64_t kFrame = kRamBase + 0x1000;
inline constexpr uint64_t kCodeFrames[] = {kRamBase + 0xa000, kRamBase + 0xc000};
inline constexpr uint64_t kMachineCode = kRamBase + 0xe000;  // two pages, side by side
inline constexpr uint64_t kTables = kRamBase + 0x1'0000;     // four pages for each Setting
inline constexpr uint32_t kDataPages = 16;
inline constexpr uint64_t kDataFrames = kRamBase + 0x2'0000;  // to the end of RAM
inline constexpr uint64_t kNowhere = 0x5000'0000;             // a page without anything

// Virtual, with page tables.
inline constexpr uint64_t kCode = 0x1000'0000;
inline constexpr uint32_t kCodeBytes = 2 * kPage;
inline constexpr uint64_t kData = 0x2000'0000;

constexpr uint64_t CodeBase(Setting setting) {
  return setting == Setting::kMachine ? kMachineCode : kCode;
}
constexpr uint64_t DataBase(Setting setting) {
  return setting == Setting::kMachine ? kDataFrames : kData;
}

enum class PageKind : uint8_t {
  kWritable,
  kUntouched,  // writable, neither accessed nor dirty yet
  kClean,      // writable and accessed, not dirty yet
  kReadOnly,
  kExecuteOnly,
  kForeign,  // of the other privilege
  kNoRam,    // mapped to where nothing is
  kUnmapped,
};
inline constexpr std::array<PageKind, kDataPages> kDataKinds = {
    PageKind::kWritable,  PageKind::kWritable, PageKind::kReadOnly,    PageKind::kUnmapped,
    PageKind::kUntouched, PageKind::kClean,    PageKind::kExecuteOnly, PageKind::kWritable,
    PageKind::kForeign,   PageKind::kWritable, PageKind::kNoRam,       PageKind::kWritable,
    PageKind::kUnmapped,  PageKind::kWritable, PageKind::kReadOnly,    PageKind::kWritable,
};
constexpr PageKind KindOf(Setting setting, uint32_t page) {
  if (setting == Setting::kMachine) return PageKind::kWritable;
  const PageKind kind = kDataKinds[page];
  if (setting != Setting::kUserPlain) return kind;
  switch (kind) {
    case PageKind::kUntouched:
    case PageKind::kClean:
      return PageKind::kWritable;
    case PageKind::kExecuteOnly:
    case PageKind::kForeign:
    case PageKind::kNoRam:
      return PageKind::kUnmapped;
    case PageKind::kWritable:
    case PageKind::kReadOnly:
    case PageKind::kUnmapped:
      return kind;
  }
  return kind;
}
// With page tables, neighbours in virtual memory are none in physical memory.
constexpr uint64_t DataFrame(Setting setting, uint32_t page) {
  return kDataFrames + (setting == Setting::kMachine ? page : page * 5 % kDataPages) * kPage;
}
constexpr uint64_t CodeFrame(Setting setting, uint32_t page) {
  return setting == Setting::kMachine ? kMachineCode + page * kPage : kCodeFrames[page];
}
// The tables of a setting: root, middle, code, data.
constexpr uint64_t TableOf(Setting setting, uint32_t which) {
  return kTables + (static_cast<uint64_t>(setting) * 4 + which) * kPage;
}

// The registers in memory, as stub.s loads and stores them.
struct RegisterFrame {
  std::array<uint64_t, 32> x;  // x[0] is the pc
  std::array<uint64_t, 32> f;
  uint64_t fcsr;
  uint64_t mstatus;  // in: where mret goes; out: FS
  uint64_t satp;
  uint64_t cause;  // out
  uint64_t value;
};

}  // namespace emu::testing
