// project create, list, get, update and rm.
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/commands/commands.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "client/size.h"
#include "emud/v1/access.grpc.pb.h"

namespace emu::client {
namespace {

using emud::v1::AccessService;
using emud::v1::Project;
using emud::v1::Quota;

// What was typed; -1 and empty are nothing.
struct Flags {
  std::string name;
  std::string description;
  int64_t vms = -1;
  int64_t cpus = -1;
  std::string memory;
  std::string disk;
};

std::string Share(uint64_t used, uint64_t limit, const char* unit) {
  return std::to_string(used) + unit + "/" + (limit == 0 ? "-" : std::to_string(limit) + unit);
}

std::string ProjectTable(const std::vector<Project>& projects) {
  std::vector<std::vector<std::string>> rows;
  for (const Project& project : projects) {
    const Quota& quota = project.quota();
    const Quota& usage = project.usage();
    rows.push_back({project.name(), Share(usage.vms(), quota.vms(), ""),
                    Share(usage.cpus(), quota.cpus(), ""),
                    Share(usage.memory_mib(), quota.memory_mib(), "M"),
                    Share(usage.disk_mib(), quota.disk_mib(), "M"), project.description()});
  }
  return ToTable({"NAME", "VMS", "CPUS", "MEMORY", "DISK", "DESCRIPTION"}, rows);
}

// False, and said why, if a size is none. The mask names what was typed.
bool BuildUpdate(const Flags& flags, emud::v1::UpdateProjectRequest& request) {
  Project& project = *request.mutable_project();
  project.set_name(flags.name);
  google::protobuf::FieldMask& mask = *request.mutable_update_mask();
  Quota& quota = *project.mutable_quota();
  if (!flags.description.empty()) {
    project.set_description(flags.description);
    mask.add_paths("description");
  }
  if (flags.vms >= 0) {
    quota.set_vms(static_cast<uint32_t>(flags.vms));
    mask.add_paths("quota.vms");
  }
  if (flags.cpus >= 0) {
    quota.set_cpus(static_cast<uint32_t>(flags.cpus));
    mask.add_paths("quota.cpus");
  }
  for (const auto& [text, field] : {std::pair(flags.memory, "memory"), {flags.disk, "disk"}}) {
    uint64_t mib = 0;
    if (text.empty()) continue;
    if (text != "0" && !ParseMib(text, mib)) {
      std::fprintf(stderr, "emuctl: --%s %s: give a size like 512M or 2G, or 0 for no limit\n",
                   field, text.c_str());
      return false;
    }
    const std::string name = field + std::string("_mib");
    name == "memory_mib" ? quota.set_memory_mib(mib) : quota.set_disk_mib(mib);
    mask.add_paths("quota." + name);
  }
  return true;
}

int Answer(const grpc::Status& status, const Project& project, const Options& options) {
  if (status.ok()) Print(options.output, project, ProjectTable(std::vector<Project>{project}));
  return Report(status, options.endpoint);
}

int Create(const Flags& flags, const Options& options) {
  emud::v1::UpdateProjectRequest update;
  if (!BuildUpdate(flags, update)) return kUsage;
  emud::v1::CreateProjectRequest request;
  *request.mutable_project() = update.project();
  grpc::ClientContext context;
  Project project;
  const auto stub = AccessService::NewStub(Connect(options));
  return Answer(stub->CreateProject(&context, request, &project), project, options);
}

int Update(const Flags& flags, const Options& options) {
  emud::v1::UpdateProjectRequest request;
  if (!BuildUpdate(flags, request)) return kUsage;
  if (request.update_mask().paths().empty()) {
    std::fprintf(stderr,
                 "emuctl: there is nothing to change; give --vms, --cpus, --memory, --disk "
                 "or --description\n");
    return kUsage;
  }
  grpc::ClientContext context;
  Project project;
  const auto stub = AccessService::NewStub(Connect(options));
  return Answer(stub->UpdateProject(&context, request, &project), project, options);
}

int Get(const Flags& flags, const Options& options) {
  emud::v1::GetProjectRequest request;
  request.set_name(flags.name);
  grpc::ClientContext context;
  Project project;
  const auto stub = AccessService::NewStub(Connect(options));
  return Answer(stub->GetProject(&context, request, &project), project, options);
}

int List(const Options& options) {
  grpc::ClientContext context;
  emud::v1::ListProjectsResponse response;
  const auto stub = AccessService::NewStub(Connect(options));
  if (const auto status = stub->ListProjects(&context, {}, &response); !status.ok()) {
    return Report(status, options.endpoint);
  }
  Print(options.output, response,
        ProjectTable({response.projects().begin(), response.projects().end()}));
  return kDone;
}

int Remove(const Flags& flags, const Options& options) {
  emud::v1::DeleteProjectRequest request;
  request.set_name(flags.name);
  grpc::ClientContext context;
  google::protobuf::Empty nothing;
  const auto stub = AccessService::NewStub(Connect(options));
  const int code = Report(stub->DeleteProject(&context, request, &nothing), options.endpoint);
  if (code == kDone) Print(options.output, nothing, "");
  return code;
}

CLI::App* AddVerb(CLI::App& parent, const char* verb, const char* help,
                  const std::shared_ptr<Flags>& flags) {
  auto* command = parent.add_subcommand(verb, help);
  command->add_option("PROJECT", flags->name, "its name: a-z, 0-9 and -, beginning with a letter")
      ->required();
  return command;
}

void AddLimits(CLI::App& command, const std::shared_ptr<Flags>& flags) {
  command.add_option("--description", flags->description, "what it is for");
  command.add_option("--vms", flags->vms, "how many VMs it may have (0: no limit)")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--cpus", flags->cpus, "how many processors together (0: no limit)")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--memory", flags->memory, "how much RAM, like 8G (0: no limit)");
  command.add_option("--disk", flags->disk, "how much in disks, like 100G (0: no limit)");
}

}  // namespace

void AddProject(CLI::App& parent, Session& session) {
  auto* project = parent.add_subcommand("project", "Who shares VMs, and how much they may have");
  project->require_subcommand(1);
  project->footer(
      "Examples:\n"
      "  emuctl project create lab --vms 10 --cpus 16 --memory 8G\n"
      "  emuctl --project lab vm create web1 --kernel linux\n"
      "  emuctl project list");
  auto flags = std::make_shared<Flags>();
  auto* create = AddVerb(*project, "create", "Make a project", flags);
  AddLimits(*create, flags);
  create->footer(
      "Example:\n  emuctl project create lab --vms 10 --cpus 16 --memory 8G --disk 100G");
  create->callback([flags, &session] { session.code = Create(*flags, session.options); });
  auto* list = project->add_subcommand("list", "Show projects, and what their VMs take");
  list->footer("Example:\n  emuctl project list -o yaml");
  list->callback([&session] { session.code = List(session.options); });
  auto* get = AddVerb(*project, "get", "Show one project", flags);
  get->footer("Example:\n  emuctl project get lab -o yaml");
  get->callback([flags, &session] { session.code = Get(*flags, session.options); });
  auto* update = AddVerb(*project, "update", "Change what a project may have", flags);
  AddLimits(*update, flags);
  update->footer(
      "Example:\n  emuctl project update lab --vms 20\n"
      "VMs that are there stay, also where a limit is below what they take.");
  update->callback([flags, &session] { session.code = Update(*flags, session.options); });
  auto* remove =
      AddVerb(*project, "rm", "Delete a project without VMs, its roles and tokens", flags);
  remove->footer("Example:\n  emuctl project rm lab");
  remove->callback([flags, &session] { session.code = Remove(*flags, session.options); });
  for (CLI::App* command : project->get_subcommands({})) command->fallthrough();
}

}  // namespace emu::client
