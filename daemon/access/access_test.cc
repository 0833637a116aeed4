// Who may what: the table against the API, and what is kept of projects, tokens and roles.
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "daemon/access/access_records.h"
#include "daemon/access/caller.h"
#include "daemon/access/method_table.h"
#include "daemon/errors.h"
#include "daemon/store/schema.h"
#include "daemon/store/vm_store.h"
#include "daemon/wall_clock.h"
#include "emud/v1/audit.pb.h"
#include "emud/v1/console.pb.h"
#include "emud/v1/debug.pb.h"
#include "emud/v1/event.pb.h"
#include "emud/v1/guest.pb.h"
#include "emud/v1/host.pb.h"
#include "emud/v1/image.pb.h"
#include "emud/v1/operation.pb.h"
#include "emud/v1/pool.pb.h"
#include "emud/v1/snapshot.pb.h"
#include "emud/v1/stats.pb.h"
#include "emud/v1/volume.pb.h"

namespace emu::daemon {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;

// Of every file of the API; a new one belongs here.
std::set<std::string> MethodsOfTheApi() {
  std::set<std::string> methods;
  for (const FileDescriptor* file :
       {emud::v1::Project::descriptor()->file(), emud::v1::AuditEntry::descriptor()->file(),
        emud::v1::Vm::descriptor()->file(), emud::v1::ConsoleStatus::descriptor()->file(),
        emud::v1::VmStats::descriptor()->file(), emud::v1::Event::descriptor()->file(),
        emud::v1::Host::descriptor()->file(), emud::v1::Operation::descriptor()->file(),
        emud::v1::VmUsage::descriptor()->file(), emud::v1::Image::descriptor()->file(),
        emud::v1::Volume::descriptor()->file(), emud::v1::Snapshot::descriptor()->file(),
        emud::v1::Pool::descriptor()->file(), emud::v1::GuestInfo::descriptor()->file()}) {
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        methods.insert(file->service(i)->method(j)->full_name());
      }
    }
  }
  return methods;
}

const MethodDescriptor* MethodOf(const MethodAccess& row) {
  return DescriptorPool::generated_pool()->FindMethodByName(std::string(row.method));
}

bool IsText(const Descriptor* message, std::string_view path) {
  while (message != nullptr) {
    const size_t dot = path.find('.');
    const FieldDescriptor* field = message->FindFieldByName(std::string(path.substr(0, dot)));
    if (field == nullptr) return false;
    if (dot == std::string_view::npos) return field->type() == FieldDescriptor::TYPE_STRING;
    message = field->message_type();
    path.remove_prefix(dot + 1);
  }
  return false;
}

TEST(MethodTableTest, EveryMethodOfTheApiHasOneRow) {
  std::set<std::string> rows;
  for (const MethodAccess& row : MethodTable()) {
    EXPECT_TRUE(rows.insert(std::string(row.method)).second) << row.method;
  }
  EXPECT_EQ(rows, MethodsOfTheApi());
}

TEST(MethodTableTest, EachRequestBelongsToOneMethod) {
  std::set<const Descriptor*> requests;
  for (const MethodAccess& row : MethodTable()) {
    EXPECT_TRUE(requests.insert(MethodOf(row)->input_type()).second) << row.method;
    EXPECT_EQ(FindMethodAccess(*MethodOf(row)->input_type()), &row);
  }
}

TEST(MethodTableTest, FieldsAreTextsOfTheirRequests) {
  for (const MethodAccess& row : MethodTable()) {
    const Descriptor* const request = MethodOf(row)->input_type();
    const bool needs_field =
        row.scope == Scope::kVm || row.scope == Scope::kProject || row.scope == Scope::kToken;
    EXPECT_TRUE(!needs_field || IsText(request, row.field)) << row.method;
    const std::vector<std::string> audited = absl::StrSplit(std::string(row.audited), '|');
    for (const std::string& field : audited) {
      EXPECT_TRUE(row.audited.empty() || IsText(request, field)) << row.method << " " << field;
    }
  }
}

TEST(MethodTableTest, WhereNobodyIsAskedForARoleNothingIsChanged) {
  for (const MethodAccess& row : MethodTable()) {
    const bool is_open = row.scope == Scope::kCaller || row.scope == Scope::kFiltered;
    EXPECT_EQ(is_open, row.role == emud::v1::ROLE_UNSPECIFIED) << row.method;
    EXPECT_TRUE(!is_open || row.audited.empty()) << row.method;
  }
}

TEST(CallerTest, ARoleInAllProjectsIsOneInEach) {
  Caller caller;
  caller.roles = {{"*", emud::v1::VIEWER}, {"lab", emud::v1::EDITOR}};
  EXPECT_EQ(caller.RoleIn("lab"), emud::v1::EDITOR);
  EXPECT_EQ(caller.RoleIn("other"), emud::v1::VIEWER);
  EXPECT_FALSE(caller.IsHostAdmin());
  caller.only_project = "other";
  EXPECT_FALSE(caller.Sees("lab"));
  EXPECT_TRUE(caller.Sees("other"));
}

class AccessRecordsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "access-XXXXXX";
    directory_ = mkdtemp(name.data());
    Reopen();
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  // As the next daemon does.
  void Reopen() {
    records_.reset();
    database_ = *OpenStateDatabase(directory_ + "/state.db");
    records_ = std::make_unique<AccessRecords>(*database_);
    ASSERT_TRUE(records_->Load().ok());
  }
  void CreateProject(const std::string& name) {
    emud::v1::Project project;
    project.set_name(name);
    ASSERT_TRUE(records_->CreateProject(project).ok());
  }
  std::string CreateToken(const std::string& name, const std::string& project) {
    emud::v1::Token token;
    token.set_name(name);
    token.set_project(project);
    token.set_role(emud::v1::VIEWER);
    *token.mutable_expire_time() =
        ToTimestamp(std::chrono::system_clock::now() + std::chrono::hours(1));
    const auto secret = records_->CreateToken(token);
    EXPECT_TRUE(secret.ok()) << secret.status();
    return secret.ok() ? *secret : "";
  }
  std::string NameOf(const std::string& secret, absl::Time now = absl::Now()) {
    const auto token = records_->Authenticate(secret, now);
    return token.ok() ? token->name() : errors::ReasonOf(token.status());
  }

  std::string directory_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<AccessRecords> records_;
};

TEST_F(AccessRecordsTest, ATokenIsGoodUntilItExpiresOrIsRevoked) {
  const std::string secret = CreateToken("a", "default");
  EXPECT_EQ(NameOf(secret), "a");
  Reopen();
  EXPECT_EQ(NameOf(secret), "a");
  EXPECT_EQ(NameOf(secret + "0"), "UNAUTHENTICATED");
  EXPECT_EQ(NameOf(secret, absl::Now() + absl::Hours(2)), "UNAUTHENTICATED");
  ASSERT_TRUE(records_->RevokeToken("a").ok());
  EXPECT_EQ(NameOf(secret), "UNAUTHENTICATED");
  Reopen();
  EXPECT_EQ(NameOf(secret), "UNAUTHENTICATED");
}

TEST_F(AccessRecordsTest, AProjectThatIsDeletedTakesWhatWasGivenThere) {
  CreateProject("lab");
  const std::string secret = CreateToken("a", "lab");
  emud::v1::RoleBinding binding;
  binding.set_principal("unix:1");
  binding.set_project("lab");
  binding.set_role(emud::v1::EDITOR);
  ASSERT_TRUE(records_->Bind(binding).ok());
  ASSERT_TRUE(records_->DeleteProject("lab").ok());
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(NameOf(secret), "UNAUTHENTICATED");
    EXPECT_TRUE(records_->RolesOf("unix:1").empty());
    EXPECT_EQ(records_->Projects().size(), 1U);  // the default one
    Reopen();
  }
}

TEST_F(AccessRecordsTest, AProjectWithVmsStays) {
  CreateProject("lab");
  emud::v1::Vm vm;
  vm.set_uid("u");
  vm.set_name("a");
  vm.set_project("lab");
  {
    Transaction transaction(*database_, Durability::kDaemon);
    ASSERT_TRUE(VmStore(transaction).Put(vm).ok());
    ASSERT_TRUE(transaction.Commit().ok());
  }
  EXPECT_EQ(errors::ReasonOf(records_->DeleteProject("lab")), "PROJECT_IN_USE");
}

TEST_F(AccessRecordsTest, AnUpdateChangesWhatItsMaskNames) {
  CreateProject("lab");
  emud::v1::UpdateProjectRequest request;
  request.mutable_project()->set_name("lab");
  request.mutable_project()->mutable_quota()->set_vms(3);
  request.mutable_project()->mutable_quota()->set_cpus(4);
  ASSERT_TRUE(records_->UpdateProject(request).ok());
  request.mutable_project()->mutable_quota()->set_vms(5);
  request.mutable_project()->mutable_quota()->set_cpus(6);
  request.mutable_update_mask()->add_paths("quota.vms");
  const auto updated = records_->UpdateProject(request);
  ASSERT_TRUE(updated.ok());
  EXPECT_EQ(updated->quota().vms(), 5U);
  EXPECT_EQ(updated->quota().cpus(), 4U);
  request.mutable_update_mask()->set_paths(0, "usage");
  EXPECT_EQ(errors::ReasonOf(records_->UpdateProject(request).status()), "INVALID_FIELD");
}

}  // namespace
}  // namespace emu::daemon
