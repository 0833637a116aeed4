#include "daemon/store/state_store.h"

#include <sqlite3.h>

#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

constexpr char kSchema[] = R"(
  PRAGMA journal_mode=WAL;
  PRAGMA synchronous=FULL;
  PRAGMA busy_timeout=2000;
  CREATE TABLE IF NOT EXISTS vms(uid TEXT PRIMARY KEY, name TEXT UNIQUE NOT NULL,
                                 record BLOB NOT NULL) STRICT;
  PRAGMA user_version=1;
)";

using Statement = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

Statement Prepare(sqlite3* database, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(database, sql, -1, &statement, nullptr);
  return Statement(statement, &sqlite3_finalize);
}

void BindText(sqlite3_stmt* statement, int index, const std::string& text) {
  sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

}  // namespace

absl::StatusOr<std::unique_ptr<StateStore>> StateStore::Open(const std::string& path) {
  sqlite3* database = nullptr;
  const int result =
      sqlite3_open_v2(path.c_str(), &database,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
  std::unique_ptr<StateStore> store(new StateStore(database));
  if (result != SQLITE_OK) {
    return errors::Storage(absl::StrCat(path, ": ", sqlite3_errmsg(database)));
  }
  RETURN_IF_ERROR(store->Execute(kSchema));
  return store;
}

StateStore::~StateStore() { sqlite3_close(database_); }

absl::Status StateStore::Execute(const char* sql) {
  std::lock_guard lock(mutex_);
  if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) == SQLITE_OK) {
    return absl::OkStatus();
  }
  return errors::Storage(sqlite3_errmsg(database_));
}

absl::Status StateStore::Put(const emud::v1::Vm& vm) {
  const std::string record = vm.SerializeAsString();
  std::lock_guard lock(mutex_);
  Statement put = Prepare(database_,
                          "INSERT INTO vms(uid, name, record) VALUES(?1, ?2, ?3) "
                          "ON CONFLICT(uid) DO UPDATE SET record=?3");
  BindText(put.get(), 1, vm.uid());
  BindText(put.get(), 2, vm.name());
  sqlite3_bind_blob(put.get(), 3, record.data(), static_cast<int>(record.size()), SQLITE_TRANSIENT);
  if (sqlite3_step(put.get()) == SQLITE_DONE) return absl::OkStatus();
  return errors::Storage(sqlite3_errmsg(database_));
}

absl::Status StateStore::Remove(const std::string& uid) {
  std::lock_guard lock(mutex_);
  Statement remove = Prepare(database_, "DELETE FROM vms WHERE uid=?1");
  BindText(remove.get(), 1, uid);
  if (sqlite3_step(remove.get()) == SQLITE_DONE) return absl::OkStatus();
  return errors::Storage(sqlite3_errmsg(database_));
}

absl::StatusOr<std::vector<emud::v1::Vm>> StateStore::LoadAll() {
  std::lock_guard lock(mutex_);
  std::vector<emud::v1::Vm> vms;
  Statement select = Prepare(database_, "SELECT uid, record FROM vms ORDER BY name");
  int result = SQLITE_ERROR;
  while ((result = sqlite3_step(select.get())) == SQLITE_ROW) {
    emud::v1::Vm vm;
    if (vm.ParseFromArray(sqlite3_column_blob(select.get(), 1),
                          sqlite3_column_bytes(select.get(), 1))) {
      vms.push_back(std::move(vm));
    } else {
      LogError("vm-record-unreadable",
               {{"uid", reinterpret_cast<const char*>(sqlite3_column_text(select.get(), 0))}});
    }
  }
  if (result != SQLITE_DONE) return errors::Storage(sqlite3_errmsg(database_));
  return vms;
}

}  // namespace emu::daemon
