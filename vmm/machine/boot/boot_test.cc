#include <gtest/gtest.h>

#include "vmm/machine/boot/elf_loader.h"
#include "vmm/machine/boot/firmware.h"
#include "vmm/machine/boot/linux_image.h"
#include "vmm/machine/boot/placement.h"
#include "vmm/machine/boot/riscv_reset_code.h"
#include "vmm/machine/testing/boot_file_builder.h"

namespace emu::boot {
namespace {

constexpr GuestPhysAddr kRam = 0x8000'0000_gpa;
constexpr uint64_t kRamSize = 8 << 20;
constexpr GuestPhysAddr kBase = kRam + 0x20'0000;

class BootTest : public testing::Test {
 protected:
  BootTest() { EXPECT_TRUE(memory_.AddRegion(kRam, kRamSize, MemoryKind::kRam).ok()); }

  absl::StatusOr<LoadedImage> LoadKernel(const std::string& bytes,
                                         const LinuxImageFormat& format = kRiscv64Linux) {
    file_ = FileOf(bytes);
    const auto file = BootFile::Open("kernel", file_);
    if (!file.ok()) return file.status();
    return LoadLinuxKernel(*file, format, memory_, kBase, kRam + kRamSize);
  }
  std::string ErrorOf(const std::string& bytes) {
    const auto loaded = LoadKernel(bytes);
    EXPECT_FALSE(loaded.ok());
    return std::string(loaded.status().message());
  }
  char ByteAt(GuestPhysAddr address) {
    return static_cast<char>(memory_.PageForRead(address)[address.PageOffset()]);
  }

  GuestMemory memory_;
  UniqueFd file_;
};

TEST_F(BootTest, LoadsAnImageWithRoomForItsZeroedData) {
  const auto loaded = LoadKernel(RiscvImage(0x5001, 0x6000));
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->entry, kBase);
  EXPECT_EQ(loaded->end, kBase + 0x6000);
  EXPECT_EQ(ByteAt(kBase + 0x5000), 'k');
  EXPECT_EQ(ByteAt(kBase + 0x5001), '\0');
}

TEST_F(BootTest, AnArmImageLiesWhereItsOffsetSays) {
  for (const std::string& image : {LinuxImage(kArm64Linux, 0x5000, 0x6000, 0x8'0000),
                                   Gzip(LinuxImage(kArm64Linux, 0x5000, 0x6000, 0x8'0000)),
                                   LinuxImage(kArm64Linux, 0x5000, 0, 0)}) {
    const auto loaded = LoadKernel(image, kArm64Linux);
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    EXPECT_EQ(loaded->entry, kBase + 0x8'0000);
    EXPECT_EQ(ByteAt(kBase + 0x8'4fff), 'k');
  }
  EXPECT_EQ(LoadKernel(LinuxImage(kArm64Linux, 0x5000, 0x6000), kArm64Linux)->entry, kBase);
  EXPECT_FALSE(LoadKernel(LinuxImage(kArm64Linux, 0x5000, 0x6000, UINT64_MAX), kArm64Linux).ok());
  EXPECT_FALSE(LoadKernel(RiscvImage(0x5000, 0x6000), kArm64Linux).ok());
}

TEST_F(BootTest, FirmwareMayLieInRom) {
  constexpr GuestPhysAddr kRom = 0x1'0000_gpa;
  ASSERT_TRUE(memory_.AddRegion(kRom, 0x4000, MemoryKind::kRom).ok());
  const auto load = [&](const std::string& bytes) {
    file_ = FileOf(bytes);
    return LoadFirmware(*BootFile::Open("firmware", file_), kRiscv64Linux.elf, memory_,
                        {kRom, 0x4000});
  };
  EXPECT_EQ(load(std::string(0x3000, 'f'))->entry, kRom);
  EXPECT_EQ(ByteAt(kRom + 0x2fff), 'f');
  EXPECT_EQ(
      load(ElfFile({.physical = 0x1'1000, .virtual_address = 0x1'1000, .entry = 0x1'1004}))->entry,
      kRom + 0x1004);
  EXPECT_EQ(ByteAt(kRom + 0x1000), 'E');
  EXPECT_FALSE(load(std::string(0x4001, 'f')).ok());
}

TEST_F(BootTest, LoadsAGzipImage) {
  const auto loaded = LoadKernel(Gzip(RiscvImage(3'000'000, 3'000'000)));
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(ByteAt(kBase + 2'999'999), 'k');
  EXPECT_EQ(loaded->end, kBase + 3'000'000);
}

TEST_F(BootTest, LoadsAnElfAndMovesItsEntryToItsPhysicalPlace) {
  const auto loaded = LoadKernel(ElfFile({.physical = 0x8030'0000,
                                          .virtual_address = 0xffff'ffff'8000'0000,
                                          .entry = 0xffff'ffff'8000'0004}));
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->entry, 0x8030'0004_gpa);
  EXPECT_EQ(ByteAt(0x8030'0000_gpa), 'E');
  EXPECT_EQ(loaded->end, 0x8030'0100_gpa);
}

TEST_F(BootTest, EveryBadKernelSaysWhatIsWrong) {
  const auto has = [](const std::string& text, const char* part) {
    return text.find("kernel: ") == 0 && text.find(part) != std::string::npos;
  };
  std::string arm64 = RiscvImage(4096, 4096);
  arm64.replace(0x38, 4, "ARM\x64");
  std::string x86(4096, '\0');
  x86.replace(0x202, 4, "HdrS");
  EXPECT_PRED2(has, ErrorOf(""), "empty");
  EXPECT_PRED2(has, ErrorOf("hello"), "no known format");
  EXPECT_PRED2(has, ErrorOf(arm64), "aarch64");
  EXPECT_PRED2(has, ErrorOf(x86), "x86");
  EXPECT_PRED2(has, ErrorOf(RiscvImage(0x1000, 0x10000)), "truncated");
  EXPECT_PRED2(has, ErrorOf(RiscvImage(0x1000, UINT64_MAX)), "more memory");
  EXPECT_PRED2(has, ErrorOf(RiscvImage(7 << 20, 7 << 20)), "more memory");
  EXPECT_PRED2(has, ErrorOf(Gzip(RiscvImage(7 << 20, 0))), "more memory");
  const std::string packed = Gzip(RiscvImage(100'000, 100'000));
  EXPECT_PRED2(has, ErrorOf(packed.substr(0, packed.size() / 2)), "truncated");
  EXPECT_PRED2(has, ErrorOf(packed.substr(0, 20) + std::string(200, 'x')), "damaged");
  EXPECT_PRED2(has, ErrorOf(ElfFile({.machine = EM_X86_64})), "x86_64");
  EXPECT_PRED2(has, ErrorOf(ElfFile({.machine = EM_AARCH64})), "aarch64");
  EXPECT_PRED2(has, ErrorOf(ElfFile({.elf_class = ELFCLASS32})), "32-bit");
  EXPECT_PRED2(has, ErrorOf(ElfFile({}).substr(0, 70)), "truncated");
  EXPECT_PRED2(has, ErrorOf(ElfFile({.physical = 0x1000'0000})), "no memory");
  EXPECT_PRED2(has, ErrorOf(ElfFile({.physical = UINT64_MAX - 3})), "no memory");
  EXPECT_PRED2(has, ErrorOf(ElfFile({.memory_size = UINT64_MAX})), "no memory");
  EXPECT_PRED2(has, ErrorOf(ElfFile({.memory_size = 3})), "damaged");
}

TEST_F(BootTest, AnEfiImageThatLacksItsTailIsTruncated) {
  std::string image = RiscvImage(0x2000, 0x2000);
  const auto put = [&image](size_t at, auto value) {
    std::memcpy(image.data() + at, &value, sizeof(value));
  };
  put(0, uint16_t{0x5a4d});
  put(0x3c, uint32_t{0x40});
  put(0x40, uint32_t{0x4550});
  put(0x46, uint16_t{1});            // sections
  put(0x54, uint16_t{0});            // no optional header
  put(0x58 + 16, uint32_t{0x1000});  // size in the file
  put(0x58 + 20, uint32_t{0x1000});  // its offset there
  EXPECT_TRUE(LoadKernel(image).ok());
  EXPECT_NE(ErrorOf(image.substr(0, 0x1fff)).find("truncated"), std::string::npos);
  EXPECT_NE(ErrorOf(image.substr(0, 0x1000)).find("truncated"), std::string::npos);
}

TEST_F(BootTest, AFileThatCannotBeReadIsNamed) {
  EXPECT_FALSE(BootFile::Open("initrd", UniqueFd()).ok());
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const UniqueFd read_end(ends[0]);
  const UniqueFd write_end(ends[1]);
  EXPECT_NE(BootFile::Open("initrd", read_end).status().message().find("initrd"),
            absl::string_view::npos);
}

TEST(PlacementTest, TheDeviceTreeIsAtTheTopBelowThreeGibibytes) {
  EXPECT_EQ(*PlaceFdt({kRam, 512 << 20}, 5000), 0x9fe0'0000_gpa);
  EXPECT_EQ(*PlaceFdt({kRam, uint64_t{8} << 30}, 5000), 0xbfe0'0000_gpa);
}

TEST(PlacementTest, TheInitrdIsWhereQemuPutsIt) {
  const RamRange ram{kRam, 512 << 20};
  EXPECT_EQ(*PlaceInitrd(ram, kBase, kBase + 0x100'0000, 0x9fe0'0000_gpa, 1 << 20),
            kBase + (256 << 20));
}

TEST(PlacementTest, ALargeInitrdGoesBelowTheDeviceTreeAndNeverOverTheKernel) {
  const RamRange ram{kRam, 64 << 20};
  const GuestPhysAddr limit = kRam + (62 << 20);
  EXPECT_EQ(*PlaceInitrd(ram, kBase, kBase + (10 << 20), limit, 40 << 20), kRam + (22 << 20));
  EXPECT_FALSE(PlaceInitrd(ram, kBase, kBase + (10 << 20), limit, 51 << 20).ok());
  EXPECT_FALSE(PlaceInitrd(ram, kBase, kBase + (10 << 20), limit, UINT64_MAX).ok());
}

TEST(RiscvResetCodeTest, IsTheCodeThatOpensbiExpects) {
  const auto bytes = RiscvResetCode({.start = kRam, .fdt = 0x8fe0'0000_gpa, .next = kBase});
  ASSERT_EQ(bytes.size(), 88u);
  uint64_t words[11];
  std::memcpy(words, bytes.data(), sizeof(words));
  EXPECT_EQ(words[0], 0x0282'8613'0000'0297u);  // auipc t0, 0; addi a2, t0, 40
  EXPECT_EQ(words[1], 0x0202'b583'f140'2573u);  // csrr a0, mhartid; ld a1, 32(t0)
  EXPECT_EQ(words[2], 0x0002'8067'0182'b283u);  // ld t0, 24(t0); jr t0
  EXPECT_EQ(words[3], kRam.value);
  EXPECT_EQ(words[4], 0x8fe0'0000u);
  EXPECT_EQ(words[5], 0x4942'534fu);
  EXPECT_EQ(words[6], 2u);
  EXPECT_EQ(words[7], kBase.value);
  EXPECT_EQ(words[8], 1u);
}

}  // namespace
}  // namespace emu::boot
