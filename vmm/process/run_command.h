// `emu-vm run`: one VM without a daemon.
#pragma once

namespace emu {

// Parses `run`'s flags, opens the files they name and goes through RunVm. Returns the exit code; 2
// for bad usage.
int RunCommand(int argc, char** argv);

}  // namespace emu
