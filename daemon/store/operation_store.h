// The table operations: work that goes on after its request was answered.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/database.h"
#include "emud/v1/operation.pb.h"

namespace emu::daemon {

// As long as its transaction.
class OperationStore {
 public:
  explicit OperationStore(Transaction& transaction) : transaction_(transaction) {}

  absl::Status Put(const emud::v1::Operation& operation);
  absl::Status Remove(const std::string& id);
  // By id. A row that can't be read is logged and left where it is.
  absl::StatusOr<std::vector<emud::v1::Operation>> LoadAll();

 private:
  Transaction& transaction_;
};

}  // namespace emu::daemon
