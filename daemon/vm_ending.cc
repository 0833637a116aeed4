#include "daemon/vm_ending.h"

#include <seccomp.h>
#include <signal.h>
#include <string.h>

#include <cstdlib>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "daemon/wall_clock.h"
#include "google/protobuf/util/time_util.h"
#include "proto/vm/v1/process_record_layout.h"

namespace emu::daemon {

using emud::v1::Vm;
using google::protobuf::util::TimeUtil;

namespace {

std::string NameOfCall(int number) {
  char* const name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
  std::string known = name == nullptr ? absl::StrCat(number) : name;
  free(name);
  return known;
}

// What the process noted of its own death.
void AddStatus(const ProcessStatus& status, emud::v1::LastExit& exit) {
  if (exit.signal() == 0) return;
  if (status.signal != 0) {
    exit.set_signal(status.signal);
    exit.set_seccomp(status.signal == SIGSYS);
    exit.set_thread(status.thread, strnlen(status.thread, sizeof(status.thread)));
    if (status.denied_call != 0) {
      exit.set_seccomp_syscall(status.denied_call);
      exit.set_seccomp_syscall_name(NameOfCall(status.denied_call));
    }
  }
  if (status.cpus == 0 || status.cpus > std::size(status.guest_pcs)) return;
  const bool is_cpu = status.signal != 0 && status.failed_cpu >= 0 &&
                      static_cast<uint32_t>(status.failed_cpu) < status.cpus;
  exit.set_guest_pc(status.guest_pcs[is_cpu ? status.failed_cpu : 0]);
}

std::string HowItDied(const emud::v1::LastExit& exit) {
  std::string text = absl::StrCat("the VM process was killed by signal ", exit.signal(), " (",
                                  absl::NullSafeStringView(sigdescr_np(exit.signal())), ")");
  if (!exit.thread().empty()) absl::StrAppend(&text, " in thread ", exit.thread());
  if (exit.oom()) absl::StrAppend(&text, ", out of memory: see spec.limits.memory_overhead_mib");
  if (exit.seccomp()) absl::StrAppend(&text, ", a system call that the sandbox denies");
  if (exit.seccomp_syscall() != 0) absl::StrAppend(&text, ": ", exit.seccomp_syscall_name());
  return text;
}

}  // namespace

Ending ReadEnding(const VmDirectory& directory, bool killed_by_us, bool was_starting) {
  ProcessRecordLayout record = directory.ReadRecord();
  record.outcome.message[sizeof(record.outcome.message) - 1] = '\0';
  Ending ending = {Vm::CRASHED, "LOST", {}};
  emud::v1::LastExit& exit = ending.exit;
  *exit.mutable_time() = WallClockNow();
  if (record.exit.magic == kProcessRecordMagic) {
    exit.set_code(record.exit.code);
    exit.set_signal(record.exit.signal);
    exit.set_oom(record.exit.oom != 0);
    exit.set_seccomp(record.exit.seccomp != 0);
    *exit.mutable_time() = TimeUtil::NanosecondsToTimestamp(record.exit.time_ns);
    AddStatus(record.status, exit);
  } else {
    exit.set_message("the VM process went and nobody saw how");
  }
  // Whatever became of the process after that.
  if (record.outcome.kind == ProcessOutcome::kSuspended && !killed_by_us && directory.HasState()) {
    return {Vm::SUSPENDED, "SUSPENDED", exit};
  }
  if (killed_by_us) {
    exit.set_message("ended by stop --force");
    return {Vm::STOPPED, "STOPPED_BY_FORCE", exit};
  }
  if (exit.signal() != 0) {
    exit.set_message(HowItDied(exit));
    return {Vm::CRASHED,
            exit.oom()       ? "OUT_OF_MEMORY"
            : exit.seccomp() ? "SANDBOX_VIOLATION"
                             : "KILLED_BY_SIGNAL",
            exit};
  }
  switch (record.outcome.kind) {
    case ProcessOutcome::kPowerOff:
      return {Vm::STOPPED, "GUEST_POWER_OFF", exit};
    case ProcessOutcome::kStoppedByHost:
      return {Vm::STOPPED, "STOPPED", exit};
    case ProcessOutcome::kGuestFailed:
      exit.set_message(absl::StrCat("the guest reported failure ", record.outcome.guest_code));
      return {Vm::STOPPED, "GUEST_FAILED", exit};
    case ProcessOutcome::kStartFailed:
      exit.set_message(record.outcome.message);
      return {was_starting ? Vm::STOPPED : Vm::CRASHED, "START_FAILED", exit};
    case ProcessOutcome::kSuspended:
      exit.set_message("what was saved is gone");
      break;
    case ProcessOutcome::kNone:
      break;
  }
  if (exit.message().empty()) {
    exit.set_message(absl::StrCat("the VM process exited with ", exit.code(), " and no reason"));
    return {Vm::CRASHED, "EXITED", exit};
  }
  return ending;
}

absl::Status ReadStartFailure(const VmDirectory& directory) {
  const ProcessOutcome outcome = directory.ReadRecord().outcome;
  const std::string message(outcome.message, strnlen(outcome.message, sizeof(outcome.message)));
  const bool has_code = outcome.kind == ProcessOutcome::kStartFailed && outcome.status_code != 0;
  return has_code ? absl::Status(static_cast<absl::StatusCode>(outcome.status_code), message)
                  : absl::InternalError("the VM process did not say why");
}

}  // namespace emu::daemon
