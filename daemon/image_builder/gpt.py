"""Partition tables of EFI machines (UEFI 2.10, s. 5.3)."""
import dataclasses
import struct
import uuid
import zlib

SECTOR_BYTES = 512
ALIGNMENT_SECTORS = 2048
ENTRIES, ENTRY_BYTES = 128, 128
TABLE_SECTORS = ENTRIES * ENTRY_BYTES // SECTOR_BYTES
HEADER_BYTES = 92
MBR_TABLE, MBR_TABLE_BYTES = 446, 64  # UEFI 2.10, s. 5.2.1
REVISION = 0x10000

ESP = uuid.UUID("c12a7328-f81f-11d2-ba4b-00a0c93ec93b")
LINUX = uuid.UUID("0fc63daf-8483-4772-8e79-3d69d8477de4")


@dataclasses.dataclass(frozen=True)
class Partition:
    kind: uuid.UUID
    name: str
    first: int  # sectors
    last: int

    @property
    def offset(self):
        return self.first * SECTOR_BYTES

    @property
    def size(self):
        return (self.last - self.first + 1) * SECTOR_BYTES


def lay_out(disk_bytes, wanted):
    """`wanted`: (kind, name, bytes) in order; the last one gets what is left."""
    partitions, first = [], ALIGNMENT_SECTORS
    end = (disk_bytes // SECTOR_BYTES - TABLE_SECTORS - 1) // ALIGNMENT_SECTORS * ALIGNMENT_SECTORS
    for kind, name, size in wanted[:-1]:
        sectors = -(-size // (ALIGNMENT_SECTORS * SECTOR_BYTES)) * ALIGNMENT_SECTORS
        partitions.append(Partition(kind, name, first, first + sectors - 1))
        first += sectors
    kind, name, _ = wanted[-1]
    return [*partitions, Partition(kind, name, first, end - 1)]


def _entry(partition):
    return struct.pack("<16s16sQQQ72s", partition.kind.bytes_le, uuid.uuid4().bytes_le,
                       partition.first, partition.last, 0, partition.name.encode("utf-16-le"))


def _header(own, other, table, sectors, disk, table_checksum):
    def pack(checksum):
        return struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", REVISION, HEADER_BYTES, checksum, 0, own,
                           other, 2 + TABLE_SECTORS, sectors - TABLE_SECTORS - 2, disk, table,
                           ENTRIES, ENTRY_BYTES, table_checksum)
    return pack(zlib.crc32(pack(0)))


def write(path, partitions):
    """Into a file that has the disk's size."""
    table = b"".join(map(_entry, partitions)).ljust(ENTRIES * ENTRY_BYTES, b"\0")
    disk, checksum = uuid.uuid4().bytes_le, zlib.crc32(table)
    with open(path, "r+b") as file:
        sectors = file.seek(0, 2) // SECTOR_BYTES
        # One partition of the old kind covers it all, so that older programs see that it is in use.
        file.seek(MBR_TABLE)
        file.write(struct.pack("<B3sB3sII", 0, b"\0\2\0", 0xEE, b"\xff\xff\xff", 1,
                               min(sectors - 1, 0xFFFFFFFF)))
        file.seek(510)
        file.write(b"\x55\xaa" + _header(1, sectors - 1, 2, sectors, disk, checksum))
        file.seek(2 * SECTOR_BYTES)
        file.write(table)
        file.seek((sectors - 1 - TABLE_SECTORS) * SECTOR_BYTES)
        file.write(table)
        file.write(_header(sectors - 1, 1, sectors - 1 - TABLE_SECTORS, sectors, disk, checksum))


def clear_nested_table(path, partition):
    """mformat writes one into the boot sector, as if of a whole disk; who reads the disk is confused."""
    with open(path, "r+b") as file:
        file.seek(partition.offset + MBR_TABLE)
        file.write(bytes(MBR_TABLE_BYTES))
