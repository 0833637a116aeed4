#include "daemon/vm_ending.h"

#include <string.h>

#include "absl/strings/str_cat.h"
#include "daemon/wall_clock.h"
#include "google/protobuf/util/time_util.h"
#include "proto/vm/v1/process_record_layout.h"

namespace emu::daemon {

using emud::v1::Vm;
using google::protobuf::util::TimeUtil;

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
  } else {
    exit.set_message("the VM process went and nobody saw how");
  }
  if (killed_by_us) {
    exit.set_message("ended by stop --force");
    return {Vm::STOPPED, "STOPPED_BY_FORCE", exit};
  }
  if (exit.signal() != 0) {
    exit.set_message(absl::StrCat("the VM process was killed by signal ", exit.signal(), " (",
                                  sigdescr_np(exit.signal()), ")",
                                  exit.oom()       ? ", out of memory"
                                  : exit.seccomp() ? ", a system call that the sandbox denies"
                                                   : ""));
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
