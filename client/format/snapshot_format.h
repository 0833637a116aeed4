// Snapshots, for people.
#pragma once

#include <string>
#include <vector>

#include "emud/v1/snapshot.pb.h"

namespace emu::client {

std::string SnapshotTable(const std::vector<emud::v1::Snapshot>& snapshots);
// One or some of `snapshots`, which are what `message` is about, in any form; `table` is the one
// for people.
void PrintSnapshots(const std::string& output, const google::protobuf::Message& message,
                    const std::vector<emud::v1::Snapshot>& snapshots, const std::string& table);

}  // namespace emu::client
