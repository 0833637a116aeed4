// Threads of a session, and what makes them run.
#include "vmm/gdb/session.h"

namespace emu::gdb {
namespace {

using RunMode = Target::RunMode;

constexpr char kOk[] = "OK";
constexpr char kBadRequest[] = "E16";
constexpr char kNoThread[] = "E03";

}  // namespace

std::optional<uint32_t> Session::TakeThread(std::string_view& text) const {
  if (TakePrefix("-1", text)) return current_;
  const std::optional<uint64_t> id = TakeHexNumber(text);
  if (!id.has_value() || *id > target_.vcpu_count()) return std::nullopt;
  return *id == 0 ? current_ : static_cast<uint32_t>(*id - 1);
}

// "gID" for what looks at the guest, "cID" for what runs it, which vCont has superseded.
std::string Session::Select(std::string_view packet) {
  if (packet.empty() || (packet[0] != 'g' && packet[0] != 'c')) return kBadRequest;
  std::string_view id = packet.substr(1);
  const std::optional<uint32_t> vcpu = TakeThread(id);
  if (!vcpu.has_value() || !id.empty()) return kNoThread;
  if (packet[0] == 'g') current_ = *vcpu;
  return kOk;
}

std::string Session::TellWhyStopped() const { return last_stop_; }

void Session::Run(const std::vector<RunMode>& modes) {
  is_running_ = true;
  target_.Run(modes);
}

// `address`, if given, is where the current processor goes on.
std::string Session::Continue(std::string_view address, RunMode mode) {
  if (!address.empty()) {
    const std::optional<uint64_t> pc = TakeHexNumber(address);
    if (!pc.has_value() || !address.empty()) return kBadRequest;
    current().WriteRegister(target_.architecture().pc, *pc);
  }
  std::vector<RunMode> modes(target_.vcpu_count(),
                             mode == RunMode::kStep ? RunMode::kHold : RunMode::kRun);
  modes[current_] = mode;
  Run(modes);
  return "";
}

// "action[:thread];action[:thread]...": the first that fits a processor holds for it.
std::string Session::ContinueEach(std::string_view actions) {
  std::vector<std::optional<RunMode>> chosen(target_.vcpu_count());
  for (bool is_last = false; !is_last;) {
    const size_t end = actions.find(';');
    is_last = end == std::string_view::npos;
    std::string_view rest = actions.substr(0, end);
    if (!is_last) actions.remove_prefix(end + 1);
    RunMode mode = RunMode::kHold;
    if (rest.empty()) return kBadRequest;
    const char verb = rest[0];
    rest.remove_prefix(1);
    if (verb == 'c' || verb == 'C') {
      mode = RunMode::kRun;
    } else if (verb == 's' || verb == 'S') {
      mode = RunMode::kStep;
    } else {
      return kBadRequest;
    }
    if ((verb == 'C' || verb == 'S') && !TakeHexNumber(rest).has_value()) return kBadRequest;
    if (rest.empty() || rest == ":-1") {
      for (std::optional<RunMode>& slot : chosen) slot = slot.value_or(mode);
      continue;
    }
    if (!TakePrefix(":", rest)) return kBadRequest;
    const std::optional<uint32_t> vcpu = TakeThread(rest);
    if (!vcpu.has_value() || !rest.empty()) return kNoThread;
    chosen[*vcpu] = chosen[*vcpu].value_or(mode);
  }
  std::vector<RunMode> modes;
  modes.reserve(chosen.size());
  for (const std::optional<RunMode>& slot : chosen) modes.push_back(slot.value_or(RunMode::kHold));
  Run(modes);
  return "";
}

}  // namespace emu::gdb
