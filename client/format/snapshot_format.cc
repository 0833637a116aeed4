#include "client/format/snapshot_format.h"

#include <cstdio>

#include "client/format/image_format.h"
#include "client/format/message_format.h"
#include "google/protobuf/util/time_util.h"

namespace emu::client {
namespace {

using emud::v1::Snapshot;

std::string OrDash(const std::string& text) { return text.empty() ? "-" : text; }

}  // namespace

std::string SnapshotTable(const std::vector<Snapshot>& snapshots) {
  std::vector<std::vector<std::string>> rows;
  for (const Snapshot& snapshot : snapshots) {
    rows.push_back({snapshot.name(), snapshot.project(), Snapshot::State_Name(snapshot.state()),
                    OrDash(snapshot.vm()), OrDash(snapshot.parent()),
                    snapshot.has_memory() ? BytesText(snapshot.memory_bytes()) : "-",
                    BytesText(snapshot.disk_bytes()),
                    google::protobuf::util::TimeUtil::ToString(snapshot.create_time())});
  }
  return ToTable({"NAME", "PROJECT", "STATE", "VM", "PARENT", "MEMORY", "DISKS", "CREATED"}, rows);
}

void PrintSnapshots(const std::string& output, const google::protobuf::Message& message,
                    const std::vector<Snapshot>& snapshots, const std::string& table) {
  if (output == "name") {
    for (const Snapshot& snapshot : snapshots) std::printf("%s\n", snapshot.name().c_str());
    return;
  }
  Print(output, message, table);
}

}  // namespace emu::client
