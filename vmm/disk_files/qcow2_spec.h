// QCOW2 on the disk: where its fields are and what their bits mean. All numbers are big-endian.
// Source: QEMU, docs/interop/qcow2.txt (s. "Header", "Refcount table", "Cluster mapping").
#pragma once

#include <cstdint>

namespace emu::qcow2 {

// Header: offsets of fields.
inline constexpr uint32_t kMagic = 0x5146'49fb;  // "QFI\xfb"
inline constexpr uint64_t kVersionAt = 4;
inline constexpr uint64_t kBackingNameOffsetAt = 8;
inline constexpr uint64_t kBackingNameSizeAt = 16;
inline constexpr uint64_t kClusterBitsAt = 20;
inline constexpr uint64_t kSizeAt = 24;
inline constexpr uint64_t kCryptMethodAt = 32;
inline constexpr uint64_t kL1EntriesAt = 36;
inline constexpr uint64_t kL1OffsetAt = 40;
inline constexpr uint64_t kRefcountTableOffsetAt = 48;
inline constexpr uint64_t kRefcountTableClustersAt = 56;
inline constexpr uint64_t kSnapshotCountAt = 60;
inline constexpr uint64_t kSnapshotsOffsetAt = 64;
inline constexpr uint64_t kIncompatibleAt = 72;  // version 3 from here on
inline constexpr uint64_t kCompatibleAt = 80;
inline constexpr uint64_t kAutoclearAt = 88;
inline constexpr uint64_t kRefcountOrderAt = 96;
inline constexpr uint64_t kHeaderLengthAt = 100;
inline constexpr uint64_t kCompressionTypeAt = 104;
inline constexpr uint32_t kHeaderBytesV2 = 72;
inline constexpr uint32_t kHeaderBytesV3 = 104;

inline constexpr uint64_t kIncompatibleDirty = 1 << 0;
inline constexpr uint64_t kIncompatibleCorrupt = 1 << 1;
inline constexpr uint64_t kIncompatibleDataFile = 1 << 2;
inline constexpr uint64_t kIncompatibleCompression = 1 << 3;
inline constexpr uint64_t kIncompatibleExtendedL2 = 1 << 4;
inline constexpr uint64_t kIncompatibleKnown = 0x1f;
inline constexpr uint64_t kCompatibleLazyRefcounts = 1 << 0;

// Header extensions.
inline constexpr uint32_t kExtensionEnd = 0;
inline constexpr uint32_t kExtensionBackingFormat = 0xe279'2aca;
inline constexpr uint32_t kMaxExtensions = 64;  // ours; the specification knows five

// Limits; those of tables are QEMU's, so that it opens whatever we wrote.
inline constexpr uint32_t kMinClusterBits = 9;
inline constexpr uint32_t kMinClusterBitsExtendedL2 = 14;
inline constexpr uint32_t kMaxClusterBits = 21;
inline constexpr uint32_t kMaxRefcountOrder = 6;
inline constexpr uint32_t kMaxBackingNameBytes = 1023;
inline constexpr uint64_t kMaxL1Bytes = 32 << 20;
inline constexpr uint64_t kMaxRefcountTableBytes = 8 << 20;
inline constexpr uint32_t kMaxSnapshots = 65536;

// L1 and L2 entries. Bits 9-55 are an offset.
inline constexpr uint64_t kOffsetMask = 0x00ff'ffff'ffff'fe00;
inline constexpr uint64_t kEntryCopied = uint64_t{1} << 63;  // the refcount is exactly one
inline constexpr uint64_t kEntryCompressed = uint64_t{1} << 62;
inline constexpr uint64_t kEntryZero = 1;
inline constexpr uint64_t kL1Reserved = 0x7f00'0000'0000'01ff;
inline constexpr uint32_t kSubclusters = 32;
inline constexpr uint32_t kCompressedSectorBytes = 512;

// Refcount table entries. Bits 9-63 are an offset.
inline constexpr uint64_t kRefcountBlockMask = ~uint64_t{0x1ff};

// Snapshot table entries: offsets of fields; extra data, id and name follow.
inline constexpr uint64_t kSnapshotL1OffsetAt = 0;
inline constexpr uint64_t kSnapshotL1EntriesAt = 8;
inline constexpr uint64_t kSnapshotIdSizeAt = 12;
inline constexpr uint64_t kSnapshotNameSizeAt = 14;
inline constexpr uint64_t kSnapshotSecondsAt = 16;
inline constexpr uint64_t kSnapshotExtraSizeAt = 36;
inline constexpr uint64_t kSnapshotDiskSizeAt = 48;  // in the extra data, if that reaches to 56
inline constexpr uint32_t kSnapshotFixedBytes = 40;
inline constexpr uint32_t kSnapshotMaxExtraBytes = 1024;

}  // namespace emu::qcow2
