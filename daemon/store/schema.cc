#include "daemon/store/schema.h"

#include <iterator>

#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

// kMigrations[n] makes version n + 1 of version n. Never changed once released: only added to.
constexpr const char* kMigrations[] = {
    R"(
      CREATE TABLE IF NOT EXISTS vms(uid TEXT PRIMARY KEY, name TEXT UNIQUE NOT NULL,
                                     record BLOB NOT NULL) STRICT;
      PRAGMA user_version=1;
    )",
    // record: emud.v1.Vm, emud.v1.Event. An answer is NULL until its request is done.
    R"(
      ALTER TABLE vms ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
      UPDATE vms SET revision=(SELECT count(*) FROM vms AS other WHERE other.uid<=vms.uid);
      CREATE TABLE events(revision INTEGER PRIMARY KEY, record BLOB NOT NULL) STRICT;
      CREATE TABLE request_ids(principal TEXT NOT NULL, method TEXT NOT NULL, id TEXT NOT NULL,
                               fingerprint BLOB NOT NULL, vm_uid TEXT NOT NULL, answer BLOB,
                               time_ms INTEGER NOT NULL,
                               PRIMARY KEY(principal, method, id)) STRICT, WITHOUT ROWID;
      CREATE INDEX request_ids_by_time ON request_ids(time_ms);
      CREATE TABLE secrets(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
      PRAGMA user_version=2;
    )",
    // record: emud.v1.Project, emud.v1.Token. A digest is the SHA-256 of a token. audit_head: the
    // newest line of the audit log. The project
    // "default" is there from the beginning, and has all VMs of before.
    R"(
      CREATE TABLE projects(name TEXT PRIMARY KEY, record BLOB NOT NULL) STRICT;
      INSERT INTO projects VALUES('default', x'0a0764656661756c74');
      CREATE TABLE tokens(name TEXT PRIMARY KEY, project TEXT NOT NULL, digest BLOB UNIQUE NOT NULL,
                          record BLOB NOT NULL) STRICT;
      CREATE TABLE role_bindings(principal TEXT NOT NULL, project TEXT NOT NULL,
                                 role INTEGER NOT NULL,
                                 PRIMARY KEY(principal, project)) STRICT, WITHOUT ROWID;
      CREATE TABLE audit_head(id INTEGER PRIMARY KEY CHECK(id=0), number INTEGER NOT NULL,
                              hash TEXT NOT NULL) STRICT;
      ALTER TABLE vms ADD COLUMN project TEXT NOT NULL DEFAULT 'default';
      PRAGMA user_version=3;
    )",
    // record: emud.v1.Operation.
    R"(
      CREATE TABLE operations(id TEXT PRIMARY KEY, record BLOB NOT NULL) STRICT;
      PRAGMA user_version=4;
    )",
    // record: emud.v1.Image, emud.v1.Upload. disk_mib: what it has of its project's quota.
    R"(
      CREATE TABLE images(uid TEXT PRIMARY KEY, name TEXT UNIQUE NOT NULL, project TEXT NOT NULL,
                          disk_mib INTEGER NOT NULL, record BLOB NOT NULL) STRICT;
      CREATE TABLE uploads(id TEXT PRIMARY KEY, project TEXT NOT NULL, disk_mib INTEGER NOT NULL,
                           record BLOB NOT NULL) STRICT;
      PRAGMA user_version=5;
    )",
    // record: emud.v1.Volume.
    R"(
      CREATE TABLE volumes(uid TEXT PRIMARY KEY, name TEXT UNIQUE NOT NULL, project TEXT NOT NULL,
                           disk_mib INTEGER NOT NULL, record BLOB NOT NULL) STRICT;
      PRAGMA user_version=6;
    )",
    // record: emud.v1.Snapshot.
    R"(
      CREATE TABLE snapshots(uid TEXT PRIMARY KEY, name TEXT UNIQUE NOT NULL, project TEXT NOT NULL,
                             disk_mib INTEGER NOT NULL, record BLOB NOT NULL) STRICT;
      PRAGMA user_version=7;
    )",
    // record: emud.v1.Pool.
    R"(
      CREATE TABLE pools(uid TEXT PRIMARY KEY, name TEXT UNIQUE NOT NULL, project TEXT NOT NULL,
                         snapshot_uid TEXT NOT NULL, record BLOB NOT NULL) STRICT;
      PRAGMA user_version=8;
    )",
    // What is so of the whole daemon, by name; absent: not so.
    R"(
      CREATE TABLE flags(name TEXT PRIMARY KEY) STRICT;
      PRAGMA user_version=9;
    )"};
static_assert(std::size(kMigrations) == kSchemaVersion);

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> OpenStateDatabase(const std::string& path) {
  ASSIGN_OR_RETURN(std::unique_ptr<Database> database, Database::Open(path));
  // One transaction, so that a migration is done or was never begun.
  Transaction transaction(*database, Durability::kPowerFailure);
  Statement pragma = transaction.Prepare("PRAGMA user_version");
  RETURN_IF_ERROR(pragma.Step().status());
  const int64_t version = pragma.Number(0);
  if (version > kSchemaVersion) {
    return errors::Storage(absl::StrCat(path, " is of a newer emud (version ", version,
                                        "); run that, or give another --state-dir"));
  }
  for (int64_t step = version; step < kSchemaVersion; ++step) {
    RETURN_IF_ERROR(transaction.Execute(kMigrations[step]));
  }
  RETURN_IF_ERROR(transaction.Commit());
  return database;
}

}  // namespace emu::daemon
