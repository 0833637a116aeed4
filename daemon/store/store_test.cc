// The state file: what is committed is there, what is not is not, whatever happens to the file.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "daemon/store/database.h"
#include "daemon/store/event_store.h"
#include "daemon/store/flag_store.h"
#include "daemon/store/request_store.h"
#include "daemon/store/schema.h"
#include "daemon/store/secret_store.h"
#include "daemon/store/vm_store.h"

namespace emu::daemon {
namespace {

using emud::v1::Event;
using emud::v1::Vm;
using std::chrono::system_clock;

Vm MakeVm(const std::string& uid, uint64_t revision = 1) {
  Vm vm;
  vm.set_uid(uid);
  vm.set_name("vm-" + uid);
  vm.set_revision(revision);
  return vm;
}

class StoreTest : public testing::Test {
 protected:
  void SetUp() override {
    char path[] = "/tmp/store-XXXXXX";
    directory_ = mkdtemp(path);
    path_ = directory_ + "/state.db";
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::unique_ptr<Database> Open() {
    auto database = OpenStateDatabase(path_);
    EXPECT_TRUE(database.ok()) << database.status();
    return database.ok() ? *std::move(database) : nullptr;
  }
  static absl::Status Put(Database& database, const Vm& vm) {
    Transaction transaction(database, Durability::kPowerFailure);
    absl::Status status = VmStore(transaction).Put(vm);
    status.Update(transaction.Commit());
    return status;
  }
  static std::vector<Vm> All(Database& database) {
    Transaction transaction(database, Durability::kDaemon);
    auto vms = VmStore(transaction).LoadAll();
    EXPECT_TRUE(vms.ok()) << vms.status();
    return vms.ok() ? *std::move(vms) : std::vector<Vm>();
  }
  // With SQLite itself, as a daemon of before wrote it.
  void ExecuteRaw(const std::string& sql) {
    sqlite3* raw = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &raw), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(raw, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(raw);
    sqlite3_close(raw);
  }

  std::string directory_;
  std::string path_;
};

TEST_F(StoreTest, WhatIsCommittedIsThereAfterReopening) {
  ASSERT_TRUE(Put(*Open(), MakeVm("a", 7)).ok());
  const std::vector<Vm> vms = All(*Open());
  ASSERT_EQ(vms.size(), 1U);
  EXPECT_EQ(vms[0].name(), "vm-a");
  EXPECT_EQ(vms[0].revision(), 7U);
}

TEST_F(StoreTest, ATransactionThatIsNotCommittedLeavesNothing) {
  const auto database = Open();
  {
    Transaction transaction(*database, Durability::kPowerFailure);
    ASSERT_TRUE(VmStore(transaction).Put(MakeVm("a")).ok());
    Event event;
    event.set_revision(1);
    ASSERT_TRUE(EventStore(transaction).Append(event).ok());
    ASSERT_TRUE(RequestStore(transaction)
                    .Begin({"me", "CreateVm", "id", "print"}, "a", system_clock::now())
                    .ok());
  }
  EXPECT_TRUE(All(*database).empty());
  Transaction transaction(*database, Durability::kDaemon);
  EXPECT_TRUE(EventStore(transaction).ReadAfter(0, 10)->empty());
  EXPECT_FALSE(RequestStore(transaction)
                   .Find({"me", "CreateVm", "id", "print"}, system_clock::now())
                   ->has_value());
}

TEST_F(StoreTest, AFileOfTheFirstFormIsMigratedAndKeepsItsVms) {
  const std::string record = MakeVm("a").SerializeAsString();
  std::string hex;
  for (const char byte : record) {
    char digits[3];
    std::snprintf(digits, sizeof(digits), "%02x", static_cast<unsigned char>(byte));
    hex += digits;
  }
  ExecuteRaw(
      "CREATE TABLE vms(uid TEXT PRIMARY KEY, name TEXT UNIQUE NOT NULL, record BLOB NOT NULL) "
      "STRICT; PRAGMA user_version=1;"
      "INSERT INTO vms VALUES('b', 'vm-b', x'" +
      hex + "'), ('a', 'vm-a', x'" + hex + "')");
  const auto database = Open();
  ASSERT_NE(database, nullptr);
  const std::vector<Vm> vms = All(*database);
  ASSERT_EQ(vms.size(), 2U);
  EXPECT_EQ(vms[0].revision(), 1U);
  EXPECT_EQ(vms[1].revision(), 2U);
  EXPECT_EQ(vms[1].project(), "default");
  EXPECT_TRUE(Put(*database, MakeVm("c", 3)).ok());
}

TEST_F(StoreTest, AFileOfANewerDaemonIsRefusedAndLeftAlone) {
  (void)Open();
  ExecuteRaw("PRAGMA user_version=99");
  const auto database = OpenStateDatabase(path_);
  EXPECT_EQ(database.status().code(), absl::StatusCode::kInternal);
  EXPECT_NE(database.status().message().find("newer emud"), std::string::npos);
}

TEST_F(StoreTest, AFileThatIsNoDatabaseIsNamedAndNotTouched) {
  const std::string text(8192, 'x');
  std::ofstream(path_) << text;
  const auto database = OpenStateDatabase(path_);
  ASSERT_FALSE(database.ok());
  EXPECT_NE(database.status().message().find(path_), std::string::npos);
  EXPECT_NE(database.status().message().find("restore it"), std::string::npos);
  std::ifstream file(path_);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), text);
}

TEST_F(StoreTest, DamagedPagesAreAnErrorAndNoEmptyList) {
  {
    const auto database = Open();
    for (int i = 0; i < 200; ++i) {
      Vm vm = MakeVm(std::to_string(i));
      vm.set_state_reason(std::string(2000, 'r'));
      ASSERT_TRUE(Put(*database, vm).ok());
    }
  }
  ExecuteRaw("PRAGMA wal_checkpoint(TRUNCATE)");
  // All but the header and the schema.
  std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
  const auto size = std::filesystem::file_size(path_);
  ASSERT_GT(size, 100'000U);
  file.seekp(10 * 4096);
  file << std::string(size - 10 * 4096, '\xa5');
  file.close();
  const auto database = OpenStateDatabase(path_);
  if (!database.ok()) return;
  Transaction transaction(**database, Durability::kDaemon);
  const auto vms = VmStore(transaction).LoadAll();
  EXPECT_EQ(vms.status().code(), absl::StatusCode::kInternal);
  EXPECT_NE(vms.status().message().find("malformed"), std::string::npos) << vms.status();
}

TEST_F(StoreTest, AFullDiskIsSaidAndWhatWasCommittedStays) {
  const auto database = Open();
  ASSERT_TRUE(Put(*database, MakeVm("a")).ok());
  {
    Transaction transaction(*database, Durability::kPowerFailure);
    ASSERT_TRUE(transaction.Execute("PRAGMA max_page_count=20").ok());
  }
  absl::Status status;
  for (int i = 0; i < 100 && status.ok(); ++i) {
    Vm vm = MakeVm(std::to_string(i));
    vm.set_state_reason(std::string(4000, 'r'));
    status = Put(*database, vm);
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_NE(status.message().find("full"), std::string::npos);
  const size_t kept = All(*database).size();
  EXPECT_GE(kept, 1U);
  {
    Transaction transaction(*database, Durability::kPowerFailure);
    ASSERT_TRUE(transaction.Execute("PRAGMA max_page_count=100000").ok());
  }
  EXPECT_TRUE(Put(*database, MakeVm("z")).ok());
  EXPECT_EQ(All(*Open()).size(), kept + 1);
}

TEST_F(StoreTest, EventsAreARing) {
  const auto database = Open();
  Transaction transaction(*database, Durability::kDaemon);
  EventStore events(transaction, 10);
  EXPECT_EQ(*events.Oldest(), 0U);
  for (uint64_t revision = 1; revision <= 25; ++revision) {
    Event event;
    event.set_revision(revision);
    ASSERT_TRUE(events.Append(event).ok());
  }
  EXPECT_EQ(*events.Oldest(), 16U);
  const auto found = events.ReadAfter(20, 3);
  ASSERT_EQ(found->size(), 3U);
  EXPECT_EQ(found->front().revision(), 21U);
}

TEST_F(StoreTest, ARequestIsKnownByCallerMethodAndIdForADay) {
  const auto database = Open();
  Transaction transaction(*database, Durability::kDaemon);
  RequestStore requests(transaction);
  const auto now = system_clock::now();
  const RequestOrigin origin = {"me", "StartVm", "id", "print"};
  ASSERT_TRUE(requests.Begin(origin, "uid", now).ok());
  EXPECT_FALSE((*requests.Find(origin, now))->answer.has_value());
  ASSERT_TRUE(requests.Finish(origin, "uid", "", now).ok());
  EXPECT_EQ((*requests.Find(origin, now))->answer, "");
  EXPECT_FALSE(requests.Find({"you", "StartVm", "id", "print"}, now)->has_value());
  EXPECT_FALSE(requests.Find({"me", "StopVm", "id", "print"}, now)->has_value());
  EXPECT_TRUE(requests.Find(origin, now + std::chrono::hours(23))->has_value());
  EXPECT_FALSE(requests.Find(origin, now + std::chrono::hours(25))->has_value());
  // The next request takes the old ones' place.
  ASSERT_TRUE(
      requests.Begin({"me", "StartVm", "new", "print"}, "uid", now + std::chrono::hours(25)).ok());
  EXPECT_FALSE(requests.Find(origin, now)->has_value());
}

TEST_F(StoreTest, TheTableOfRequestsHasABound) {
  const auto database = Open();
  Transaction transaction(*database, Durability::kDaemon);
  RequestStore requests(transaction);
  const auto now = system_clock::now();
  for (int64_t i = 0; i <= RequestStore::kMaxRows; ++i) {
    ASSERT_TRUE(requests
                    .Begin({"me", "StartVm", std::to_string(i), ""}, "uid",
                           now + std::chrono::milliseconds(i))
                    .ok());
  }
  Statement count = transaction.Prepare("SELECT count(*) FROM request_ids");
  ASSERT_TRUE(count.Step().ok());
  EXPECT_LE(count.Number(0), RequestStore::kMaxRows);
  EXPECT_FALSE(requests.Find({"me", "StartVm", "0", ""}, now)->has_value());
}

TEST_F(StoreTest, ASecretStaysTheSame) {
  std::string first;
  {
    const auto database = Open();
    Transaction transaction(*database, Durability::kDaemon);
    first = *FindOrDrawSecret(transaction, "x");
    EXPECT_NE(*FindOrDrawSecret(transaction, "y"), first);
    ASSERT_TRUE(transaction.Commit().ok());
  }
  const auto database = Open();
  Transaction transaction(*database, Durability::kDaemon);
  EXPECT_EQ(first.size(), kSecretBytes);
  EXPECT_EQ(*FindOrDrawSecret(transaction, "x"), first);
}

TEST_F(StoreTest, AFlagIsSetUntilItIsNot) {
  const auto set = [this](bool is_set) {
    const auto database = Open();
    Transaction transaction(*database, Durability::kDaemon);
    ASSERT_TRUE(SetFlag(transaction, "x", is_set).ok());
    ASSERT_TRUE(transaction.Commit().ok());
  };
  const auto is_set = [this](const std::string& name) {
    const auto database = Open();
    Transaction transaction(*database, Durability::kDaemon);
    return *IsFlagSet(transaction, name);
  };
  EXPECT_FALSE(is_set("x"));
  set(true);
  set(true);
  EXPECT_TRUE(is_set("x"));
  EXPECT_FALSE(is_set("y"));
  set(false);
  EXPECT_FALSE(is_set("x"));
}

}  // namespace
}  // namespace emu::daemon
