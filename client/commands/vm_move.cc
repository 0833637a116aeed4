// vm move: a VM goes on at another daemon, and is here no more.
//
//   images that are not there yet: with a snapshot of the VM, which runs on
//   the VM stands still -> its snapshot goes there -> a VM is made of it, and started -> the one
//   here is deleted
//
// Until the one there runs whatever fails leaves the one here as it was.
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>

#include "client/commands/commands.h"
#include "client/commands/image_sending.h"
#include "client/commands/operation_follow.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "client/format/progress.h"
#include "client/image_transfer.h"
#include "emud/v1/snapshot.grpc.pb.h"
#include "emud/v1/vm.grpc.pb.h"

namespace emu::client {
namespace {

using emud::v1::Vm;
using grpc::ClientContext;
using grpc::Status;

struct Flags {
  std::string name, to, new_name;
};

// A daemon, and how to speak to it.
struct Side {
  explicit Side(const Options& side_options)
      : options(side_options),
        channel(Connect(options)),
        vms(emud::v1::VmService::NewStub(channel)),
        images(emud::v1::ImageService::NewStub(channel)),
        snapshots(emud::v1::SnapshotService::NewStub(channel)) {}
  const Options options;
  const std::shared_ptr<grpc::Channel> channel;
  const std::unique_ptr<emud::v1::VmService::Stub> vms;
  const std::unique_ptr<emud::v1::ImageService::Stub> images;
  const std::unique_ptr<emud::v1::SnapshotService::Stub> snapshots;
};

std::string NewSnapshotName() {
  std::random_device random;
  char digits[9] = {};
  std::snprintf(digits, sizeof(digits), "%08x", random());
  return std::string("move-") + digits;
}

void DropSnapshot(const Side& side, const std::string& name) {
  ClientContext context;
  emud::v1::DeleteSnapshotRequest request;
  request.set_name(name);
  google::protobuf::Empty nothing;
  (void)side.snapshots->DeleteSnapshot(&context, request, &nothing);
}

std::set<std::string> DigestsOf(const emud::v1::VmSpec& spec) {
  std::set<std::string> digests;
  for (const auto& disk : spec.disks()) {
    for (const auto& part : disk.pinned().parts()) digests.insert(part.digest());
  }
  for (const auto& part : spec.boot().pinned().parts()) digests.insert(part.digest());
  return digests;
}

class Move {
 public:
  Move(const Flags& flags, const Side& from, const Side& to)
      : flags_(flags), from_(from), to_(to) {}

  int Run(Vm& moved) {
    if (const Status found = Find(); !found.ok()) return Report(found, from_.options.endpoint);
    if (const int code = CheckTarget(); code != kDone) return code;
    if (!HasImages()) {
      if (const int code = Transfer(); code != kDone) return code;
      DropSnapshot(to_, snapshot_);
    }
    if (const int code = StandStill(); code != kDone) return code;
    const int code = GoOn(moved);
    if (code != kDone) return code;
    const auto stood_still = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - halted_);
    DropSnapshot(to_, snapshot_);
    if (was_running_) {
      std::fprintf(stderr, "emuctl: %s stood still for %lld ms\n", flags_.name.c_str(),
                   static_cast<long long>(stood_still.count()));
    }
    return Forget();
  }

 private:
  Status Find() {
    ClientContext context;
    emud::v1::GetVmRequest request;
    request.set_name(flags_.name);
    const Status found = from_.vms->GetVm(&context, request, &vm_);
    was_running_ = vm_.state() == Vm::RUNNING;
    return found;
  }

  const std::string& new_name() const {
    return flags_.new_name.empty() ? flags_.name : flags_.new_name;
  }

  // Before anybody stands still for nothing.
  int CheckTarget() const {
    ClientContext context;
    emud::v1::GetVmRequest request;
    request.set_name(new_name());
    Vm there;
    const Status found = to_.vms->GetVm(&context, request, &there);
    if (found.error_code() == grpc::StatusCode::NOT_FOUND) return kDone;
    if (!found.ok()) return Report(found, to_.options.endpoint);
    std::fprintf(stderr, "emuctl: %s has a VM %s; give --name\n", flags_.to.c_str(),
                 new_name().c_str());
    return kFailed;
  }

  // Whether all bytes that lie below its disks, and that it boots with, are there already.
  bool HasImages() const {
    std::set<std::string> missing = DigestsOf(vm_.spec());
    ClientContext context;
    emud::v1::ListImagesResponse there;
    if (missing.empty() || !to_.images->ListImages(&context, {}, &there).ok()) return true;
    for (const auto& image : there.images()) {
      for (const auto& part : image.parts()) missing.erase(part.digest());
    }
    return missing.empty();
  }

  int StandStill() {
    if (was_running_) {
      ClientContext context;
      emud::v1::PauseVmRequest request;
      request.set_name(flags_.name);
      Vm paused;
      const Status status = from_.vms->PauseVm(&context, request, &paused);
      if (!status.ok()) return Report(status, from_.options.endpoint);
    }
    halted_ = std::chrono::steady_clock::now();
    const int code = Transfer();
    if (code != kDone) Resume();
    return code;
  }

  // The VM as it is becomes a snapshot there; none is left here.
  int Transfer() {
    snapshot_ = NewSnapshotName();
    emud::v1::CreateSnapshotRequest request;
    request.set_name(snapshot_);
    request.set_vm(flags_.name);
    ClientContext context;
    emud::v1::Operation operation;
    const Status begun = from_.snapshots->CreateSnapshot(&context, request, &operation);
    if (!begun.ok()) return Report(begun, from_.options.endpoint);
    if (const auto code = FollowToSuccess(from_.channel, from_.options, false, operation)) {
      return *code;
    }
    const int code = Send();
    DropSnapshot(from_, snapshot_);
    return code;
  }

  int Send() const {
    int ends[2];
    if (pipe(ends) != 0) return kFailed;
    Progress progress(from_.options.progress, "move", flags_.name);
    Status got;
    std::thread reader([&] {
      emud::v1::ExportSnapshotRequest request;
      request.set_name(snapshot_);
      request.set_without_images(HasImages());
      got = DownloadSnapshot(*from_.snapshots, request, ends[1], [&](uint64_t done, uint64_t all) {
        progress.Update({.stage = "move " + flags_.name, .bytes_done = done, .bytes_total = all});
      });
      close(ends[1]);
    });
    std::string upload;
    const Status sent = Upload(
        *to_.images, ends[0], 0, [](uint64_t) {}, upload);
    close(ends[0]);  // whoever still writes hears of it
    reader.join();
    int code = got.ok() || !sent.ok() ? int{kDone} : Report(got, from_.options.endpoint);
    if (!sent.ok()) code = Report(sent, to_.options.endpoint);
    if (code == kDone) code = Import(upload);
    if (code != kDone && !upload.empty()) DropUpload(*to_.images, upload);
    return code;
  }

  int Import(const std::string& upload) const {
    emud::v1::ImportSnapshotRequest request;
    request.set_upload_id(upload);
    request.set_name(snapshot_);
    ClientContext context;
    emud::v1::Snapshot imported;
    return Report(to_.snapshots->ImportSnapshot(&context, request, &imported),
                  to_.options.endpoint);
  }

  int GoOn(Vm& moved) {
    emud::v1::CreateVmRequest create;
    create.set_name(new_name());
    create.set_source_snapshot(snapshot_);
    *create.mutable_labels() = vm_.labels();
    *create.mutable_annotations() = vm_.annotations();
    emud::v1::VmSpec& spec = *create.mutable_spec();
    *spec.mutable_lifecycle() = vm_.spec().lifecycle();
    if (vm_.spec().has_limits()) *spec.mutable_limits() = vm_.spec().limits();
    *spec.mutable_nics() = vm_.spec().nics();
    // What its guest knows them by, chosen or not.
    for (emud::v1::Nic& nic : *spec.mutable_nics()) {
      for (const auto& known : vm_.nics()) {
        if (known.id() == nic.id()) nic.set_mac(known.mac());
      }
    }
    ClientContext context;
    Status status = to_.vms->CreateVm(&context, create, &moved);
    if (status.ok() && was_running_) {
      emud::v1::StartVmRequest start;
      start.set_name(moved.name());
      ClientContext starting;
      status = to_.vms->StartVm(&starting, start, &moved);
    }
    if (status.ok()) return kDone;
    const int code = Report(status, to_.options.endpoint);
    if (code == kUnavailable) {
      // Two that go on from one instant would be worse than one that waits.
      std::fprintf(stderr, "emuctl: nobody knows whether it runs there: if not, resume %s here\n",
                   flags_.name.c_str());
      return code;
    }
    DropVm(to_, new_name());
    DropSnapshot(to_, snapshot_);
    Resume();
    return code;
  }

  static Status DropVm(const Side& side, const std::string& name) {
    emud::v1::DeleteVmRequest request;
    request.set_name(name);
    request.set_force(true);
    ClientContext context;
    google::protobuf::Empty nothing;
    return side.vms->DeleteVm(&context, request, &nothing);
  }

  int Forget() const {
    const Status gone = DropVm(from_, flags_.name);
    if (gone.ok()) return kDone;
    std::fprintf(stderr, "emuctl: it runs there, and is paused here; delete it here\n");
    return Report(gone, from_.options.endpoint);
  }

  void Resume() const {
    if (!was_running_) return;
    emud::v1::ResumeVmRequest request;
    request.set_name(flags_.name);
    ClientContext context;
    Vm resumed;
    const Status status = from_.vms->ResumeVm(&context, request, &resumed);
    if (!status.ok()) Report(status, from_.options.endpoint);
  }

  const Flags& flags_;
  const Side& from_;
  const Side& to_;
  Vm vm_;
  bool was_running_ = false;
  std::string snapshot_;  // has this name on both sides
  std::chrono::steady_clock::time_point halted_;
};

int MoveVm(const Flags& flags, const Options& options) {
  Options there = options;
  std::string error;
  if (!Resolve({.address = "", .context = flags.to, .project = ""}, there, error)) {
    std::fprintf(stderr, "emuctl: --to: %s\n", error.c_str());
    return kNotFound;
  }
  std::signal(SIGPIPE, SIG_IGN);  // of what is sent, when the daemon there takes no more
  const Side from(options);
  const Side to(there);
  Vm moved;
  const int code = Move(flags, from, to).Run(moved);
  if (code == kDone) PrintVms(options.output, moved, {moved}, VmTable({moved}));
  return code;
}

}  // namespace

void AddVmMove(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("move", "Have a VM go on at another daemon");
  auto flags = std::make_shared<Flags>();
  command->add_option("VM", flags->name, "the VM: it runs, is paused or stopped")->required();
  command->add_option("--to", flags->to, "the daemon, as emuctl context knows it")
      ->type_name("CONTEXT")
      ->required();
  command->add_option("--name", flags->new_name, "its name there (default: as here)")
      ->type_name("NEW");
  command->footer(
      "Example:\n  emuctl vm move web1 --to other\n"
      "Its memory, its disks and, unless it is stopped, its cards' addresses go along, and images\n"
      "that are not there yet, ahead. It stands still from when its memory is written here until "
      "it\n"
      "runs there. One that was paused is SUSPENDED there. Where it fails the VM goes on here.\n"
      "Connections that clients have to it over the network end.");
  command->callback([flags, &session] { session.code = MoveVm(*flags, session.options); });
}

}  // namespace emu::client
