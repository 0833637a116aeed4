// A guest with a disk: says the first byte of the disk's ninth sector, fills the sector with each
// letter that is typed, flushes it, and says so. Bare metal, M mode. A virtio-mmio driver as small
// as can be (Virtual I/O Device 1.2, s. 4.2.3).
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;

__asm__(
    ".text\n"
    ".globl _start\n"
    "_start:\n"
    "  csrr t0, mhartid\n"
    "  bnez t0, halt\n"
    "  la sp, stack_end\n"
    "  j run\n"
    "halt: wfi\n"
    "  j halt\n"
    ".bss\n"
    ".align 12\n"
    "  .space 0x2000\n"
    "stack_end:\n"
    ".text\n");

enum { kQueueSize = 4, kSector = 8, kSectorBytes = 512 };
enum { kIn = 0, kOut = 1, kFlush = 4 };
enum { kNext = 1, kDeviceWrites = 2 };

static volatile u8* const uart = (volatile u8*)0x10000000;

static struct {
  u64 address;
  u32 size;
  u16 flags;
  u16 next;
} table[kQueueSize] __attribute__((aligned(4096)));
static volatile struct {
  u16 flags;
  u16 index;
  u16 ring[kQueueSize];
  u16 event;
} driver __attribute__((aligned(4096)));
static volatile struct {
  u16 flags;
  u16 index;
  struct {
    u32 id;
    u32 size;
  } ring[kQueueSize];
  u16 event;
} device __attribute__((aligned(4096)));
static struct {
  u32 type;
  u32 reserved;
  u64 sector;
} head;
static u8 data[kSectorBytes];
static volatile u8 outcome;
static volatile u32* disk;

static void say(const char* text) {
  for (; *text != 0; ++text) {
    while ((uart[5] & 0x20) == 0) {
    }
    uart[0] = (u8)*text;
  }
}

static void set(u32 offset, u32 value) { disk[offset / 4] = value; }

static int find_disk(void) {
  for (u64 base = 0x10001000; base < 0x10009000; base += 0x1000) {
    disk = (volatile u32*)base;
    if (disk[0] == 0x74726976 && disk[2] == 2) return 1;
  }
  return 0;
}

static void set_address(u32 offset, volatile void* at) {
  set(offset, (u32)(u64)at);
  set(offset + 4, (u32)((u64)at >> 32));
}

static void begin(void) {
  set(0x70, 0);
  set(0x70, 3);  // ACKNOWLEDGE, DRIVER
  set(0x24, 0);
  set(0x20, 1 << 9);  // VIRTIO_BLK_F_FLUSH
  set(0x24, 1);
  set(0x20, 1);   // VIRTIO_F_VERSION_1
  set(0x70, 11);  // FEATURES_OK
  set(0x30, 0);
  set(0x38, kQueueSize);
  set_address(0x80, table);
  set_address(0x90, &driver);
  set_address(0xa0, &device);
  set(0x44, 1);
  set(0x70, 15);  // DRIVER_OK
}

static u8 request(u32 type) {
  head.type = type;
  head.sector = type == kFlush ? 0 : kSector;
  outcome = 0xff;
  table[0].address = (u64)&head;
  table[0].size = sizeof(head);
  table[0].flags = kNext;
  table[0].next = type == kFlush ? 2 : 1;
  table[1].address = (u64)data;
  table[1].size = sizeof(data);
  table[1].flags = kNext | (type == kIn ? kDeviceWrites : 0);
  table[1].next = 2;
  table[2].address = (u64)&outcome;
  table[2].size = 1;
  table[2].flags = kDeviceWrites;
  driver.ring[driver.index % kQueueSize] = 0;
  __asm__ volatile("fence" ::: "memory");
  driver.index = (u16)(driver.index + 1);
  __asm__ volatile("fence" ::: "memory");
  set(0x50, 0);
  while (device.index != driver.index) {
  }
  __asm__ volatile("fence" ::: "memory");
  return outcome;
}

void run(void) {
  char text[] = "has ?\n";
  if (!find_disk()) {
    say("no disk\n");
    for (;;) {
    }
  }
  begin();
  if (request(kIn) != 0) say("can't read\n");
  text[4] = data[0] >= 'a' && data[0] <= 'z' ? (char)data[0] : '-';
  say(text);
  for (;;) {
    while ((uart[5] & 1) == 0) {
    }
    const u8 typed = uart[0];
    for (u32 i = 0; i < kSectorBytes; ++i) data[i] = typed;
    char wrote[] = "wrote ?\n";
    wrote[6] = (char)typed;
    say(request(kOut) == 0 && request(kFlush) == 0 ? wrote : "can't write\n");
  }
}
