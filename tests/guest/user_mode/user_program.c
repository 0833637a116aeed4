// A process that runs blocks, one after the other: each ends in a signal, and returning from its
// handler with other registers begins the next. Freestanding; user_context.h is the guest's own.
#include "tests/guest/user_mode/user_batch.h"
#include "user_context.h"

// Numbers of the calls that all newer architectures of Linux share.
enum { kMunmap = 215, kMmap = 222, kMprotect = 226 };
enum { kRead = 63, kWrite = 64, kExit = 93, kSigaltstack = 132, kSigaction = 134 };
enum { kProtRead = 1, kProtWrite = 2, kProtExec = 4 };
enum { kMapPrivateFixedAnonymous = 0x32 };

// Handler and flags; what follows (a mask, on some behind a restorer) is zero.
struct SignalAction {
  uint64_t handler;
  uint64_t flags;
  uint64_t rest[2];
};

static struct BatchHeader header;
static struct BatchBlock block;
static struct BatchOutcome outcome;
static uint8_t alternate_stack[65536] __attribute__((aligned(16)));
static int is_first = 1;

static void Exit(int status) {
  for (;;) Call(kExit, (uint64_t)status, 0, 0, 0);
}
static void Require(int held) {
  if (!held) Exit(3);
}
// Returns 0 at the end of the file.
static int ReadAll(void* into, uint64_t bytes) {
  for (uint64_t done = 0; done < bytes;) {
    const long count = Call(kRead, 0, (uint64_t)into + done, bytes - done, 0);
    Require(count >= 0);
    if (count == 0) return 0;
    done += (uint64_t)count;
  }
  return 1;
}
static void WriteAll(const void* from, uint64_t bytes) {
  for (uint64_t done = 0; done < bytes;) {
    const long count = Call(kWrite, 1, (uint64_t)from + done, bytes - done, 0);
    Require(count > 0);
    done += (uint64_t)count;
  }
}
static void Map(uint64_t address, uint64_t bytes) {
  const long at = Call(kMmap, address, bytes, kProtRead | kProtWrite, kMapPrivateFixedAnonymous);
  Require((uint64_t)at == address);
}
static void Protect(uint64_t address, uint64_t bytes, uint64_t protection) {
  Require(Call(kMprotect, address, bytes, protection, 0) == 0);
}
static uint64_t DataPage(int page) { return header.data + (uint64_t)page * kBatchPageBytes; }

static void HandOver(const struct SignalContext* context, uint64_t signal) {
  TakeRegisters(context, outcome.registers.words);
  outcome.signal = signal;
  WriteAll(&outcome, sizeof(outcome));
  for (int page = 0; page < kBatchDataPages; ++page) {
    if (header.kinds[page] == kBatchWritable) WriteAll((void*)DataPage(page), kBatchPageBytes);
  }
}

static void OnSignal(int signal, void* info, struct SignalContext* context) {
  (void)info;
  if (!is_first) HandOver(context, (uint64_t)signal);
  is_first = 0;
  if (!ReadAll(&block, sizeof(block))) Exit(0);
  Protect(header.code, sizeof(block.code), kProtRead | kProtWrite);
  Copy((void*)header.code, block.code, sizeof(block.code));
  Protect(header.code, sizeof(block.code), kProtRead | kProtExec);
  SynchronizeCode(header.code, sizeof(block.code));
  for (int page = 0; page < kBatchDataPages; ++page) {
    if (header.kinds[page] != kBatchWritable) continue;
    Copy((void*)DataPage(page), header.initial + page * kBatchPageBytes, kBatchPageBytes);
  }
  GiveRegisters(context, block.registers.words);
}

static void Begin(void) {
  Require(ReadAll(&header, sizeof(header)));
  Map(header.code, sizeof(block.code));
  for (int page = 0; page < kBatchDataPages; ++page) {
    if (header.kinds[page] == kBatchUnmapped) continue;
    Map(DataPage(page), kBatchPageBytes);
    Copy((void*)DataPage(page), header.initial + page * kBatchPageBytes, kBatchPageBytes);
    if (header.kinds[page] == kBatchReadOnly) Protect(DataPage(page), kBatchPageBytes, kProtRead);
  }
  const struct SignalStack stack = {(uint64_t)alternate_stack, 0, sizeof(alternate_stack)};
  Require(Call(kSigaltstack, (uint64_t)&stack, 0, 0, 0) == 0);
  // SA_SIGINFO, SA_ONSTACK, SA_NODEFER; SIGILL, SIGTRAP, SIGBUS, SIGSEGV.
  const struct SignalAction action = {(uint64_t)&OnSignal, 0x4 | 0x08000000 | 0x40000000, {0}};
  static const int kSignals[] = {4, 5, 7, 11};
  for (int i = 0; i < 4; ++i) {
    Require(Call(kSigaction, (uint64_t)kSignals[i], (uint64_t)&action, 0, 8) == 0);
  }
}

void _start(void) {
  Begin();
  RaiseTrap();
}
