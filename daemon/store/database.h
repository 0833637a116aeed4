// One SQLite file, and transactions over it.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct sqlite3;
struct sqlite3_stmt;

namespace emu::daemon {

// What a commit survives.
enum class Durability : uint8_t {
  kPowerFailure,  // the disk has it when Commit returns: milliseconds
  kDaemon,        // the kernel has it; a crash of the host may undo it, in the order of commits
};

// For every thread: each has a transaction of its own, one after the other.
class Database {
 public:
  // Opens or creates `path`, in WAL mode. INTERNAL/STORAGE says what is wrong with the file.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path);
  ~Database();

 private:
  friend class Statement;
  friend class Transaction;
  Database(std::string path, sqlite3* handle) : path_(std::move(path)), handle_(handle) {}
  // RESOURCE_EXHAUSTED/STORAGE_FULL or INTERNAL/STORAGE, from SQLite's last error.
  absl::Status LastError() const;

  const std::string path_;
  std::mutex mutex_;  // held by the transaction that is open
  sqlite3* const handle_;
};

// One SQL statement of a transaction; its parameters are ?1, ?2, ... in the order of the Binds.
class Statement {
 public:
  Statement& Bind(int64_t number);
  Statement& Bind(std::string_view text);
  Statement& BindBlob(std::string_view bytes);
  // Whether there is a row, or one more.
  absl::StatusOr<bool> Step();
  // Executes one that has no rows.
  absl::Status Run();

  // Columns of the row, from 0.
  int64_t Number(int column) const;
  std::string Bytes(int column) const;  // of text, too
  bool IsNull(int column) const;

 private:
  friend class Transaction;
  using Handle = std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)>;
  Statement(const Database& database, Handle handle, absl::Status prepared)
      : database_(database), handle_(std::move(handle)), prepared_(std::move(prepared)) {}

  const Database& database_;
  const Handle handle_;
  const absl::Status prepared_;
  int bound_ = 0;
};

// All of it or nothing. What can't be begun fails at its first statement. One thread's; no call out
// while it is open.
class Transaction {
 public:
  Transaction(Database& database, Durability durability);
  ~Transaction();  // undoes what was not committed
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  Statement Prepare(const char* sql);
  // Several statements without parameters.
  absl::Status Execute(const char* sql);
  absl::Status Commit();

 private:
  Database& database_;
  const std::lock_guard<std::mutex> lock_;
  absl::Status begun_;
  bool is_open_ = false;
};

}  // namespace emu::daemon
