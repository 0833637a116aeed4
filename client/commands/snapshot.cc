// snapshot create, list, tree, get, restore and rm; the others have files of their own.
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client/commands/commands.h"
#include "client/commands/list_flags.h"
#include "client/commands/list_pages.h"
#include "client/commands/operation_follow.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "client/format/snapshot_format.h"
#include "client/labels.h"
#include "emud/v1/snapshot.grpc.pb.h"

namespace emu::client {
namespace {

using emud::v1::Snapshot;
using emud::v1::SnapshotService;

struct CreateFlags {
  emud::v1::CreateSnapshotRequest request;
  std::vector<std::string> labels;
  bool no_wait = false;
};

int ShowOne(SnapshotService::Stub& stub, const std::string& name, const Options& options) {
  emud::v1::GetSnapshotRequest request;
  request.set_name(name);
  grpc::ClientContext context;
  Snapshot snapshot;
  const auto status = stub.GetSnapshot(&context, request, &snapshot);
  if (status.ok()) PrintSnapshots(options.output, snapshot, {snapshot}, SnapshotTable({snapshot}));
  return Report(status, options.endpoint);
}

int Create(const CreateFlags& flags, const Options& options) {
  emud::v1::CreateSnapshotRequest request = flags.request;
  std::string error;
  if (!ReadLabels("--label", flags.labels, *request.mutable_labels(), error)) {
    std::fprintf(stderr, "emuctl: %s\n", error.c_str());
    return kUsage;
  }
  const auto channel = Connect(options);
  const auto stub = SnapshotService::NewStub(channel);
  grpc::ClientContext begin;
  emud::v1::Operation operation;
  if (const auto status = stub->CreateSnapshot(&begin, request, &operation); !status.ok()) {
    return Report(status, options.endpoint);
  }
  if (const auto code = FollowToSuccess(channel, options, flags.no_wait, operation)) return *code;
  return ShowOne(*stub, request.name(), options);
}

grpc::Status FetchAll(const emud::v1::ListSnapshotsRequest& wanted, const Options& options,
                      emud::v1::ListSnapshotsResponse& all) {
  const auto stub = SnapshotService::NewStub(Connect(options));
  const auto call = [&stub](auto* context, const auto& request, auto* page) {
    return stub->ListSnapshots(context, request, page);
  };
  return ListPages(wanted, call, all);
}

int List(const emud::v1::ListSnapshotsRequest& wanted, const Options& options) {
  emud::v1::ListSnapshotsResponse all;
  if (const auto status = FetchAll(wanted, options, all); !status.ok()) {
    return Report(status, options.endpoint);
  }
  const std::vector<Snapshot> snapshots(all.snapshots().begin(), all.snapshots().end());
  PrintSnapshots(options.output, all, snapshots, SnapshotTable(snapshots) + NextPageHint(all));
  return kDone;
}

// Below each snapshot those that came of it; a parent that is gone is none.
class Tree {
 public:
  explicit Tree(const std::vector<Snapshot>& snapshots) {
    std::map<std::string, const Snapshot*> by_uid;
    for (const Snapshot& snapshot : snapshots) by_uid[snapshot.uid()] = &snapshot;
    for (const Snapshot& snapshot : snapshots) {
      const bool has_parent = by_uid.contains(snapshot.parent_uid());
      children_[has_parent ? snapshot.parent_uid() : ""].push_back(&snapshot);
    }
  }

  std::string Text() const {
    std::string text;
    Append("", "", text);
    return text;
  }

 private:
  void Append(const std::string& parent_uid, const std::string& indent, std::string& text) const {
    const auto below = children_.find(parent_uid);
    if (below == children_.end()) return;
    for (const Snapshot* snapshot : below->second) {
      text += indent + snapshot->name() + " (" + snapshot->vm() + ")\n";
      Append(snapshot->uid(), indent + "  ", text);
    }
  }

  std::map<std::string, std::vector<const Snapshot*>> children_;
};

int ShowTree(const emud::v1::ListSnapshotsRequest& wanted, const Options& options) {
  emud::v1::ListSnapshotsResponse all;
  if (const auto status = FetchAll(wanted, options, all); !status.ok()) {
    return Report(status, options.endpoint);
  }
  const std::vector<Snapshot> snapshots(all.snapshots().begin(), all.snapshots().end());
  PrintSnapshots(options.output, all, snapshots, Tree(snapshots).Text());
  return kDone;
}

int Restore(const emud::v1::RestoreSnapshotRequest& request, const Options& options) {
  const auto stub = SnapshotService::NewStub(Connect(options));
  grpc::ClientContext context;
  emud::v1::Vm vm;
  const auto status = stub->RestoreSnapshot(&context, request, &vm);
  if (status.ok()) PrintVms(options.output, vm, {vm}, VmTable({vm}));
  return Report(status, options.endpoint);
}

// The first that fails ends it.
int Remove(const std::vector<std::string>& names, const Options& options) {
  const auto stub = SnapshotService::NewStub(Connect(options));
  for (const std::string& name : names) {
    emud::v1::DeleteSnapshotRequest request;
    request.set_name(name);
    grpc::ClientContext context;
    google::protobuf::Empty nothing;
    const int code = Report(stub->DeleteSnapshot(&context, request, &nothing), options.endpoint);
    if (code != kDone) return code;
  }
  Print(options.output, google::protobuf::Empty(), "");
  return kDone;
}

void AddCreate(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("create", "Take a snapshot of a VM, which goes on");
  auto flags = std::make_shared<CreateFlags>();
  command
      ->add_option_function<std::string>(
          "NAME", [flags](const std::string& name) { flags->request.set_name(name); },
          "name: a-z, 0-9 and -, beginning with a letter")
      ->type_name("NEW")
      ->required();
  command
      ->add_option_function<std::string>(
          "--vm", [flags](const std::string& name) { flags->request.set_vm(name); },
          "of this VM: with its memory if it runs or is paused")
      ->type_name("VM")
      ->required();
  command
      ->add_option_function<std::string>(
          "--parent", [flags](const std::string& name) { flags->request.set_parent(name); },
          "memory that is as in this snapshot is not written again; auto: the VM's last one")
      ->type_name("SNAPSHOT");
  command->add_option("--label", flags->labels, "KEY=VALUE; may be repeated")
      ->allow_extra_args(false);
  command->add_flag("--no-wait", flags->no_wait,
                    "leave as soon as it is begun, and show the operation (emuctl op)");
  AddRequestId(*command, flags->request, flags);
  command->footer(
      "Examples:\n"
      "  emuctl snapshot create warm --vm web1\n"
      "  emuctl snapshot create warmer --vm web1 --parent auto");
  command->callback([flags, &session] { session.code = Create(*flags, session.options); });
}

void AddList(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("list", "Show snapshots");
  auto request = std::make_shared<emud::v1::ListSnapshotsRequest>();
  AddListFlags(*command, request,
               "those of which this is true, as in vm list, with the fields of a snapshot");
  command->footer(
      "Examples:\n"
      "  emuctl snapshot list\n"
      "  emuctl snapshot list --filter 'vm=\"web1\"' -o json");
  command->callback([request, &session] { session.code = List(*request, session.options); });
}

void AddTree(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("tree", "Show which snapshot came of which");
  auto request = std::make_shared<emud::v1::ListSnapshotsRequest>();
  command->add_option_function<std::string>(
      "--filter", [request](const std::string& text) { request->set_filter(text); },
      "those of which this is true, as in snapshot list");
  command->footer("Example:\n  emuctl snapshot tree");
  command->callback([request, &session] { session.code = ShowTree(*request, session.options); });
}

void AddGet(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("get", "Show one snapshot");
  auto name = std::make_shared<std::string>();
  command->add_option("SNAPSHOT", *name, "the snapshot")->required();
  command->footer("Example:\n  emuctl snapshot get warm -o yaml");
  command->callback([name, &session] {
    session.code =
        ShowOne(*SnapshotService::NewStub(Connect(session.options)), *name, session.options);
  });
}

void AddRestore(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand(
      "restore", "Take a VM back to a snapshot; what it has written since is gone");
  auto request = std::make_shared<emud::v1::RestoreSnapshotRequest>();
  command
      ->add_option_function<std::string>(
          "VM", [request](const std::string& name) { request->set_vm(name); },
          "the VM, which is stopped or suspended")
      ->required();
  command
      ->add_option_function<std::string>(
          "SNAPSHOT", [request](const std::string& name) { request->set_name(name); },
          "the snapshot, of this VM or of another one")
      ->required();
  AddRequestId(*command, *request, request);
  command->footer(
      "Example:\n"
      "  emuctl vm stop web1 && emuctl snapshot restore web1 warm && emuctl vm start web1");
  command->callback([request, &session] { session.code = Restore(*request, session.options); });
}

void AddRemove(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("rm", "Delete snapshots; VMs that were made of them stay");
  auto names = std::make_shared<std::vector<std::string>>();
  command->add_option("SNAPSHOT", *names, "the snapshots")->required();
  command->footer("Example:\n  emuctl snapshot rm warm");
  command->callback([names, &session] { session.code = Remove(*names, session.options); });
}

}  // namespace

void AddSnapshot(CLI::App& parent, Session& session) {
  auto* snapshot = parent.add_subcommand("snapshot", "VMs as they were at one instant");
  snapshot->require_subcommand(1);
  snapshot->footer(
      "Examples:\n"
      "  emuctl snapshot create warm --vm web1\n"
      "  emuctl vm create web2 --from warm --start\n"
      "  emuctl vm stop web1 && emuctl snapshot restore web1 warm\n"
      "VMs of a snapshot share its memory and its disks until they write to them.");
  AddCreate(*snapshot, session);
  AddList(*snapshot, session);
  AddTree(*snapshot, session);
  AddGet(*snapshot, session);
  AddRestore(*snapshot, session);
  AddSnapshotUpdate(*snapshot, session);
  AddRemove(*snapshot, session);
  AddSnapshotExport(*snapshot, session);
  AddSnapshotImport(*snapshot, session);
  for (CLI::App* command : snapshot->get_subcommands({})) command->fallthrough();
}

}  // namespace emu::client
