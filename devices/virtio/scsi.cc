#include "devices/virtio/scsi.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "devices/virtio/chain_io.h"

namespace emu::virtio {

using namespace scsi_host;

namespace {

constexpr uint32_t kCommandsPerUnit = 128;
constexpr uint8_t kFlatAddress = 0x40;  // of units

template <typename T>
bool ReadStruct(DmaPort& dma, const DescriptorChain& chain, T& value) {
  return ReadSegments(dma, chain.readable, 0, std::as_writable_bytes(std::span(&value, 1)));
}
template <typename T>
uint32_t WriteStruct(DmaPort& dma, const DescriptorChain& chain, const T& value) {
  const auto bytes = std::as_bytes(std::span(&value, 1));
  return WriteSegments(dma, chain.writable, 0, bytes) ? static_cast<uint32_t>(bytes.size()) : 0;
}

// S. 5.6.6.1: 1, the target, the unit by SAM-5 s. 4.7.7.5, with either of its two methods.
enum class Addressed : uint8_t { kDrive, kOtherUnit, kNoTarget };
Addressed WhoIs(std::span<const uint8_t, 8> unit) {
  if (unit[0] != 1 || unit[1] != 0) return Addressed::kNoTarget;
  const bool is_first = (unit[2] & ~kFlatAddress) == 0 && unit[3] == 0;
  return is_first ? Addressed::kDrive : Addressed::kOtherUnit;
}

}  // namespace

ScsiHost::ScsiHost(std::unique_ptr<Disk> disc, Options options)
    : disc_(std::move(disc)),
      options_(std::move(options)),
      drive_(disc_->size_bytes(), options_.id),
      queues_(kFirstRequestQueue, options_.queue_count,
              [this](Request request) { Serve(std::move(request)); }) {
  config_.queue_count = queues_.count();
  config_.seg_max = kMaxDataSegments;
  config_.max_sectors = kMaxTransferBytes / 512;
  config_.commands_per_unit = kCommandsPerUnit;
  config_.event_bytes = sizeof(Event);
  config_.sense_bytes = kSenseBytes;
  config_.command_bytes = kCommandBytes;
  disc_->SetAnsweredListener([this] { queues_.LookAtAnswered(host()); });
}

std::span<const std::byte> ScsiHost::config() const {
  return std::as_bytes(std::span(&config_, 1));
}

// S. 5.6.4: two fields are the driver's, each written at once; sizes that we have no use for are
// not taken.
void ScsiHost::WriteConfig(uint64_t offset, std::span<const std::byte> bytes) {
  uint32_t value = 0;
  if (bytes.size() != sizeof(value)) return;
  std::memcpy(&value, bytes.data(), sizeof(value));
  if (offset == offsetof(Config, sense_bytes) && value <= kMostSenseBytes) {
    config_.sense_bytes = value;
  }
  if (offset == offsetof(Config, command_bytes) && value != 0 && value <= kMostCommandBytes) {
    config_.command_bytes = value;
  }
}

void ScsiHost::StopQueue(uint32_t index) {
  if (index < kFirstRequestQueue) return;
  disc_->Cancel(index);
  under_way_.remove_if([index](const Request& request) { return request.queue == index; });
  queues_.Stop(index);
}

void ScsiHost::ResetDevice() {
  config_.sense_bytes = kSenseBytes;
  config_.command_bytes = kCommandBytes;
  has_missed_event_ = false;
  drive_.Reset();
}

void ScsiHost::Notify(uint32_t index) {
  if (index == kControlQueue) {
    ServeAll(index, [this](const DescriptorChain& chain) { return Control(chain); });
  }
  if (index == kEventQueue && has_missed_event_) Tell(EventKind::kNone, scsi::kNoSense);
  if (index >= kFirstRequestQueue) queues_.Notify(host(), index);
}

uint64_t ScsiHost::response_bytes() const { return sizeof(ResponseHeader) + config_.sense_bytes; }

uint64_t ScsiHost::RoomForData(const DescriptorChain& chain) const {
  const uint64_t writable = TotalBytes(chain.writable);
  return writable - std::min(writable, response_bytes());
}

// S. 5.6.6.1: header and command, then what the driver sends (nothing here takes any); response
// and sense data, then what it gets.
void ScsiHost::Serve(Request request) {
  const DescriptorChain& chain = request.chain;
  RequestHeader header;
  std::array<std::byte, kMostCommandBytes> command = {};
  const auto sent = std::span(command).first(config_.command_bytes);
  if (TotalBytes(chain.writable) < response_bytes() || TotalBytes(chain.writable) > UINT32_MAX ||
      !ReadStruct(host().dma(), chain, header) ||
      !ReadSegments(host().dma(), chain.readable, sizeof(header), sent)) {
    // No place for an answer, or no question.
    ++counters_.failed;
    return queues_.Finish(host(), request, 0);
  }
  const Addressed addressed = WhoIs(header.unit);
  if (addressed == Addressed::kNoTarget) return Finish(request, {Response::kBadTarget});
  const auto begin = std::span(std::as_const(command)).first<scsi::kCommandBytes>();
  scsi::Reply reply =
      addressed == Addressed::kDrive ? drive_.Execute(begin) : scsi::CdRom::ExecuteForNobody(begin);
  if (reply.news != scsi::kNoSense) Tell(EventKind::kParameterChange, reply.news);
  if (reply.sense != scsi::kNoSense) return Finish(request, {.sense = reply.sense});
  if (reply.extent.has_value()) return Read(std::move(request), *reply.extent);
  SendData(request, reply.data);
}

void ScsiHost::SendData(const Request& request, std::span<const std::byte> data) {
  const uint64_t room = RoomForData(request.chain);
  const auto fitting = data.first(std::min<uint64_t>(data.size(), room));
  if (!WriteSegments(host().dma(), request.chain.writable, response_bytes(), fitting)) {
    return Finish(request, {Response::kFailure});
  }
  Finish(request, {.response = data.size() > room ? Response::kOverrun : Response::kOk,
                   .data_bytes = fitting.size()});
}

void ScsiHost::Read(Request request, const scsi::Reply::Extent& extent) {
  if (extent.size_bytes > kMaxTransferBytes) return Finish(request, {.sense = scsi::kBadField});
  if (extent.size_bytes > RoomForData(request.chain)) {
    return Finish(request, {Response::kOverrun});
  }
  DiskRequest asked{
      .kind = DiskRequest::Kind::kRead, .offset = extent.offset, .queue = request.queue};
  if (!SpansOf(host().dma(), request.chain.writable, response_bytes(), extent.size_bytes,
               DmaPort::Access::kDeviceWrites, asked.spans)) {
    return Finish(request, {Response::kFailure});
  }
  const auto at = under_way_.insert(under_way_.end(), std::move(request));
  disc_->Submit(std::move(asked),
                [this, at, size = extent.size_bytes](int error) { HaveRead(at, size, error); });
}

void ScsiHost::HaveRead(UnderWay::iterator at, uint64_t size, int error) {
  const Request request = std::move(*at);
  under_way_.erase(at);
  if (DiskQueues::IsKept(options_.on_read_error, error)) {
    queues_.Keep(request);
    return options_.stop({options_.id, error});
  }
  queues_.NoteAnswered(request.queue);
  if (error != 0) {
    ++counters_.failed;
    return Finish(request, {.sense = scsi::kReadError});
  }
  ++counters_.reads;
  counters_.read_bytes += size;
  if (!NoteHostHasWritten(host().dma(), request.chain.writable, response_bytes(), size)) {
    return Finish(request, {Response::kFailure});
  }
  Finish(request, {.data_bytes = size});
}

void ScsiHost::Finish(const Request& request, const Answer& answer) {
  if (answer.response == Response::kFailure) ++counters_.failed;
  const bool is_checked = answer.sense != scsi::kNoSense;
  std::vector<std::byte> bytes(response_bytes());
  ResponseHeader header = {
      .residual_bytes = static_cast<uint32_t>(
          RoomForData(request.chain) - std::min(RoomForData(request.chain), answer.data_bytes)),
      .status =
          static_cast<uint8_t>(is_checked ? scsi::Status::kCheckCondition : scsi::Status::kGood),
      .response = static_cast<uint8_t>(answer.response)};
  if (is_checked) {
    const std::vector<std::byte> sense = scsi::FixedSense(answer.sense);
    header.sense_bytes = static_cast<uint32_t>(std::min<size_t>(sense.size(), config_.sense_bytes));
    std::copy_n(sense.begin(), header.sense_bytes, bytes.begin() + sizeof(header));
  }
  std::memcpy(bytes.data(), &header, sizeof(header));
  const bool is_written = WriteSegments(host().dma(), request.chain.writable, 0, bytes);
  queues_.Finish(host(), request, is_written ? bytes.size() + answer.data_bytes : 0);
}

void ScsiHost::Tell(EventKind kind, const scsi::Sense& reason) {
  if ((host().driver_features() & kFeatureChange) == 0) return;
  Queue& queue = host().queue(kEventQueue);
  auto chain = queue.Pop();
  if (!chain && queue.AskForNotification()) chain = queue.Pop();
  if (!chain) {
    has_missed_event_ = true;
    return host().Flush(kEventQueue);
  }
  const uint32_t missed = std::exchange(has_missed_event_, false) ? kEventsMissed : 0;
  const Event event = {.kind = static_cast<uint32_t>(kind) | missed,
                       .unit = {1, 0, kFlatAddress, 0},
                       .reason = static_cast<uint32_t>(reason.code | reason.qualifier << 8)};
  queue.Push(chain->head, WriteStruct(host().dma(), *chain, event));
  host().Flush(kEventQueue);
}

uint32_t ScsiHost::Control(const DescriptorChain& chain) {
  TaskRequest task = {};
  EventsRequest events = {};
  if (!ReadStruct(host().dma(), chain, events)) return 0;
  switch (static_cast<ControlType>(events.type)) {
    case ControlType::kTaskManagement:
      if (!ReadStruct(host().dma(), chain, task)) return 0;
      return WriteStruct(host().dma(), chain, Manage(task));
    case ControlType::kQueryEvents:
    case ControlType::kSubscribeToEvents: {
      const bool is_drive = WhoIs(events.unit) == Addressed::kDrive;
      const Response response = is_drive ? Response::kOk : Response::kIncorrectUnit;
      return WriteStruct(host().dma(), chain, EventsResponse{0, static_cast<uint8_t>(response)});
    }
  }
  return WriteStruct(host().dma(), chain, Response::kFailure);
}

// SAM-5 s. 7. Nothing is under way but reads, so that sets of tasks are all of them.
Response ScsiHost::Manage(const TaskRequest& task) {
  const auto all = [](uint64_t) { return true; };
  if (WhoIs(task.unit) == Addressed::kNoTarget) return Response::kBadTarget;
  if (WhoIs(task.unit) == Addressed::kOtherUnit) return Response::kIncorrectUnit;
  switch (static_cast<TaskFunction>(task.function)) {
    case TaskFunction::kAbortTask:
      EndTasks([&task](uint64_t tag) { return tag == task.tag; }, Response::kAborted);
      return Response::kOk;
    case TaskFunction::kAbortTaskSet:
    case TaskFunction::kClearTaskSet:
      EndTasks(all, Response::kAborted);
      return Response::kOk;
    case TaskFunction::kResetNexus:
    case TaskFunction::kResetUnit:
      EndTasks(all, Response::kReset);
      drive_.Reset();
      return Response::kOk;
    case TaskFunction::kClearAca:
    case TaskFunction::kQueryTask:
    case TaskFunction::kQueryTaskSet:
      return Response::kRejected;
  }
  return Response::kRejected;
}

// The disk knows queues, not requests: all are taken back, and those that were not meant are asked
// for once more.
void ScsiHost::EndTasks(const std::function<bool(uint64_t tag)>& is_meant, Response response) {
  for (uint32_t i = 0; i < queues_.count(); ++i) disc_->Cancel(queues_.first() + i);
  std::vector<Request> others, requests = queues_.TakeKept(host());
  for (Request& request : under_way_) requests.push_back(std::move(request));
  under_way_.clear();
  for (Request& request : requests) {
    RequestHeader header = {};
    const bool is_read = ReadStruct(host().dma(), request.chain, header);
    if (is_read && !is_meant(header.tag)) {
      others.push_back(std::move(request));
    } else {
      Finish(request, {response});
    }
  }
  queues_.ServeAgain(host(), std::move(others));
}

void ScsiHost::VisitState(StateVisitor& visitor) {
  queues_.VisitState(visitor);
  visitor.Small(2, "sense_bytes", config_.sense_bytes);
  visitor.Small(3, "command_bytes", config_.command_bytes);
  visitor.BeginGroup(4, "drive");
  drive_.VisitState(visitor);
  visitor.EndGroup();
  visitor.Small(5, "has_missed_event", has_missed_event_);
}

absl::Status ScsiHost::AfterRestore() {
  if (config_.sense_bytes > kMostSenseBytes || config_.command_bytes == 0 ||
      config_.command_bytes > kMostCommandBytes) {
    return absl::InvalidArgumentError("virtio scsi: sizes that can't be");
  }
  if (absl::Status status = drive_.AfterRestore(); !status.ok()) return status;
  under_way_.clear();
  return queues_.AfterRestore(host());
}

}  // namespace emu::virtio
