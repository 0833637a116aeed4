// A program in a guest at emuctl's own standard streams.
#pragma once

#include "client/guest_program.h"

namespace emu::client {

// What goes to stdout and stderr.
ProgramReader PrintingReader();

// As RunInGuest. `takes_input`: what comes on stdin is for it. Before any other thread is started
// that is to be left alone by SIGWINCH.
int RunAtTerminal(const GuestProgram& program, bool takes_input, const Options& options,
                  const ProgramReader& reader);

}  // namespace emu::client
