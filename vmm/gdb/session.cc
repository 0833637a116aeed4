#include "vmm/gdb/session.h"

#include <algorithm>

#include "vmm/gdb/target_description.h"

namespace emu::gdb {
namespace {

constexpr char kOk[] = "OK";
constexpr char kUnknown[] = "";  // how the protocol says that a packet is not supported
constexpr char kBadRequest[] = "E16";
constexpr char kNoThread[] = "E03";
constexpr char kInterrupted[] = "T02";

constexpr char kMonitorHelp[] =
    "phys on|off   memory commands take physical addresses, or virtual ones\n";

}  // namespace

Session::Session(Target& target, Send send)
    : target_(target), send_(std::move(send)), last_stop_("T05thread:1;") {
  target_.Hold();
}

void Session::End() {
  if (is_over_) return;
  is_over_ = true;
  target_.RemoveAllStops();
  target_.Run(std::vector(target_.vcpu_count(), Target::RunMode::kRun));
}

void Session::Receive(std::string_view bytes) {
  for (const Received& received : reader_.Feed(bytes)) {
    if (is_over_) return;
    switch (received.kind) {
      case Received::Kind::kPacket:
        if (is_acknowledging_) send_("+");
        // While the guest runs, gdb in all-stop mode has nothing to say but an interrupt.
        if (!is_running_) Obey(received.data);
        break;
      case Received::Kind::kBroken:
        if (is_acknowledging_) send_("-");
        break;
      case Received::Kind::kRepeat:
        if (is_acknowledging_) send_(last_frame_);
        break;
      case Received::Kind::kInterrupt:
        if (!is_running_) break;
        target_.Hold();
        is_running_ = false;
        last_stop_ = Concat({kInterrupted, "thread:", HexNumber(current_ + 1), ";"});
        Answer(last_stop_);
        break;
    }
  }
}

void Session::Answer(std::string_view data) {
  last_frame_ = Frame(data);
  send_(last_frame_);
}

void Session::Obey(std::string_view packet) {
  std::string answer = Execute(packet);
  if (!is_running_) Answer(answer);
}

void Session::NoteStop(uint32_t vcpu, const translator::DebugStop& stop) {
  if (!is_running_) return;
  is_running_ = false;
  current_ = vcpu;
  std::string_view what;
  if (stop.reason == translator::DebugStop::Reason::kWatchpoint) {
    switch (stop.point.kind) {
      case translator::StopPoint::Kind::kBreakpoint:
        break;
      case translator::StopPoint::Kind::kWrite:
        what = "watch";
        break;
      case translator::StopPoint::Kind::kRead:
        what = "rwatch";
        break;
      case translator::StopPoint::Kind::kAccess:
        what = "awatch";
        break;
    }
  }
  last_stop_ = Concat({"T05thread:", HexNumber(vcpu + 1), ";"});
  if (!what.empty()) last_stop_ += Concat({what, ":", HexNumber(stop.address), ";"});
  Answer(last_stop_);
}

void Session::NoteExit(uint8_t code) {
  if (is_over_) return;
  is_over_ = true;
  Answer(Concat({"W", RegisterToHex(code, 8)}));
}

std::string Session::Execute(std::string_view packet) {
  if (packet.empty()) return kUnknown;
  const std::string_view rest = packet.substr(1);
  switch (packet[0]) {
    case '?':
      return TellWhyStopped();
    case 'g':
      return ReadCoreRegisters();
    case 'G':
      return WriteCoreRegisters(rest);
    case 'p':
      return ReadRegister(rest);
    case 'P':
      return WriteRegister(rest);
    case 'm':
      return ReadMemory(rest);
    case 'M':
      return WriteMemory(rest, Encoding::kHex);
    case 'X':
      return WriteMemory(rest, Encoding::kBinary);
    case 'Z':
    case 'z':
      return ChangeStop(packet);
    case 'c':
      return Continue(rest, Target::RunMode::kRun);
    case 's':
      return Continue(rest, Target::RunMode::kStep);
    case 'C':  // with a signal, which a processor does not have
    case 'S':
      return Continue(rest.substr(std::min<size_t>(2, rest.size())),
                      packet[0] == 'C' ? Target::RunMode::kRun : Target::RunMode::kStep);
    case 'H':
      return Select(rest);
    case 'T': {
      std::string_view thread = rest;
      return TakeThread(thread).has_value() && thread.empty() ? kOk : kNoThread;
    }
    case 'D':
      End();
      return kOk;
    case 'k':
      target_.RemoveAllStops();
      target_.Kill();
      is_over_ = true;
      return kOk;
    case 'q':
      return Query(rest);
    case 'Q':
      return Set(rest);
    case 'v':
      if (rest == "Cont?") return "vCont;c;C;s;S";
      if (rest.starts_with("Cont;")) return ContinueEach(rest.substr(5));
      if (rest.starts_with("Kill")) return Execute("k");
      return kUnknown;
    default:
      return kUnknown;
  }
}

std::string Session::Query(std::string_view packet) {
  if (packet.starts_with("Supported")) return SupportedFeatures();
  if (TakePrefix("Xfer:features:read:target.xml:", packet)) {
    return TransferDescription(packet);
  }
  if (packet == "C") return Concat({"QC", HexNumber(current_ + 1)});
  if (packet == "Attached") return "1";  // so that gdb detaches when it is left
  if (packet == "fThreadInfo") return ThreadList();
  if (packet == "sThreadInfo") return "l";
  if (TakePrefix("ThreadExtraInfo,", packet)) {
    const std::optional<uint32_t> vcpu = TakeThread(packet);
    return vcpu.has_value() ? ToHex(Concat({"processor ", std::to_string(*vcpu)})) : kNoThread;
  }
  if (TakePrefix("Rcmd,", packet)) return Monitor(packet);
  if (packet == "qemu.PhyMemMode") return is_physical_ ? "1" : "0";
  return kUnknown;
}

std::string Session::Set(std::string_view packet) {
  if (packet == "StartNoAckMode") {
    is_acknowledging_ = false;
    return kOk;
  }
  if (TakePrefix("qemu.PhyMemMode:", packet)) {
    if (packet != "0" && packet != "1") return kBadRequest;
    is_physical_ = packet == "1";
    return kOk;
  }
  return kUnknown;
}

std::string Session::Monitor(std::string_view digits) {
  const std::optional<std::string> command = FromHex(digits);
  if (!command.has_value()) return kBadRequest;
  if (*command == "phys on" || *command == "phys off") {
    is_physical_ = *command == "phys on";
    return kOk;
  }
  if (*command == "phys") {
    return ToHex(is_physical_ ? "memory is physical\n" : "memory is virtual\n");
  }
  return ToHex(kMonitorHelp);
}

std::string Session::SupportedFeatures() const {
  return Concat({"PacketSize=", HexNumber(kMaxPacketBytes),
                 ";qXfer:features:read+;vContSupported+;QStartNoAckMode+"});
}

// `range` is "offset,length".
std::string Session::TransferDescription(std::string_view range) const {
  const std::optional<uint64_t> offset = TakeHexNumber(range);
  if (!offset.has_value() || !TakePrefix(",", range)) return kBadRequest;
  const std::optional<uint64_t> length = TakeHexNumber(range);
  if (!length.has_value()) return kBadRequest;
  const std::string xml = TargetDescription(target_.architecture());
  if (*offset >= xml.size()) return "l";
  const size_t most = kMaxPacketBytes / 2;  // room for escapes
  const std::string part = xml.substr(*offset, std::min<uint64_t>(*length, most));
  return Concat({*offset + part.size() == xml.size() ? "l" : "m", part});
}

std::string Session::ThreadList() const {
  std::string list;
  for (uint32_t vcpu = 0; vcpu < target_.vcpu_count(); ++vcpu) {
    list += Concat({vcpu == 0 ? "m" : ",", HexNumber(vcpu + 1)});
  }
  return list;
}

}  // namespace emu::gdb
