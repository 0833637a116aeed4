// The console of `emu-vm run`: standard input and output, raw if that is a terminal.
#pragma once

#include <termios.h>

#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "devices/backend/char_stream.h"
#include "vmm/process/io_loop.h"

namespace emu {

// Write is for any thread; the rest is the I/O loop's, or its creator's while the loop is idle.
class StdioConsole : public CharStream {
 public:
  explicit StdioConsole(IoLoop& loop);
  ~StdioConsole() override { Close(); }

  void Write(std::span<const std::byte> bytes) override;
  void SetReceiver(Receiver receiver) override { receiver_ = std::move(receiver); }

  // Begins to read; `quit` is called when the user types ^A x.
  void Open(std::function<void()> quit);
  // Writes what is left and gives the terminal back as it was.
  void Close();

 private:
  void Read();
  void DeliverTyped(std::string_view typed);
  void Flush();
  void WatchOutput();

  IoLoop& loop_;
  Receiver receiver_;
  std::function<void()> quit_;
  std::optional<termios> saved_;
  bool escape_ = false;  // ^A was typed
  bool watching_output_ = false;
  bool watching_input_;  // false: it is a file, which can't be waited for

  std::mutex mutex_;
  std::string pending_ ABSL_GUARDED_BY(mutex_);  // output that the loop has yet to write
  bool flush_posted_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace emu
