#include "daemon/access/method_table.h"

#include <google/protobuf/message.h>
#include <google/protobuf/reflection.h>

#include <map>
#include <string>

#include "absl/strings/str_join.h"

namespace emu::daemon {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

constexpr auto kNobody = emud::v1::ROLE_UNSPECIFIED;
constexpr auto kViewer = emud::v1::VIEWER;
constexpr auto kOperator = emud::v1::OPERATOR;
constexpr auto kEditor = emud::v1::EDITOR;
constexpr auto kAdmin = emud::v1::ADMIN;

// clang-format off
constexpr MethodAccess kMethods[] = {
    {"emud.v1.HostService.GetServerInfo",        kNobody,   Scope::kCaller,   "",                ""},
    {"emud.v1.HostService.GetHost",              kNobody,   Scope::kCaller,   "",                ""},
    {"emud.v1.HostService.DrainHost",            kAdmin,    Scope::kHost,     "",                ""},
    {"emud.v1.HostService.UndrainHost",          kAdmin,    Scope::kHost,     "",                ""},

    {"emud.v1.VmService.CreateVm",               kEditor,   Scope::kProject,  "project",         "name"},
    {"emud.v1.VmService.GetVm",                  kViewer,   Scope::kVm,       "name",            ""},
    {"emud.v1.VmService.ListVms",                kNobody,   Scope::kFiltered, "",                ""},
    {"emud.v1.VmService.UpdateVm",               kEditor,   Scope::kVm,       "vm.name",         "vm.name"},
    {"emud.v1.VmService.StartVm",                kOperator, Scope::kVm,       "name",            "name"},
    {"emud.v1.VmService.StopVm",                 kOperator, Scope::kVm,       "name",            "name"},
    {"emud.v1.VmService.PauseVm",                kOperator, Scope::kVm,       "name",            "name"},
    {"emud.v1.VmService.ResumeVm",               kOperator, Scope::kVm,       "name",            "name"},
    {"emud.v1.VmService.SuspendVm",              kOperator, Scope::kVm,       "name",            "name"},
    {"emud.v1.VmService.ResetVm",                kOperator, Scope::kVm,       "name",            "name"},
    {"emud.v1.VmService.DeleteVm",               kEditor,   Scope::kVm,       "name",            "name"},
    {"emud.v1.VmService.WaitVm",                 kViewer,   Scope::kVm,       "name",            ""},
    {"emud.v1.VmService.WatchVms",               kNobody,   Scope::kFiltered, "",                ""},
    {"emud.v1.EventService.WatchEvents",         kNobody,   Scope::kFiltered, "",                ""},

    {"emud.v1.OperationService.BeginOperation",  kOperator, Scope::kTargets,  "",                "vms|filter"},
    {"emud.v1.OperationService.GetOperation",    kNobody,   Scope::kFiltered, "",                ""},
    {"emud.v1.OperationService.ListOperations",  kNobody,   Scope::kFiltered, "",                ""},
    {"emud.v1.OperationService.WaitOperation",   kNobody,   Scope::kFiltered, "",                ""},
    {"emud.v1.OperationService.CancelOperation", kOperator, Scope::kTargets,  "",                "id"},
    {"emud.v1.OperationService.DeleteOperation", kOperator, Scope::kTargets,  "",                "id"},
    {"emud.v1.StatsService.WatchVmStats",        kNobody,   Scope::kFiltered, "",                ""},

    {"emud.v1.ImageService.BeginUpload",         kEditor,   Scope::kProject,  "project",         ""},
    {"emud.v1.ImageService.UploadImage",         kEditor,   Scope::kUpload,   "id",              ""},
    {"emud.v1.ImageService.GetUpload",           kEditor,   Scope::kUpload,   "id",              ""},
    {"emud.v1.ImageService.DeleteUpload",        kEditor,   Scope::kUpload,   "id",              ""},
    {"emud.v1.ImageService.ImportImage",         kEditor,   Scope::kProject,  "project",         "name"},
    {"emud.v1.ImageService.GetImage",            kViewer,   Scope::kImage,    "name",            ""},
    {"emud.v1.ImageService.ListImages",          kNobody,   Scope::kFiltered, "",                ""},
    {"emud.v1.ImageService.UpdateImage",         kEditor,   Scope::kImage,    "image.name",      "image.name"},
    {"emud.v1.ImageService.DeleteImage",         kEditor,   Scope::kImage,    "name",            "name"},
    {"emud.v1.ImageService.DownloadImage",       kViewer,   Scope::kImage,    "name",            ""},
    {"emud.v1.ImageService.PullImage",           kEditor,   Scope::kProject,  "project",         "name"},
    {"emud.v1.ImageService.ListImageRecipes",    kNobody,   Scope::kFiltered, "",                ""},
    {"emud.v1.ImageService.CollectImages",       kAdmin,    Scope::kHost,     "",                ""},

    {"emud.v1.VolumeService.CreateVolume",       kEditor,   Scope::kProject,  "project",         "name"},
    {"emud.v1.VolumeService.GetVolume",          kViewer,   Scope::kVolume,   "name",            ""},
    {"emud.v1.VolumeService.ListVolumes",        kNobody,   Scope::kFiltered, "",                ""},
    {"emud.v1.VolumeService.DeleteVolume",       kEditor,   Scope::kVolume,   "name",            "name"},

    {"emud.v1.SnapshotService.CreateSnapshot",   kEditor,   Scope::kVm,       "vm",              "name"},
    {"emud.v1.SnapshotService.GetSnapshot",      kViewer,   Scope::kSnapshot, "name",            ""},
    {"emud.v1.SnapshotService.ListSnapshots",    kNobody,   Scope::kFiltered, "",                ""},
    {"emud.v1.SnapshotService.UpdateSnapshot",   kEditor,   Scope::kSnapshot, "snapshot.name",   "snapshot.name"},
    {"emud.v1.SnapshotService.DeleteSnapshot",   kEditor,   Scope::kSnapshot, "name",            "name"},
    {"emud.v1.SnapshotService.RestoreSnapshot",  kEditor,   Scope::kVm,       "vm",              "vm"},
    {"emud.v1.SnapshotService.ForkVm",           kEditor,   Scope::kVm,       "vm",              "vm"},
    // It has what a guest keeps in its memory.
    {"emud.v1.SnapshotService.ExportSnapshot",   kEditor,   Scope::kSnapshot, "name",            "name"},
    {"emud.v1.SnapshotService.ImportSnapshot",   kEditor,   Scope::kProject,  "project",         "name|upload_id"},

    {"emud.v1.PoolService.CreatePool",           kEditor,   Scope::kProject,  "project",         "name"},
    {"emud.v1.PoolService.GetPool",              kViewer,   Scope::kPool,     "name",            ""},
    {"emud.v1.PoolService.ListPools",            kNobody,   Scope::kFiltered, "",                ""},
    {"emud.v1.PoolService.UpdatePool",           kEditor,   Scope::kPool,     "pool.name",       "pool.name"},
    {"emud.v1.PoolService.DeletePool",           kEditor,   Scope::kPool,     "name",            "name"},
    {"emud.v1.PoolService.AcquireVm",            kEditor,   Scope::kPool,     "pool",            "name|pool"},

    {"emud.v1.GuestService.Exec",                kOperator, Scope::kVm,       "vm",              "vm"},
    {"emud.v1.GuestService.ListExecs",           kViewer,   Scope::kVm,       "vm",              ""},
    {"emud.v1.GuestService.SignalExec",          kOperator, Scope::kVm,       "vm",              "vm"},
    {"emud.v1.GuestService.DeleteExec",          kOperator, Scope::kVm,       "vm",              "vm"},
    {"emud.v1.GuestService.GetGuestInfo",        kViewer,   Scope::kVm,       "vm",              ""},
    {"emud.v1.GuestService.SyncGuestTime",       kOperator, Scope::kVm,       "vm",              "vm"},
    {"emud.v1.GuestService.FreezeGuest",         kOperator, Scope::kVm,       "vm",              "vm"},
    {"emud.v1.GuestService.ThawGuest",           kOperator, Scope::kVm,       "vm",              "vm"},

    {"emud.v1.ConsoleService.Attach",            kOperator, Scope::kVm,       "start.vm",        "start.vm"},
    {"emud.v1.ConsoleService.ReadLog",           kViewer,   Scope::kVm,       "vm",              ""},
    {"emud.v1.ConsoleService.WaitForOutput",     kViewer,   Scope::kVm,       "vm",              ""},
    {"emud.v1.ConsoleService.GetConsole",        kViewer,   Scope::kVm,       "vm",              ""},

    // What a guest keeps in its memory is its owners'.
    {"emud.v1.DebugService.ReadRegisters",       kEditor,   Scope::kVm,       "vm",              ""},
    {"emud.v1.DebugService.ReadMemory",          kEditor,   Scope::kVm,       "vm",              ""},
    {"emud.v1.DebugService.ReadDevices",         kEditor,   Scope::kVm,       "vm",              ""},
    {"emud.v1.DebugService.GetVmStats",          kViewer,   Scope::kVm,       "vm",              ""},
    {"emud.v1.DebugService.Trace",               kEditor,   Scope::kVm,       "vm",              ""},
    {"emud.v1.DebugService.OpenGdb",             kEditor,   Scope::kVm,       "vm",              "vm"},

    {"emud.v1.AccessService.WhoAmI",             kNobody,   Scope::kCaller,   "",                ""},
    {"emud.v1.AccessService.CreateProject",      kAdmin,    Scope::kHost,     "project.name",    "project.name"},
    {"emud.v1.AccessService.GetProject",         kViewer,   Scope::kProject,  "name",            ""},
    {"emud.v1.AccessService.ListProjects",       kNobody,   Scope::kFiltered, "",                ""},
    {"emud.v1.AccessService.UpdateProject",      kAdmin,    Scope::kHost,     "project.name",    "project.name"},
    {"emud.v1.AccessService.DeleteProject",      kAdmin,    Scope::kHost,     "name",            "name"},
    {"emud.v1.AccessService.BindRole",           kAdmin,    Scope::kProject,  "binding.project", "binding.principal"},
    {"emud.v1.AccessService.UnbindRole",         kAdmin,    Scope::kProject,  "project",         "principal"},
    {"emud.v1.AccessService.ListRoleBindings",   kNobody,   Scope::kFiltered, "",                ""},
    {"emud.v1.AccessService.CreateToken",        kAdmin,    Scope::kProject,  "project",         "name"},
    {"emud.v1.AccessService.ListTokens",         kNobody,   Scope::kFiltered, "",                ""},
    {"emud.v1.AccessService.RevokeToken",        kAdmin,    Scope::kToken,    "name",            "name"},

    {"emud.v1.AuditService.ListAuditEntries",    kAdmin,    Scope::kHost,     "",                ""},
    {"emud.v1.AuditService.VerifyAuditLog",      kAdmin,    Scope::kHost,     "",                ""},
};
// clang-format on

std::map<const Descriptor*, const MethodAccess*> RowsByRequest() {
  std::map<const Descriptor*, const MethodAccess*> rows;
  for (const MethodAccess& row : kMethods) {
    const MethodDescriptor* const method =
        DescriptorPool::generated_pool()->FindMethodByName(std::string(row.method));
    if (method != nullptr) rows[method->input_type()] = &row;
  }
  return rows;
}

}  // namespace

std::span<const MethodAccess> MethodTable() { return kMethods; }

const MethodAccess* FindMethodAccess(const Descriptor& request) {
  static const std::map<const Descriptor*, const MethodAccess*>& rows =
      *new std::map<const Descriptor*, const MethodAccess*>(RowsByRequest());
  const auto it = rows.find(&request);
  return it == rows.end() ? nullptr : it->second;
}

std::string TextAt(const Message& request, std::string_view field) {
  const Message* message = &request;
  while (true) {
    const size_t dot = field.find('.');
    const FieldDescriptor* const found =
        message->GetDescriptor()->FindFieldByName(std::string(field.substr(0, dot)));
    if (found == nullptr) return "";
    if (found->is_repeated()) {
      return absl::StrJoin(
          message->GetReflection()->GetRepeatedFieldRef<std::string>(*message, found), ", ");
    }
    if (dot == std::string_view::npos) return message->GetReflection()->GetString(*message, found);
    message = &message->GetReflection()->GetMessage(*message, found);
    field.remove_prefix(dot + 1);
  }
}

}  // namespace emu::daemon
