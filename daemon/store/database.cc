#include "daemon/store/database.h"

#include <sqlite3.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

constexpr char kPragmas[] = "PRAGMA busy_timeout=2000; PRAGMA journal_mode=WAL;";

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int result =
      sqlite3_open_v2(path.c_str(), &handle,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<Database> database(new Database(path, handle));
  if (result != SQLITE_OK || sqlite3_exec(handle, kPragmas, nullptr, nullptr, nullptr) != 0) {
    return database->LastError();
  }
  return database;
}

Database::~Database() { sqlite3_close(handle_); }

absl::Status Database::LastError() const {
  const int code = sqlite3_errcode(handle_) & 0xff;
  const std::string what = absl::StrCat(path_, ": ", sqlite3_errmsg(handle_));
  if (code == SQLITE_FULL) return errors::StorageFull(what);
  if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT) {
    return errors::Storage(
        absl::StrCat(what, "; restore it from a copy, or move it away to begin without any VM"));
  }
  return errors::Storage(what);
}

Statement& Statement::Bind(int64_t number) {
  sqlite3_bind_int64(handle_.get(), ++bound_, number);
  return *this;
}

Statement& Statement::Bind(std::string_view text) {
  sqlite3_bind_text(handle_.get(), ++bound_, text.data(), static_cast<int>(text.size()),
                    SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::BindBlob(std::string_view bytes) {
  // An empty blob is not NULL.
  sqlite3_bind_blob(handle_.get(), ++bound_, bytes.empty() ? "" : bytes.data(),
                    static_cast<int>(bytes.size()), SQLITE_TRANSIENT);
  return *this;
}

absl::StatusOr<bool> Statement::Step() {
  RETURN_IF_ERROR(prepared_);
  const int result = sqlite3_step(handle_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  return database_.LastError();
}

absl::Status Statement::Run() { return Step().status(); }

int64_t Statement::Number(int column) const { return sqlite3_column_int64(handle_.get(), column); }

std::string Statement::Bytes(int column) const {
  const void* const bytes = sqlite3_column_blob(handle_.get(), column);
  const auto size = static_cast<size_t>(sqlite3_column_bytes(handle_.get(), column));
  return bytes == nullptr ? std::string() : std::string(static_cast<const char*>(bytes), size);
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

Transaction::Transaction(Database& database, Durability durability)
    : database_(database), lock_(database.mutex_) {
  const char* const begin = durability == Durability::kPowerFailure
                                ? "PRAGMA synchronous=FULL; BEGIN IMMEDIATE"
                                : "PRAGMA synchronous=NORMAL; BEGIN IMMEDIATE";
  is_open_ = sqlite3_exec(database_.handle_, begin, nullptr, nullptr, nullptr) == SQLITE_OK;
  if (!is_open_) begun_ = database_.LastError();
}

Transaction::~Transaction() {
  // An error may have rolled it back already.
  if (is_open_ && sqlite3_get_autocommit(database_.handle_) == 0) {
    sqlite3_exec(database_.handle_, "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

Statement Transaction::Prepare(const char* sql) {
  sqlite3_stmt* handle = nullptr;
  absl::Status prepared = begun_;
  if (prepared.ok() &&
      sqlite3_prepare_v2(database_.handle_, sql, -1, &handle, nullptr) != SQLITE_OK) {
    prepared = database_.LastError();
  }
  return Statement(database_, Statement::Handle(handle, &sqlite3_finalize), std::move(prepared));
}

absl::Status Transaction::Execute(const char* sql) {
  RETURN_IF_ERROR(begun_);
  if (sqlite3_exec(database_.handle_, sql, nullptr, nullptr, nullptr) == SQLITE_OK) {
    return absl::OkStatus();
  }
  return database_.LastError();
}

absl::Status Transaction::Commit() {
  RETURN_IF_ERROR(Execute("COMMIT"));
  is_open_ = false;
  return absl::OkStatus();
}

}  // namespace emu::daemon
