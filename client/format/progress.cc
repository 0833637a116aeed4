#include "client/format/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "client/format/message_format.h"
#include "google/protobuf/struct.pb.h"

namespace emu::client {
namespace {

constexpr std::chrono::milliseconds kPeriod(200);
// What is done sooner needs no line.
constexpr std::chrono::milliseconds kPatience(500);
constexpr int kBarCells = 20;
constexpr uint64_t kJsonStep = 16 << 20;

size_t TerminalColumns() {
  winsize size = {};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

Progress::Progress(const std::string& mode, std::string verb, std::string target)
    : form_(mode == "json"                                 ? Form::kJson
            : mode == "auto" && isatty(STDERR_FILENO) != 0 ? Form::kTerminal
                                                           : Form::kNone),
      verb_(std::move(verb)),
      target_(std::move(target)) {
  if (form_ == Form::kJson) WriteJson("begun");
  if (form_ == Form::kTerminal) ticker_ = std::thread([this] { Tick(); });
}

Progress::~Progress() {
  if (form_ == Form::kJson) WriteJson("ended");
  if (form_ != Form::kTerminal) return;
  {
    std::lock_guard lock(mutex_);
    has_ended_ = true;
  }
  ended_.notify_all();
  ticker_.join();
}

void Progress::Update(const State& state) {
  std::lock_guard lock(mutex_);
  const bool is_new = state.stage != state_.stage || state.vms_done != state_.vms_done ||
                      state.bytes_done / kJsonStep != state_.bytes_done / kJsonStep;
  state_ = state;
  if (is_new && form_ == Form::kJson) WriteJson(state.stage);
}

void Progress::Tick() {
  std::unique_lock lock(mutex_);
  bool is_drawn = false;
  while (!ended_.wait_for(lock, kPeriod, [this] { return has_ended_; })) {
    if (Clock::now() - begun_ < kPatience) continue;
    std::fprintf(stderr, "\r\033[K%s", Line().c_str());
    is_drawn = true;
  }
  if (is_drawn) std::fputs("\r\033[K", stderr);
}

std::string Progress::Line() const {
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - begun_).count();
  std::string line;
  if (state_.percent >= 0) {
    const int filled = kBarCells * std::min(state_.percent, 100) / 100;
    line.append("[").append(static_cast<size_t>(filled), '#');
    line.append(static_cast<size_t>(kBarCells - filled), ' ').append("] ");
    const bool is_of_bytes = state_.bytes_total != 0;
    line += std::to_string(is_of_bytes ? state_.bytes_done >> 20 : state_.vms_done) + "/" +
            std::to_string(is_of_bytes ? state_.bytes_total >> 20 : state_.vms_total) +
            (is_of_bytes ? " MiB  " : "  ");
  } else if (state_.bytes_done != 0) {
    line += std::to_string(state_.bytes_done >> 20) + " MiB  ";
  }
  line += state_.stage.empty() ? verb_ + " " + target_ : state_.stage;
  line += "  " + std::to_string(seconds) + " s";
  return line.substr(0, TerminalColumns() - 1);
}

void Progress::WriteJson(const std::string& stage) const {
  google::protobuf::Struct line;
  auto& fields = *line.mutable_fields();
  fields["verb"].set_string_value(verb_);
  fields["target"].set_string_value(target_);
  fields["stage"].set_string_value(stage);
  fields["elapsedMs"].set_number_value(static_cast<double>(
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun_).count()));
  if (state_.percent >= 0) fields["progressPercent"].set_number_value(state_.percent);
  if (state_.bytes_done != 0) {
    fields["bytesDone"].set_number_value(static_cast<double>(state_.bytes_done));
    fields["bytesTotal"].set_number_value(static_cast<double>(state_.bytes_total));
  } else if (state_.percent >= 0) {
    fields["vmsDone"].set_number_value(state_.vms_done);
    fields["vmsTotal"].set_number_value(state_.vms_total);
  }
  std::fprintf(stderr, "%s\n", ToJsonLine(line).c_str());
}

}  // namespace emu::client
