// apply, diff and delete: images, volumes and VMs as files say them.
#include <google/protobuf/struct.pb.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "client/commands/commands.h"
#include "client/commands/manifest_steps.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "client/format/progress.h"
#include "client/manifest.h"

namespace emu::client {
namespace {

struct Flags {
  std::vector<std::string> files;
  bool dry_run = false;
  bool force = false;
};

// By the index of its kind.
constexpr const char* kNouns[] = {"image", "volume", "vm"};
static_assert(std::size(kNouns) == std::variant_size_v<Manifest>);

std::string NounOf(const Manifest& manifest) { return kNouns[manifest.index()]; }
const std::string& NameOf(const Manifest& manifest) {
  return std::visit([](const auto& kind) -> const std::string& { return kind.metadata().name(); },
                    manifest);
}
// VMs are what most files are about: what is no VM says what it is.
std::string TitleOf(const Manifest& manifest) {
  const bool is_vm = std::holds_alternative<emud::v1::VmManifest>(manifest);
  return (is_vm ? "" : NounOf(manifest) + " ") + NameOf(manifest);
}

// In the order in which they rely on each other: images, volumes, VMs; each as the files have it.
int ReadAll(const std::vector<std::string>& files, std::vector<Manifest>& manifests) {
  for (const std::string& file : files) {
    std::vector<Manifest> read;
    std::string error;
    if (!ReadManifests(file, read, error)) {
      std::fprintf(stderr, "emuctl: %s\n", error.c_str());
      return kUsage;
    }
    std::move(read.begin(), read.end(), std::back_inserter(manifests));
  }
  std::ranges::stable_sort(manifests, {}, &Manifest::index);
  for (size_t i = 0; i < manifests.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (TitleOf(manifests[i]) != TitleOf(manifests[j])) continue;
      std::fprintf(stderr, "emuctl: %s is said twice; leave one document of it\n",
                   TitleOf(manifests[i]).c_str());
      return kUsage;
    }
  }
  return kDone;
}

// All of it, before anything is changed.
int PlanAll(const std::vector<Manifest>& manifests, Target& target, std::vector<Step>& steps) {
  int code = kDone;
  for (const Manifest& manifest : manifests) {
    Step& step = steps.emplace_back();
    const grpc::Status status =
        std::visit([&](const auto& kind) { return Plan(target, kind, step); }, manifest);
    if (!status.ok()) {
      std::fprintf(stderr, "emuctl: %s: nothing is changed:\n", TitleOf(manifest).c_str());
      code = Report(status, target.options.endpoint);
    } else if (step.kind == Step::Kind::kCreate && NounOf(manifest) == "image") {
      target.images.insert(NameOf(manifest));
    } else if (step.kind == Step::Kind::kCreate && NounOf(manifest) == "volume") {
      target.volumes.insert(NameOf(manifest));
    }
  }
  return code;
}

// A line or an element of a list for each document.
class ActionList {
 public:
  explicit ActionList(const Options& options) : options_(options) {}
  void Add(const Manifest& manifest, const std::string& action) {
    const std::string& name = NameOf(manifest);
    if (options_.output == "name") {
      std::printf("%s\n", name.c_str());
    } else {
      text_ += TitleOf(manifest) + " " + action + "\n";
    }
    google::protobuf::Struct row;
    (*row.mutable_fields())[NounOf(manifest)].set_string_value(name);
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

// Step `index` of `steps`, with how far that is, but for images, which show their own progress.
int Execute(const std::vector<Step>& steps, size_t index, const Manifest& manifest,
            const Options& options) {
  std::optional<Progress> progress;
  if (NounOf(manifest) != "image") {
    progress.emplace(options.progress, "apply", "");
    progress->Update({"apply " + NameOf(manifest), static_cast<int>(100 * index / steps.size()),
                      static_cast<uint32_t>(index), static_cast<uint32_t>(steps.size())});
  }
  return steps[index].execute();
}

int Apply(const Flags& flags, const Options& options) {
  std::vector<Manifest> manifests;
  if (const int code = ReadAll(flags.files, manifests); code != kDone) return code;
  Target target = {Connect(options), options, {}, {}};
  std::vector<Step> steps;
  if (const int code = PlanAll(manifests, target, steps); code != kDone) return code;
  ActionList report(options);
  int code = kDone;
  for (size_t i = 0; i < steps.size(); ++i) {
    const bool is_new = steps[i].kind == Step::Kind::kCreate;
    if (steps[i].kind == Step::Kind::kNone) {
      report.Add(manifests[i], "unchanged");
    } else if (flags.dry_run) {
      report.Add(manifests[i], is_new ? "would be created" : "would be changed");
    } else if (const int done = Execute(steps, i, manifests[i], options); done == kDone) {
      report.Add(manifests[i], is_new ? "created" : "changed");
    } else {
      code = done;
    }
  }
  report.Finish();
  return code;
}

int Diff(const Flags& flags, const Options& options) {
  std::vector<Manifest> manifests;
  if (const int code = ReadAll(flags.files, manifests); code != kDone) return code;
  Target target = {Connect(options), options, {}, {}};
  std::vector<Step> steps;
  if (const int code = PlanAll(manifests, target, steps); code != kDone) {
    return std::max<int>(code, kUsage);  // 1 says that there is a difference
  }
  bool differs = false;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].diff.empty()) continue;
    differs = true;
    const std::string title = TitleOf(manifests[i]);
    std::printf("--- %s\n+++ %s\n%s",
                steps[i].kind == Step::Kind::kCreate ? "/dev/null" : title.c_str(), title.c_str(),
                steps[i].diff.c_str());
  }
  return differs ? 1 : kDone;
}

int Delete(const Flags& flags, const Options& options) {
  std::vector<Manifest> manifests;
  if (const int code = ReadAll(flags.files, manifests); code != kDone) return code;
  const Target target = {Connect(options), options, {}, {}};
  const Removal removal = flags.dry_run ? Removal::kOnlyLook
                          : flags.force ? Removal::kForce
                                        : Removal::kRemove;
  ActionList report(options);
  int code = kDone;
  // The last first, as what comes later may rely on what came before.
  std::ranges::reverse(manifests);
  for (const Manifest& manifest : manifests) {
    const grpc::Status status =
        std::visit([&](const auto& kind) { return Remove(target, kind, removal); }, manifest);
    if (status.error_code() == grpc::StatusCode::NOT_FOUND) {
      report.Add(manifest, "not there");
    } else if (status.ok()) {
      report.Add(manifest, flags.dry_run ? "would be deleted" : "deleted");
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
          "YAML of images, volumes and VMs, several documents if you like, in any order; - "
          "is standard input; may be repeated")
      ->required()
      ->allow_extra_args(false)
      ->type_name("FILE");
  command->callback([flags, run, &session] { session.code = run(*flags, session.options); });
  return command;
}

}  // namespace

void AddManifests(CLI::App& parent, Session& session) {
  auto apply_flags = std::make_shared<Flags>();
  auto* apply = AddVerb(parent, session, "apply", "Make images, volumes and VMs as files say them",
                        apply_flags, &Apply);
  apply->add_flag("--dry-run", apply_flags->dry_run, "say what would be done, do nothing");
  apply->footer(
      "Examples:\n"
      "  emuctl apply -f vms.yaml\n"
      "  emuctl apply -f vms.yaml --dry-run\n"
      "What is not there is created: images, then volumes, then VMs. VMs that are there are "
      "changed "
      "to\nwhat the file says, where what it leaves out has its default; of images the labels are, "
      "of\nvolumes nothing. Where one can't be as is said, nothing is changed at all. Nothing is "
      "started.\nA file:\n"
      "  apiVersion: emud.dev/v1\n"
      "  kind: Image\n"
      "  metadata: {name: debian:13/riscv64}\n"
      "  spec: {source: {pull: debian:13/riscv64}}\n"
      "  ---\n"
      "  apiVersion: emud.dev/v1\n"
      "  kind: Volume\n"
      "  metadata: {name: data}\n"
      "  spec: {sizeMib: 8192}\n"
      "  ---\n"
      "  apiVersion: emud.dev/v1\n"
      "  kind: Vm\n"
      "  metadata: {name: web1}\n"
      "  spec:\n"
      "    disks: [{image: debian:13/riscv64}, {volume: data}]\n"
      "emuctl vm create --help shows more of a VM.");
  auto diff_flags = std::make_shared<Flags>();
  AddVerb(parent, session, "diff", "Show what apply would change", diff_flags, &Diff)
      ->footer(
          "Example:\n  emuctl diff -f vms.yaml\n"
          "Exits 0 where nothing differs, 1 where something does, 2 and above when that can't be "
          "told.");
  auto delete_flags = std::make_shared<Flags>();
  auto* remove =
      AddVerb(parent, session, "delete", "Delete the VMs, volumes and images that files say",
              delete_flags, &Delete);
  remove->add_flag("--dry-run", delete_flags->dry_run, "say what would be done, do nothing");
  remove->add_flag("--force", delete_flags->force, "VMs even while they run");
  remove->footer(
      "Examples:\n"
      "  emuctl delete -f vms.yaml --force\n"
      "VMs first, then volumes, with what was written to them, then images. One that is not there "
      "is\nno error. Files that VMs have as disks stay.");
}

}  // namespace emu::client
