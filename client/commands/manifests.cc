// apply, diff and delete: VMs as files say them.
#include <google/protobuf/struct.pb.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/commands/commands.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "client/format/progress.h"
#include "client/line_diff.h"
#include "client/manifest.h"
#include "emud/v1/vm.grpc.pb.h"

namespace emu::client {
namespace {

using emud::v1::Vm;
using emud::v1::VmManifest;
using emud::v1::VmService;

struct Flags {
  std::vector<std::string> files;
  bool dry_run = false;
  bool force = false;
};

// What is to be done for one document.
struct Step {
  enum class Kind { kCreate, kUpdate, kNone };
  Kind kind;
  std::string name;
  emud::v1::CreateVmRequest create;
  emud::v1::UpdateVmRequest update;
  std::string diff;
};

// Of a VM what a file may say.
std::string AsManifest(const Vm& vm) {
  VmManifest manifest;
  manifest.set_api_version("emud.dev/v1");
  manifest.set_kind("Vm");
  manifest.mutable_metadata()->set_name(vm.name());
  *manifest.mutable_metadata()->mutable_labels() = vm.labels();
  *manifest.mutable_metadata()->mutable_annotations() = vm.annotations();
  *manifest.mutable_spec() = vm.spec();
  return ToYaml(manifest);
}

Vm WantedBy(const VmManifest& manifest) {
  Vm vm;
  vm.set_name(manifest.metadata().name());
  *vm.mutable_labels() = manifest.metadata().labels();
  *vm.mutable_annotations() = manifest.metadata().annotations();
  *vm.mutable_spec() = manifest.spec();
  return vm;
}

// Asks the daemon what would become of the VM: it knows the defaults, and what is possible.
grpc::Status PlanOne(VmService::Stub& stub, const VmManifest& manifest, Step& step) {
  const Vm wanted = WantedBy(manifest);
  step.name = wanted.name();
  emud::v1::GetVmRequest get;
  get.set_name(wanted.name());
  Vm current;
  Vm planned;
  grpc::ClientContext get_context;
  grpc::Status status = stub.GetVm(&get_context, get, &current);
  grpc::ClientContext context;
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) {
    step.kind = Step::Kind::kCreate;
    step.create.set_name(wanted.name());
    *step.create.mutable_labels() = wanted.labels();
    *step.create.mutable_annotations() = wanted.annotations();
    *step.create.mutable_spec() = wanted.spec();
    emud::v1::CreateVmRequest check = step.create;
    check.set_validate_only(true);
    status = stub.CreateVm(&context, check, &planned);
    step.diff = LineDiff("", AsManifest(planned));
    return status;
  }
  if (!status.ok()) return status;
  *step.update.mutable_vm() = wanted;
  step.update.mutable_vm()->set_etag(current.etag());
  for (const char* path : {"labels", "annotations", "spec"}) {
    step.update.mutable_update_mask()->add_paths(path);
  }
  emud::v1::UpdateVmRequest check = step.update;
  check.set_validate_only(true);
  status = stub.UpdateVm(&context, check, &planned);
  step.diff = LineDiff(AsManifest(current), AsManifest(planned));
  step.kind = step.diff.empty() ? Step::Kind::kNone : Step::Kind::kUpdate;
  return status;
}

int ReadAll(const std::vector<std::string>& files, std::vector<VmManifest>& manifests) {
  for (const std::string& file : files) {
    std::vector<VmManifest> read;
    std::string error;
    if (!ReadManifests(file, read, error)) {
      std::fprintf(stderr, "emuctl: %s\n", error.c_str());
      return kUsage;
    }
    std::move(read.begin(), read.end(), std::back_inserter(manifests));
  }
  for (size_t i = 0; i < manifests.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (manifests[i].metadata().name() != manifests[j].metadata().name()) continue;
      std::fprintf(stderr, "emuctl: %s is said twice; leave one document of it\n",
                   manifests[i].metadata().name().c_str());
      return kUsage;
    }
  }
  return kDone;
}

// All of it, before anything is changed.
int Plan(const Flags& flags, VmService::Stub& stub, const Options& options,
         std::vector<Step>& steps) {
  std::vector<VmManifest> manifests;
  if (const int code = ReadAll(flags.files, manifests); code != kDone) return code;
  int code = kDone;
  for (const VmManifest& manifest : manifests) {
    const grpc::Status status = PlanOne(stub, manifest, steps.emplace_back());
    if (status.ok()) continue;
    std::fprintf(stderr, "emuctl: %s: nothing is changed:\n", manifest.metadata().name().c_str());
    code = Report(status, options.endpoint);
  }
  return code;
}

grpc::Status Do(VmService::Stub& stub, const Step& step) {
  grpc::ClientContext context;
  Vm vm;
  return step.kind == Step::Kind::kCreate ? stub.CreateVm(&context, step.create, &vm)
                                          : stub.UpdateVm(&context, step.update, &vm);
}

// A line or an element of a list for each VM.
class ActionList {
 public:
  explicit ActionList(const Options& options) : options_(options) {}
  void Add(const std::string& name, const std::string& action) {
    if (options_.output == "name") {
      std::printf("%s\n", name.c_str());
    } else {
      text_ += name + " " + action + "\n";
    }
    google::protobuf::Struct row;
    (*row.mutable_fields())["vm"].set_string_value(name);
    (*row.mutable_fields())["action"].set_string_value(action);
    *list_.add_values()->mutable_struct_value() = row;
  }
  void Finish() const {
    if (options_.output != "name") Print(options_.output, list_, text_);
  }

 private:
  const Options& options_;
  std::string text_;
  google::protobuf::ListValue list_;
};

int Apply(const Flags& flags, const Options& options) {
  const auto stub = VmService::NewStub(Connect(options));
  std::vector<Step> steps;
  if (const int code = Plan(flags, *stub, options, steps); code != kDone) return code;
  ActionList report(options);
  int code = kDone;
  {
    Progress progress(flags.dry_run ? "none" : options.progress, "apply", "");
    uint32_t done = 0;
    for (const Step& step : steps) {
      progress.Update({"apply " + step.name, static_cast<int>(100 * done / steps.size()), done,
                       static_cast<uint32_t>(steps.size())});
      ++done;
      const bool is_new = step.kind == Step::Kind::kCreate;
      if (step.kind == Step::Kind::kNone) {
        report.Add(step.name, "unchanged");
      } else if (flags.dry_run) {
        report.Add(step.name, is_new ? "would be created" : "would be changed");
      } else if (const grpc::Status status = Do(*stub, step); status.ok()) {
        report.Add(step.name, is_new ? "created" : "changed");
      } else {
        code = Report(status, options.endpoint);
      }
    }
  }
  report.Finish();
  return code;
}

int Diff(const Flags& flags, const Options& options) {
  const auto stub = VmService::NewStub(Connect(options));
  std::vector<Step> steps;
  if (const int code = Plan(flags, *stub, options, steps); code != kDone) {
    return std::max<int>(code, kUsage);  // 1 says that there is a difference
  }
  bool differs = false;
  for (const Step& step : steps) {
    if (step.diff.empty()) continue;
    differs = true;
    std::printf("--- %s\n+++ %s\n%s",
                step.kind == Step::Kind::kCreate ? "/dev/null" : step.name.c_str(),
                step.name.c_str(), step.diff.c_str());
  }
  return differs ? 1 : kDone;
}

int Delete(const Flags& flags, const Options& options) {
  std::vector<VmManifest> manifests;
  if (const int code = ReadAll(flags.files, manifests); code != kDone) return code;
  const auto stub = VmService::NewStub(Connect(options));
  ActionList report(options);
  int code = kDone;
  // The last first, as what comes later may rely on what came before.
  std::reverse(manifests.begin(), manifests.end());
  for (const VmManifest& manifest : manifests) {
    const std::string& name = manifest.metadata().name();
    grpc::ClientContext context;
    grpc::Status status;
    if (flags.dry_run) {
      emud::v1::GetVmRequest request;
      request.set_name(name);
      Vm vm;
      status = stub->GetVm(&context, request, &vm);
    } else {
      emud::v1::DeleteVmRequest request;
      request.set_name(name);
      request.set_force(flags.force);
      google::protobuf::Empty nothing;
      status = stub->DeleteVm(&context, request, &nothing);
    }
    if (status.error_code() == grpc::StatusCode::NOT_FOUND) {
      report.Add(name, "not there");
    } else if (status.ok()) {
      report.Add(name, flags.dry_run ? "would be deleted" : "deleted");
    } else {
      code = Report(status, options.endpoint);
    }
  }
  report.Finish();
  return code;
}

CLI::App* AddVerb(CLI::App& parent, Session& session, const char* verb, const char* help,
                  const std::shared_ptr<Flags>& flags, int (*run)(const Flags&, const Options&)) {
  auto* command = parent.add_subcommand(verb, help);
  command
      ->add_option(
          "-f,--file", flags->files,
          "YAML of VMs, several documents if you like; - is standard input; may be repeated")
      ->required()
      ->allow_extra_args(false)
      ->type_name("FILE");
  command->callback([flags, run, &session] { session.code = run(*flags, session.options); });
  return command;
}

}  // namespace

void AddManifests(CLI::App& parent, Session& session) {
  auto apply_flags = std::make_shared<Flags>();
  auto* apply =
      AddVerb(parent, session, "apply", "Make VMs as files say them", apply_flags, &Apply);
  apply->add_flag("--dry-run", apply_flags->dry_run, "say what would be done, do nothing");
  apply->footer(
      "Examples:\n"
      "  emuctl apply -f vms.yaml\n"
      "  emuctl apply -f vms.yaml --dry-run\n"
      "VMs that are not there are created, others changed to what the file says; what it leaves "
      "out\nhas its default. Where one can't be as is said, nothing is changed at all. Nothing is "
      "started.\nemuctl vm create --help shows a file.");
  auto diff_flags = std::make_shared<Flags>();
  AddVerb(parent, session, "diff", "Show what apply would change", diff_flags, &Diff)
      ->footer(
          "Example:\n  emuctl diff -f vms.yaml\n"
          "Exits 0 where nothing differs, 1 where something does, 2 and above when that can't be "
          "told.");
  auto delete_flags = std::make_shared<Flags>();
  auto* remove =
      AddVerb(parent, session, "delete", "Delete the VMs that files say", delete_flags, &Delete);
  remove->add_flag("--dry-run", delete_flags->dry_run, "say what would be done, do nothing");
  remove->add_flag("--force", delete_flags->force, "even while they run");
  remove->footer(
      "Examples:\n"
      "  emuctl delete -f vms.yaml --force\n"
      "One that is not there is no error. Disks stay.");
}

}  // namespace emu::client
