// Does what a firmware does with the files of fw_cfg, and looks at what comes of it.
#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <set>
#include <string>

#include "devices/core/device_test_bench.h"
#include "devices/firmware/fw_cfg.h"
#include "vmm/base/endian.h"
#include "vmm/machine/boards/aarch64_virt_acpi.h"
#include "vmm/machine/tables/aml.h"
#include "vmm/machine/tables/smbios.h"

namespace emu::tables {
namespace {

using Bytes = std::vector<std::byte>;

uint8_t SumOf(std::span<const std::byte> bytes) {
  return std::accumulate(bytes.begin(), bytes.end(), uint8_t{0}, [](uint8_t sum, std::byte byte) {
    return static_cast<uint8_t>(sum + static_cast<uint8_t>(byte));
  });
}
std::string TextAt(std::span<const std::byte> bytes, size_t at, size_t size) {
  const auto* text = reinterpret_cast<const char*>(bytes.data()) + at;
  return std::string(text, strnlen(text, size));
}
template <typename T>
T At(std::span<const std::byte> bytes, size_t at) {
  return LoadLittle<T>(bytes.subspan(at));
}

class FirmwareFiles {
 public:
  explicit FirmwareFiles(FwCfg& device) : device_(device) {
    Select(fw_cfg::kFileDirectory);
    const Bytes count = Read(4);
    const Bytes directory = Read(fw_cfg::kEntryBytes * __builtin_bswap32(At<uint32_t>(count, 0)));
    for (size_t at = 0; at < directory.size(); at += fw_cfg::kEntryBytes) {
      const size_t size = __builtin_bswap32(At<uint32_t>(directory, at));
      Select(__builtin_bswap16(At<uint16_t>(directory, at + fw_cfg::kEntrySelector)));
      files_[TextAt(directory, at + fw_cfg::kEntryName, fw_cfg::kNameBytes)] = Read(size);
    }
  }

  Bytes& operator[](const std::string& name) { return files_.at(name); }

 private:
  void Select(uint16_t key) { DeviceTestBench::Write(device_, 8, __builtin_bswap16(key), 2); }
  Bytes Read(size_t size) {
    Bytes bytes(size);
    for (std::byte& byte : bytes)
      byte = static_cast<std::byte>(DeviceTestBench::Read(device_, 0, 1));
    return bytes;
  }

  FwCfg& device_;
  std::map<std::string, Bytes> files_;
};

// Puts each file at an address of its own and runs the script.
class LoadedTables {
 public:
  explicit LoadedTables(FirmwareFiles files) : files_(std::move(files)) {
    const Bytes script = files_["etc/table-loader"];
    for (size_t at = 0; at < script.size(); at += 128) {
      Run(std::span(script).subspan(at, 128));
    }
  }

  // What is there from `address` to the file's end.
  std::span<const std::byte> Memory(uint64_t address) {
    for (auto& [name, base] : bases_) {
      if (address - base < files_[name].size())
        return std::span(files_[name]).subspan(address - base);
    }
    ADD_FAILURE() << "nothing at " << address;
    return {};
  }
  std::span<const std::byte> Table(uint64_t address) {
    const auto memory = Memory(address);
    return memory.first(At<uint32_t>(memory, 4));
  }
  uint64_t BaseOf(const std::string& name) { return bases_.at(name); }

 private:
  void Run(std::span<const std::byte> command) {
    const std::string file = TextAt(command, 4, 56);
    switch (At<uint32_t>(command, 0)) {
      case 1:
        bases_[file] = 0x4'7000'0000 + 0x100'0000 * bases_.size();
        return;
      case 2: {
        const auto field = std::span(files_[file]).subspan(At<uint32_t>(command, 4 + 112), 8);
        ASSERT_EQ(At<uint8_t>(command, 4 + 116), 8);
        StoreLittle(field, LoadLittle<uint64_t>(field) + bases_.at(TextAt(command, 4 + 56, 56)));
        return;
      }
      case 3: {
        const auto sum_at = At<uint32_t>(command, 4 + 56);
        const auto part =
            std::span(files_[file])
                .subspan(At<uint32_t>(command, 4 + 60), At<uint32_t>(command, 4 + 64));
        files_[file][sum_at] = static_cast<std::byte>(-SumOf(part));
        return;
      }
      default:
        ADD_FAILURE() << "no such command";
    }
  }

  FirmwareFiles files_;
  std::map<std::string, uint64_t> bases_;
};

class TablesTest : public testing::Test {
 protected:
  std::set<std::string> FindEveryTable(uint32_t gic_version);

  DeviceTestBench bench_;
  FwCfg fw_cfg_{bench_.memory()};
};

// As a firmware does, from the root on.
std::set<std::string> TablesTest::FindEveryTable(uint32_t gic_version) {
  constexpr uint32_t kSlots[] = {0, 1, 5};
  aarch64_virt::AddAcpiTables(3, gic_version, kSlots, fw_cfg_);
  LoadedTables tables((FirmwareFiles(fw_cfg_)));

  const auto root = tables.Memory(tables.BaseOf("etc/acpi/rsdp"));
  EXPECT_EQ(TextAt(root, 0, 8), "RSD PTR ");
  EXPECT_EQ(SumOf(root.first(20)), 0);
  EXPECT_EQ(SumOf(root), 0);
  const auto list = tables.Table(At<uint64_t>(root, 24));
  EXPECT_EQ(TextAt(list, 0, 4), "XSDT");

  std::set<std::string> found;
  for (size_t at = 36; at < list.size(); at += 8) {
    const auto table = tables.Table(At<uint64_t>(list, at));
    EXPECT_EQ(SumOf(table), 0);
    found.insert(TextAt(table, 0, 4));
    if (TextAt(table, 0, 4) != "FACP") continue;
    const auto dsdt = tables.Table(At<uint64_t>(table, 140));
    EXPECT_EQ(TextAt(dsdt, 0, 4), "DSDT");
    EXPECT_EQ(SumOf(dsdt), 0);
    // All of it is one scope.
    const Bytes body(dsdt.begin() + 36, dsdt.end());
    EXPECT_EQ(body[0], std::byte{0x10});
    EXPECT_NE(std::search(body.begin(), body.end(), "VR05", "VR05" + 4,
                          [](std::byte a, char b) { return static_cast<char>(a) == b; }),
              body.end());
  }
  return found;
}

TEST_F(TablesTest, AFirmwareFindsEveryTable) {
  EXPECT_EQ(FindEveryTable(3),
            (std::set<std::string>{"FACP", "APIC", "GTDT", "MCFG", "SPCR", "IORT"}));
}

TEST_F(TablesTest, WithoutAnItsNothingIsRemapped) {
  EXPECT_EQ(FindEveryTable(2), (std::set<std::string>{"FACP", "APIC", "GTDT", "MCFG", "SPCR"}));
}

TEST_F(TablesTest, StructuresOfSmbiosFollowEachOtherToTheEnd) {
  AddSmbios("virt", 2, {GuestPhysAddr(0x4000'0000), 512 << 20}, fw_cfg_);
  FirmwareFiles files(fw_cfg_);
  const Bytes anchor = files["etc/smbios/smbios-anchor"];
  EXPECT_EQ(TextAt(anchor, 0, 5), "_SM3_");
  EXPECT_EQ(SumOf(anchor), 0);
  const Bytes& all = files["etc/smbios/smbios-tables"];
  EXPECT_EQ(At<uint32_t>(anchor, 12), all.size());
  std::vector<int> types;
  size_t at = 0;
  while (at < all.size()) {
    types.push_back(static_cast<int>(all[at]));
    at += static_cast<size_t>(all[at + 1]);
    while (all[at] != std::byte{0} || all[at + 1] != std::byte{0}) ++at;
    at += 2;
  }
  EXPECT_EQ(at, all.size());
  EXPECT_EQ(types, (std::vector<int>{1, 3, 4, 4, 16, 17, 19, 32, 127}));
}

Bytes Of(std::initializer_list<int> values) {
  Bytes bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

TEST(AmlTest, IntegersTakeAsFewBytesAsTheyCan) {
  EXPECT_EQ(aml::Integer(0), Of({0}));
  EXPECT_EQ(aml::Integer(1), Of({1}));
  EXPECT_EQ(aml::Integer(0x80), Of({0x0a, 0x80}));
  EXPECT_EQ(aml::Integer(0x1234), Of({0x0b, 0x34, 0x12}));
  EXPECT_EQ(aml::Integer(0x8000'0000), Of({0x0c, 0, 0, 0, 0x80}));
  EXPECT_EQ(aml::Integer(0x1'0000'0000), Of({0x0e, 0, 0, 0, 0, 1, 0, 0, 0}));
}

// ACPI 6.5, s. 20.2.4: the length has one byte below 64, then a nibble and bytes.
TEST(AmlTest, LengthsCountThemselves) {
  const auto begin_of = [](size_t body, size_t count) {
    const aml::Term scope = aml::Scope("A", aml::Term(body - 4, std::byte{0xa3}));
    return Bytes(scope.begin() + 1, scope.begin() + 1 + static_cast<ptrdiff_t>(count));
  };
  EXPECT_EQ(begin_of(62, 1), Of({63}));
  EXPECT_EQ(begin_of(63, 2), Of({0x41, 0x04}));            // 65
  EXPECT_EQ(begin_of(0x1000, 3), Of({0x83, 0x00, 0x01}));  // 0x1003
}

}  // namespace
}  // namespace emu::tables
