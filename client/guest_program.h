// A program in a guest, from emuctl: run by the guest's agent, gone on with when the daemon comes
// again.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/endpoint.h"
#include "emud/v1/guest.pb.h"

namespace emu::client {

// emuctl's own exit codes there, as docker has them; a program's own is passed on.
inline constexpr int kExecFailed = 125, kExecNotExecutable = 126, kExecNoProgram = 127;

struct GuestProgram {
  std::string vm;
  std::vector<std::string> command;
  std::vector<std::string> variables = {};  // NAME=VALUE
  std::string directory = {};               // empty: the user's home
  std::string user = {};                    // empty: root
  int64_t agent_timeout_s = 0;
  bool takes_input = false;   // what comes on our stdin
  bool has_terminal = false;  // ours
  bool is_detached = false;   // left alone once it runs
};

// What the program reads, kept until it has it: a daemon that comes again is told the rest. Any
// thread.
class ProgramInput {
 public:
  // Waits while too much is ahead of the program. False: nobody takes any more.
  bool Put(std::string_view bytes);
  void End();
  // The terminal has another size.
  void NoteResize();

  // For who runs the program:
  // it has so many bytes;
  void NoteTaken(uint64_t offset);
  // everything that was not taken is to be sent once more;
  void BeginAnew();
  // nobody takes or gives any more;
  void Finish();
  // `is_done` of Next may have changed;
  void Wake();
  // waits for what is to be sent; nothing once `is_done`.
  std::optional<emud::v1::ExecRequest> Next(const std::function<bool()>& is_done);

 private:
  bool has_news() const { return sent_ < first_ + kept_.size() || (has_ended_ && !is_end_sent_); }

  std::mutex mutex_;
  std::condition_variable moved_;
  std::string kept_;
  uint64_t first_ = 0;  // offset of kept_'s first byte
  uint64_t sent_ = 0;
  bool has_ended_ = false;
  bool is_end_sent_ = false;
  bool is_over_ = false;
  bool is_resized_ = false;
};

// What the program says.
struct ProgramReader {
  std::function<void(const std::string& id)> started = {};
  std::function<void(bool is_error, std::string_view bytes)> output = {};
  // Whether a failure is what was wanted: kExecFailed then, without a word. Any thread's.
  std::function<bool()> is_cancelled = {};
};

// Its exit code, or emuctl's, which has said why. `input` is finished then.
int RunInGuest(const GuestProgram& program, const Options& options, ProgramInput& input,
               const ProgramReader& reader);

}  // namespace emu::client
