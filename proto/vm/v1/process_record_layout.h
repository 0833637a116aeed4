// The process record of a VM: who runs it, and how that ended. One file of two blocks; the monitor
// writes both, the VM process the outcome in between. Whoever belongs to the VM holds the
// descriptor and with it an flock: a record that can be locked belongs to nobody alive.
#pragma once

#include <cstddef>
#include <cstdint>

namespace emu {

inline constexpr uint64_t kProcessRecordMagic = 0x31434552'554d45ull;  // "EMUREC1"

// Written by the monitor as soon as there is a VM process. A number alone names no process: it is
// one only together with the boot and the start time (field 22 of /proc/PID/stat).
struct ProcessIdentity {
  uint64_t magic;
  char boot_id[40];
  int32_t monitor_pid;
  int32_t vm_pid;
  uint64_t monitor_start_time;
  uint64_t vm_start_time;
};

// Written by the VM process before it leaves by itself.
struct ProcessOutcome {
  enum Kind : uint32_t {
    kNone = 0,
    kPowerOff = 1,
    kGuestFailed = 2,
    kStoppedByHost = 3,
    kStartFailed = 4,
    kSuspended = 5,  // its state file is complete and on the disk
  };
  uint32_t kind;
  uint32_t guest_code;
  int32_t status_code;  // absl::StatusCode of kStartFailed
  char message[500];
};

// Written by the monitor, and fsynced, when the VM process has ended.
struct ProcessExit {
  uint64_t magic;
  int32_t code;
  int32_t signal;
  uint32_t oom;
  uint32_t seccomp;
  int64_t time_ns;  // since 1970
};

// Memory that the VM process shares with its monitor, which copies it into the record at the end.
struct ProcessStatus {
  uint32_t cpus;
  int32_t signal;         // that the VM process took for its end; the kernel may tell another
  int32_t denied_call;    // number of the system call that the sandbox denied; 0: none
  int32_t failed_cpu;     // whose thread took the signal; negative: none
  char thread[16];        // its name
  uint64_t guest_pcs[8];  // where each processor last was when it left compiled code
};

struct ProcessRecordLayout {
  ProcessIdentity identity;
  uint8_t reserved0[512 - sizeof(ProcessIdentity)];
  ProcessOutcome outcome;
  ProcessExit exit;
  uint8_t reserved1[512 - sizeof(ProcessExit)];
  ProcessStatus status;  // written by the monitor with `exit`
  uint8_t reserved2[512 - sizeof(ProcessStatus)];
};
static_assert(sizeof(ProcessOutcome) == 512);
static_assert(offsetof(ProcessRecordLayout, outcome) == 512);
static_assert(offsetof(ProcessRecordLayout, exit) == 1024);
static_assert(offsetof(ProcessRecordLayout, status) == 1536);
static_assert(sizeof(ProcessRecordLayout) == 2048);
// What a record had before it had a status.
inline constexpr size_t kShortRecordBytes = 1536;

// Descriptors that a VM process finds at fixed numbers; the others are in its VmConfig.
inline constexpr int kConfigFd = 3;
inline constexpr int kProcessRecordFd = 4;
// memory.events of the VM's control group, or version 1's memory.oom_control; /dev/null without
// one.
inline constexpr int kMemoryEventsFd = 5;

}  // namespace emu
