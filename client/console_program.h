// A program in a guest that has no agent: typed at a shell on its serial console, between two
// marks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "client/guest_program.h"

namespace emu::client {

// What a console says, as far as it is what lies between the marks.
class MarkedOutput {
 public:
  // `id` is nobody else's: letters and digits.
  explicit MarkedOutput(const std::string& id);

  // What a shell is to be told so that it runs `command` between the marks; ends with a line's end.
  std::string LineFor(const std::string& command) const;

  // Takes what the console says next; returns the program's part of it, each CR LF as LF, which is
  // what a terminal makes of it.
  std::string Take(std::string_view said);
  bool has_begun() const { return has_begun_; }
  // The program's exit code, once it has ended.
  std::optional<int> code() const { return code_; }

 private:
  const std::string id_, begin_, end_;
  std::string pending_;
  bool has_begun_ = false;
  std::optional<int> code_;
};

// As RunInGuest; user, terminal and input are not to be had. `agent_timeout_s` is how long the
// shell may take to begin (0: ten seconds).
int RunOnConsole(const GuestProgram& program, const Options& options, const ProgramReader& reader);

}  // namespace emu::client
