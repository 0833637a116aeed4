#include "tests/guest/riscv64/random/engine.h"

#include <cstring>
#include <random>

namespace emu::testing {
namespace {

constexpr uint64_t kValid = 1, kRead = 2, kWrite = 4, kExecute = 8, kUser = 16, kAccessed = 64,
                   kDirty = 128;

uint64_t Entry(uint64_t physical, uint64_t bits) { return physical >> 12 << 10 | bits | kValid; }

uint64_t DataEntry(Setting setting, uint32_t page) {
  const uint64_t frame = DataFrame(setting, page);
  const uint64_t own = setting == Setting::kSupervisor ? 0 : kUser;
  switch (KindOf(setting, page)) {
    case PageKind::kWritable:
      return Entry(frame, kRead | kWrite | kAccessed | kDirty | own);
    case PageKind::kUntouched:
      return Entry(frame, kRead | kWrite | own);
    case PageKind::kClean:
      return Entry(frame, kRead | kWrite | kAccessed | own);
    case PageKind::kReadOnly:
      return Entry(frame, kRead | own);
    case PageKind::kExecuteOnly:
      return Entry(frame, kExecute | own);
    case PageKind::kForeign:
      return Entry(frame, kRead | kWrite | (own ^ kUser));
    case PageKind::kNoRam:
      return Entry(kNowhere, kRead | kWrite | kAccessed | kDirty | own);
    case PageKind::kUnmapped:
      return 0;
  }
  return 0;
}

template <typename T>
std::vector<uint8_t> BytesOf(const T& value) {
  std::vector<uint8_t> bytes(sizeof(T));
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

}  // namespace

const std::vector<uint8_t>& InitialData() {
  static const std::vector<uint8_t> kData = [] {
    std::mt19937_64 random(1);
    std::vector<uint8_t> bytes(kDataPages * kPage);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
    return bytes;
  }();
  return kData;
}

std::vector<uint8_t> InitialRam() {
  std::vector<uint8_t> ram(kRamBytes);
  const auto set = [&ram](uint64_t address, uint64_t value) {
    std::memcpy(ram.data() + (address - kRamBase), &value, 8);
  };
  for (const Setting setting : {Setting::kSupervisor, Setting::kUser, Setting::kUserPlain}) {
    const auto table = [setting](uint32_t which) { return TableOf(setting, which); };
    set(table(0), Entry(table(1), 0));
    set(table(1) + 8 * (kCode >> 21 & 0x1ff), Entry(table(2), 0));
    set(table(1) + 8 * (kData >> 21 & 0x1ff), Entry(table(3), 0));
    const uint64_t own = setting == Setting::kSupervisor ? 0 : kUser;
    for (uint32_t page = 0; page < 2; ++page) {
      set(table(2) + 8 * page, Entry(CodeFrame(setting, page), kRead | kExecute | kAccessed | own));
    }
  }
  return ram;
}

std::vector<Patch> PatchesFor(const RandomBlock& block) {
  std::vector<Patch> patches;
  patches.push_back({kFrame, BytesOf(FrameFor(block))});
  for (uint32_t page = 0; page < 2; ++page) {
    const auto first = block.code.begin() + page * kPage;
    patches.push_back({CodeFrame(block.setting, page), {first, first + kPage}});
  }
  for (uint32_t page = 0; page < kDataPages; ++page) {
    const auto first = InitialData().begin() + page * kPage;
    patches.push_back({DataFrame(block.setting, page), {first, first + kPage}});
  }
  if (block.setting != Setting::kMachine) {
    std::array<uint64_t, kDataPages> entries;
    for (uint32_t page = 0; page < kDataPages; ++page) {
      entries[page] = DataEntry(block.setting, page);
    }
    patches.push_back({TableOf(block.setting, 3), BytesOf(entries)});
  }
  return patches;
}

RegisterFrame FrameFor(const RandomBlock& block) {
  RegisterFrame frame = {};
  frame.x = block.start.x;
  frame.f = block.start.f;
  frame.fcsr = block.start.fcsr;
  constexpr uint64_t kFsInitial = 1 << 13;
  constexpr uint32_t kMpp = 11;
  frame.mstatus = kFsInitial;
  frame.satp = uint64_t{8} << 60 | TableOf(block.setting, 0) >> 12;
  if (block.setting == Setting::kMachine) {
    frame.mstatus |= 3 << kMpp;
    frame.satp = 0;
  } else if (block.setting == Setting::kSupervisor) {
    frame.mstatus |= 1 << kMpp;
  }
  return frame;
}

void ReadDataOf(const RandomBlock& block, const ReadPhysical& read, BlockOutcome& outcome) {
  outcome.data.resize(kDataPages * kPage);
  for (uint32_t page = 0; page < kDataPages; ++page) {
    read(DataFrame(block.setting, page), outcome.data.data() + page * kPage, kPage);
  }
  if (block.setting == Setting::kMachine) return;
  outcome.table.resize(kDataPages);
  read(TableOf(block.setting, 3), outcome.table.data(), 8 * kDataPages);
}

}  // namespace emu::testing
