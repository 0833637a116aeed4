// Rows of an id and a record, which is a message.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/store/database.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {

// What `select` finds. Those that can't be read are left out, and logged as `complaint`.
template <typename Record>
absl::StatusOr<std::vector<Record>> LoadRecords(Statement select, const char* complaint) {
  std::vector<Record> records;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return records;
    Record record;
    if (record.ParseFromString(select.Bytes(1))) {
      records.push_back(std::move(record));
    } else {
      LogError(complaint, {{"id", select.Bytes(0)}});
    }
  }
}

}  // namespace emu::daemon
