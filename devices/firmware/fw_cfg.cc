#include "devices/firmware/fw_cfg.h"

#include <algorithm>
#include <array>

#include "devices/core/register_bank.h"

namespace emu {
namespace {

using namespace fw_cfg;

constexpr RegisterBank<Reg> kBank(kRegisters);
constexpr std::string_view kSignatureText = "QEMU";

std::vector<std::byte> BytesOf(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

}  // namespace

FwCfg::FwCfg(GuestMemory& memory) : dma_(memory) {
  AddItem(kSignature, BytesOf(kSignatureText));
  std::vector<std::byte> features(sizeof(uint32_t));
  StoreLittle(std::span(features), kFeatureTraditional | kFeatureDma);
  AddItem(kFeatures, std::move(features));
  AddItem(kFileDirectory, std::vector<std::byte>(sizeof(uint32_t)));
}

void FwCfg::AddFile(std::string_view name, std::vector<std::byte> bytes) {
  std::vector<std::byte>& directory = items_[kFileDirectory];
  const auto count = LoadBig<uint32_t>(directory);
  const auto key = static_cast<uint16_t>(kFirstFile + count);
  std::array<std::byte, kEntryBytes> entry = {};
  StoreBig(std::span(entry), static_cast<uint32_t>(bytes.size()));
  StoreBig(std::span(entry).subspan(kEntrySelector), key);
  std::ranges::copy(std::as_bytes(std::span(name.substr(0, kNameBytes - 1))),
                    entry.begin() + kEntryName);
  StoreBig(std::span(directory), count + 1);
  directory.insert(directory.end(), entry.begin(), entry.end());
  AddItem(key, std::move(bytes));
}

void FwCfg::Reset() {
  Select(0);
  dma_high_ = 0;
}

void FwCfg::Select(uint16_t key) {
  selected_ = key;
  offset_ = 0;
}

std::span<const std::byte> FwCfg::Rest() const {
  const auto item = items_.find(selected_);
  if (item == items_.end()) return {};
  const std::span<const std::byte> bytes = item->second;
  return bytes.subspan(std::min<uint64_t>(offset_, bytes.size()));
}

AccessResult FwCfg::MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) {
  // A part of the data register is as good as the whole: it reads what follows.
  if (offset == 0) {
    *value = ReadData(width_bytes);
    return AccessResult::kOk;
  }
  return kBank.Read(offset, width_bytes, value, [](Reg reg, uint32_t) {
    return reg == Reg::kDmaAddress ? SwapBytes(kDmaSignature) : 0;
  });
}

AccessResult FwCfg::MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) {
  const auto high_first = [this](Reg, uint32_t) -> uint64_t { return SwapBytes(dma_high_); };
  return kBank.Write(offset, width_bytes, value, high_first,
                     [&](Reg reg, uint32_t, uint64_t whole) {
                       if (reg == Reg::kSelector) {
                         return Select(SwapBytes(static_cast<uint16_t>(whole)));
                       }
                       if (reg != Reg::kDmaAddress) return;  // no item can be written
                       const uint64_t address = SwapBytes(whole);
                       if (width_bytes == 4 && offset % 8 == 0) {
                         dma_high_ = static_cast<uint32_t>(address >> 32);
                         return;
                       }
                       dma_high_ = 0;
                       RunDma(GuestPhysAddr(address));
                     });
}

// Bytes come in the item's order, as in memory; 0 behind its end.
uint64_t FwCfg::ReadData(uint32_t width_bytes) {
  uint64_t value = 0;
  const std::span<const std::byte> rest = Rest();
  for (size_t i = 0; i < std::min<size_t>(width_bytes, rest.size()); ++i) {
    value |= static_cast<uint64_t>(rest[i]) << (8 * i);
  }
  offset_ += width_bytes;
  return value;
}

void FwCfg::RunDma(GuestPhysAddr request) {
  std::array<std::byte, kDmaBytes> bytes;
  if (!dma_.Read(request, bytes)) return;
  const auto control = LoadBig<uint32_t>(bytes);
  const auto length = LoadBig<uint32_t>(std::span(bytes).subspan(kDmaLength));
  const GuestPhysAddr target(LoadBig<uint64_t>(std::span(bytes).subspan(kDmaTarget)));
  if ((control & kDmaSelect) != 0) Select(static_cast<uint16_t>(control >> kDmaSelectorShift));
  std::array<std::byte, sizeof(uint32_t)> answer;
  StoreBig(std::span(answer), Transfer(control, target, length) ? 0 : kDmaError);
  (void)dma_.Write(request, answer);
}

bool FwCfg::Transfer(uint32_t control, GuestPhysAddr target, uint64_t length) {
  const std::span<const std::byte> rest = Rest();
  const uint64_t offset = offset_;
  offset_ = offset + length;
  if ((control & kDmaRead) == 0) return (control & kDmaWrite) == 0;
  const std::span<const std::byte> part = rest.first(std::min<uint64_t>(length, rest.size()));
  if (!dma_.Write(target, part)) return false;
  // The rest of what was asked for reads as 0.
  constexpr std::array<std::byte, 4096> kZeros = {};
  for (uint64_t at = part.size(); at < length; at += kZeros.size()) {
    const uint64_t count = std::min<uint64_t>(kZeros.size(), length - at);
    if (!dma_.Write(target + at, std::span(kZeros).first(count))) return false;
  }
  return true;
}

void FwCfg::VisitState(StateVisitor& visitor) {
  visitor.Small(1, "selected", selected_);
  visitor.Field(2, "offset", offset_);
  visitor.Small(3, "dma_high", dma_high_);
}

}  // namespace emu
