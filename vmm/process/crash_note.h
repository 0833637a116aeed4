// What a VM process notes of its own death, for its monitor.
#pragma once

#include "proto/vm/v1/process_record_layout.h"

namespace emu {

// From now on a signal that ends this process (SIGABRT, SIGSEGV, SIGTERM and the like, SIGSYS of
// the sandbox) is noted in `status`, which outlives the process, before it does. Call it before the
// sandbox is entered, which guards the handler of SIGSYS.
void NoteCrashesIn(ProcessStatus& status);

}  // namespace emu
