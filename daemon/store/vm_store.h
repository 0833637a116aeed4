// The table vms: what the API shows of each VM, with the revision of its last change.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/database.h"
#include "emud/v1/vm.pb.h"

namespace emu::daemon {

// As long as its transaction.
class VmStore {
 public:
  explicit VmStore(Transaction& transaction) : transaction_(transaction) {}

  absl::Status Put(const emud::v1::Vm& vm);
  absl::Status Remove(const std::string& uid);
  // By name. A row that can't be read is logged and left where it is.
  absl::StatusOr<std::vector<emud::v1::Vm>> LoadAll();

 private:
  Transaction& transaction_;
};

}  // namespace emu::daemon
