// emuctl cp: files into a guest and out of it, by its agent and its own tar.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "client/commands/commands.h"
#include "client/duration.h"
#include "client/exit_code.h"
#include "client/guest_program.h"
#include "client/raw_terminal.h"
#include "client/tar_stream.h"

namespace emu::client {
namespace {

// One end of a copy: "-" is a tar stream on stdin or stdout.
struct Place {
  std::string vm;  // empty: here
  std::string path;
};

struct Flags {
  std::string from, to, user, wait;
  int64_t agent_timeout_s = 0;
};

Place ToPlace(const std::string& text) {
  const size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0 || text.find('/') < colon) return {"", text};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

// Where a path leads to, and what it is called there. "dir/" and "dir" are the same; "." is its
// folder's contents, under no name.
std::pair<std::string, std::string> Split(const std::string& path) {
  std::filesystem::path whole(path);
  if (!whole.has_filename()) whole = whole.parent_path();
  if (whole == "." || whole == ".." || whole == "/") return {whole.string(), "."};
  const std::string folder = whole.parent_path().string();
  return {folder.empty() ? "." : folder, whole.filename().string()};
}

int Fail(const std::string& message) {
  std::fprintf(stderr, "emuctl: %s\n", message.c_str());
  return kExecFailed;
}

class Copy {
 public:
  Copy(const Flags& flags, const Options& options) : flags_(flags), options_(options) {}

  int Into(std::string source, const Place& target) {
    while (source.size() > 1 && source.ends_with('/')) source.pop_back();
    std::string folder = target.path;
    std::string name;
    if (source != "-") {
      std::error_code ignored;
      if (!std::filesystem::exists(std::filesystem::symlink_status(source, ignored))) {
        return Fail(source + ": there is no such file");
      }
      bool is_folder = false;
      if (const int code = IsFolder(target, is_folder); code != kDone) return code;
      if (is_folder) {
        name = Split(source).second;
      } else {
        std::tie(folder, name) = Split(target.path);
      }
    }
    absl::Status packed;
    ProgramInput input;
    std::thread packer([&] {
      const auto give = [&input](std::string_view bytes) { return input.Put(bytes); };
      packed = source == "-" ? PassOn(give) : PackTar(source, name, give);
      // A stream that breaks off in the middle is one that the guest refuses.
      input.End();
    });
    const int code = Run(target.vm, {"tar", "-x", "-f", "-", "-C", folder}, input, WriteSaid);
    packer.join();
    return code == 0 && !packed.ok() ? Fail(std::string(packed.message())) : code;
  }

  int OutOf(const Place& source, const std::string& target) {
    const auto [folder, name] = Split(source.path);
    ProgramInput input;
    input.End();
    const std::vector<std::string> pack = {"tar", "-c", "-f", "-", "-C", folder, name};
    if (target == "-") return Run(source.vm, pack, input, WriteSaid);

    std::error_code error;
    const bool is_folder = std::filesystem::is_directory(target, error);
    const auto [parent, own_name] = Split(target);
    std::filesystem::current_path(is_folder ? target : parent, error);
    if (error) return Fail((is_folder ? target : parent) + ": " + error.message());
    signal(SIGPIPE, SIG_IGN);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return Fail("there is no pipe to be had");
    absl::Status unpacked;
    std::thread unpacker([&] {
      unpacked = UnpackTar(ends[0], name, is_folder ? name : own_name);
      close(ends[0]);
    });
    const int code = Run(source.vm, pack, input, [&ends](bool is_error, std::string_view bytes) {
      WriteAll(is_error ? STDERR_FILENO : ends[1], bytes);
    });
    close(ends[1]);
    unpacker.join();
    return code == 0 && !unpacked.ok() ? Fail(std::string(unpacked.message())) : code;
  }

 private:
  using Output = std::function<void(bool is_error, std::string_view bytes)>;

  static void WriteSaid(bool is_error, std::string_view bytes) {
    WriteAll(is_error ? STDERR_FILENO : STDOUT_FILENO, bytes);
  }

  static absl::Status PassOn(const std::function<bool(std::string_view)>& give) {
    char bytes[16 << 10];
    ssize_t size;
    while ((size = read(STDIN_FILENO, bytes, sizeof(bytes))) > 0) {
      if (!give({bytes, static_cast<size_t>(size)})) break;
    }
    return absl::OkStatus();
  }

  int Run(const std::string& vm, const std::vector<std::string>& command, ProgramInput& input,
          const Output& output) const {
    GuestProgram program;
    program.vm = vm;
    program.command = command;
    program.user = flags_.user;
    program.agent_timeout_s = flags_.agent_timeout_s;
    ProgramReader reader;
    reader.output = output;
    return RunInGuest(program, options_, input, reader);
  }

  // kDone, or the code of a failure that was told.
  int IsFolder(const Place& place, bool& is_folder) const {
    ProgramInput input;
    input.End();
    const int code = Run(place.vm, {"test", "-d", place.path}, input, WriteSaid);
    is_folder = code == 0;
    if (code == 1 && place.path.ends_with('/'))
      return Fail(place.path + ": there is no such folder");
    return code <= 1 ? kDone : code;
  }

  const Flags& flags_;
  const Options& options_;
};

int CopyFiles(Flags& flags, const Options& options) {
  const Place from = ToPlace(flags.from);
  const Place to = ToPlace(flags.to);
  if (!flags.wait.empty() && !ParseSeconds(flags.wait, flags.agent_timeout_s)) {
    std::fputs("emuctl: --wait: give a time such as 30s or 2m\n", stderr);
    return kUsage;
  }
  if (from.vm.empty() == to.vm.empty() || from.path.empty() || to.path.empty()) {
    std::fputs("emuctl: cp: one of the two is NAME:PATH, the other a path here, or -\n", stderr);
    return kUsage;
  }
  Copy copy(flags, options);
  return from.vm.empty() ? copy.Into(from.path, to) : copy.OutOf(from, to.path);
}

}  // namespace

void AddCopy(CLI::App& parent, Session& session) {
  auto* command =
      parent.add_subcommand("cp", "Copy files into a guest and out of it, by its agent");
  auto flags = std::make_shared<Flags>();
  command->add_option("FROM", flags->from, "a path here, or NAME:PATH; -: a tar stream on stdin")
      ->required();
  command->add_option("TO", flags->to, "NAME:PATH, or a path here; -: a tar stream on stdout")
      ->required();
  command->add_option("-u,--user", flags->user, "who does it in the guest (default root)");
  command->add_option("--wait", flags->wait,
                      "how long to wait for an agent that is not there yet, as 60s or 2m");
  command->footer(
      "Folders with all that is in them. Where TO is a folder it gets FROM under its own name; "
      "else "
      "FROM\n"
      "becomes TO. A path in a guest that begins without / begins in the user's home. The guest "
      "needs "
      "`tar`.\n"
      "Exit code: as `emuctl exec` has it.\n"
      "Examples:\n"
      "  emuctl cp src web1:/root\n"
      "  emuctl cp web1:/var/log/syslog .\n"
      "  git archive HEAD | emuctl cp - web1:/src");
  command->callback([flags, &session] { session.code = CopyFiles(*flags, session.options); });
}

}  // namespace emu::client
