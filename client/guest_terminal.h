// A program in a guest at emuctl's own standard streams.
#pragma once

#include "CLI/CLI.hpp"
#include "client/guest_program.h"

namespace emu::client {

// The options that say how it runs; `program` outlives the command. False of Check: what is wrong
// was said.
void AddProgramFlags(CLI::App& command, GuestProgram& program);
bool CheckProgramFlags(const GuestProgram& program);

// What goes to stdout and stderr.
ProgramReader PrintingReader();

// As RunInGuest. Before any other thread is started that is to be left alone by SIGWINCH.
int RunAtTerminal(const GuestProgram& program, const Options& options, const ProgramReader& reader);

}  // namespace emu::client
