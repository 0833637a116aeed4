// What the daemon must not forget: one SQLite file with a row for each VM.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "emud/v1/vm.pb.h"

struct sqlite3;

namespace emu::daemon {

// Every function is for every thread. Errors are errors::Storage.
class StateStore {
 public:
  // Opens or creates `path`.
  static absl::StatusOr<std::unique_ptr<StateStore>> Open(const std::string& path);
  ~StateStore();

  // Durable when they return.
  absl::Status Put(const emud::v1::Vm& vm);
  absl::Status Remove(const std::string& uid);
  absl::StatusOr<std::vector<emud::v1::Vm>> LoadAll();

 private:
  explicit StateStore(sqlite3* database) : database_(database) {}
  absl::Status Execute(const char* sql);

  std::mutex mutex_;
  sqlite3* const database_ ABSL_PT_GUARDED_BY(mutex_);
};

}  // namespace emu::daemon
