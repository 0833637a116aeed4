// emuctl run: a command in a VM of its own, which is gone afterwards.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/commands/commands.h"
#include "client/duration.h"
#include "client/exit_code.h"
#include "client/guest_copy.h"
#include "client/guest_terminal.h"
#include "client/sandbox.h"
#include "client/vm_flags.h"

namespace emu::client {
namespace {

struct Flags {
  VmFlags vm;
  GuestProgram program;
  std::string snapshot, pool;
  std::string timeout = "10m";
  std::vector<std::string> uploads, artifacts;
  bool keep_on_failure = false;
  std::vector<const CLI::Option*> machine;  // those that say what the VM is
};

using Pair = std::pair<std::string, std::string>;

int Usage(const std::string& message) {
  std::fprintf(stderr, "emuctl: %s\n", message.c_str());
  return kUsage;
}

// Both sides of `separator`, or false.
bool Split(const std::string& text, char separator, Pair& pair) {
  const size_t at = text.rfind(separator);
  if (at == std::string::npos || at == 0 || at + 1 == text.size()) return false;
  pair = {text.substr(0, at), text.substr(at + 1)};
  return true;
}

class Running {
 public:
  Running(const Flags& flags, const Options& options, int64_t timeout_s)
      : flags_(flags), options_(options), sandbox_(options, std::chrono::seconds(timeout_s)) {
    program_ = flags.program;
    program_.vm = sandbox_.name();
    program_.agent_timeout_s = timeout_s;
    reader_ = PrintingReader();
    reader_.is_cancelled = [this] { return sandbox_.ended_by() != 0; };
  }

  int Run(emud::v1::CreateVmRequest create, const std::vector<Pair>& uploads,
          const std::vector<Pair>& artifacts) {
    const grpc::Status started =
        flags_.pool.empty() ? sandbox_.Start(std::move(create)) : sandbox_.Acquire(flags_.pool);
    if (!started.ok()) {
      if (sandbox_.ended_by() == 0) Report(started, options_.endpoint);
      return End(kExecFailed);
    }
    GuestCopy copy({program_.vm, program_.user, program_.agent_timeout_s, reader_.is_cancelled},
                   options_);
    for (const auto& [from, to] : uploads) {
      if (copy.Into(from, to) != kDone) return End(kExecFailed);
    }
    int code = RunAtTerminal(program_, options_, reader_);
    for (const auto& [from, to] : artifacts) {
      if (sandbox_.ended_by() == 0 && copy.OutOf(from, to) != kDone && code == kDone) {
        code = kExecFailed;
      }
    }
    return End(code);
  }

 private:
  int End(int code) {
    if (const int ended_by = sandbox_.ended_by(); ended_by != 0) {
      if (ended_by < 128) {
        std::fprintf(stderr, "emuctl: the command has had its %s; see --timeout\n",
                     flags_.timeout.c_str());
      }
      return ended_by;
    }
    if (code != kDone && flags_.keep_on_failure && sandbox_.Keep().ok()) {
      std::fprintf(stderr, "emuctl: %s is kept; emuctl vm rm --force %s\n", program_.vm.c_str(),
                   program_.vm.c_str());
    }
    return code;
  }

  const Flags& flags_;
  const Options& options_;
  Sandbox sandbox_;
  GuestProgram program_;
  ProgramReader reader_;
};

int RunCommand(const Flags& flags, const Options& options) {
  int64_t timeout_s = 0;
  if (!ParseSeconds(flags.timeout, timeout_s)) return Usage("--timeout: give 90s, 20m or 2h");
  if (!CheckProgramFlags(flags.program)) return kUsage;
  emud::v1::CreateVmRequest create;
  create.set_source_snapshot(flags.snapshot);
  std::string error;
  if (!SetVmFlags(flags.vm, *create.mutable_spec(), error)) return Usage(error);
  for (const CLI::Option* option : flags.machine) {
    if (flags.pool.empty() || option->count() == 0) continue;
    return Usage("--pool: what its VMs are is the pool's; leave out " + option->get_name());
  }
  std::vector<Pair> uploads(flags.uploads.size()), artifacts(flags.artifacts.size());
  for (size_t i = 0; i < uploads.size(); ++i) {
    if (!Split(flags.uploads[i], ':', uploads[i])) return Usage("--upload: give FILE:PATH");
  }
  for (size_t i = 0; i < artifacts.size(); ++i) {
    if (!Split(flags.artifacts[i], '=', artifacts[i])) return Usage("--artifact: give PATH=FOLDER");
    std::string& folder = artifacts[i].second;
    std::error_code failed;
    folder = std::filesystem::absolute(folder).string();
    std::filesystem::create_directories(folder, failed);
    if (failed) return Usage(folder + ": " + failed.message());
  }
  return Running(flags, options, timeout_s).Run(std::move(create), uploads, artifacts);
}

}  // namespace

void AddRun(CLI::App& parent, Session& session) {
  auto* command =
      parent.add_subcommand("run", "Run a command in a VM of its own, which is gone afterwards");
  auto flags = std::make_shared<Flags>();
  command->add_option("COMMAND", flags->program.command, "the program and its arguments, behind --")
      ->required();
  AddVmFlags(*command, flags->vm);
  command
      ->add_option("--snapshot", flags->snapshot,
                   "in a VM that goes on where this snapshot was, rather than in one that boots")
      ->type_name("SNAPSHOT");
  const auto says_what_it_is = [](const CLI::Option* option) { return !option->get_positional(); };
  for (const CLI::Option* option : command->get_options(says_what_it_is)) {
    flags->machine.push_back(option);
  }
  command
      ->add_option("--pool", flags->pool, "in a VM that waits in this pool, which is the fastest")
      ->type_name("POOL");
  command->add_option("--timeout", flags->timeout, "how long all of it may take (default 10m)");
  command
      ->add_option("--upload", flags->uploads,
                   "FILE:PATH: a file or a folder into the guest, before; may be repeated")
      ->allow_extra_args(false);
  command
      ->add_option(
          "--artifact", flags->artifacts,
          "PATH=FOLDER: a file or a folder of the guest's into one here, afterwards; may be "
          "repeated")
      ->allow_extra_args(false);
  command->add_flag("--keep-on-failure", flags->keep_on_failure,
                    "leave the VM there if the command fails");
  AddProgramFlags(*command, flags->program);
  command->footer(
      "The guest needs emu-agent, which the images of `emuctl image pull` have. The VM lives on a\n"
      "lease of two minutes: it is gone, with its disks, when emuctl or the daemon are killed, "
      "too.\n"
      "Exit code: the command's, 128 + n if signal n has ended it or emuctl; 124 when the time is\n"
      "over, 125 where emuctl or the daemon failed, 126 if the command could not be started, 127 "
      "if\n"
      "there is none.\n"
      "Examples:\n"
      "  emuctl run --image debian:13/riscv64 -- uname -a\n"
      "  emuctl run --image ci --upload src:/src -w /src --artifact out/app=dist -- make\n"
      "  emuctl run --snapshot warm -- make -C /src check\n"
      "  emuctl run --pool ci -- make -C /src check\n"
      "  emuctl run --kernel linux --initrd initrd.gz -it -- sh");
  command->callback([flags, &session] { session.code = RunCommand(*flags, session.options); });
}

}  // namespace emu::client
