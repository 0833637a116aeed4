#include "client/guest_copy.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <system_error>
#include <thread>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "client/exit_code.h"
#include "client/guest_program.h"
#include "client/raw_terminal.h"
#include "client/tar_stream.h"

namespace emu::client {
namespace {

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

void WriteSaid(bool is_error, std::string_view bytes) {
  WriteAll(is_error ? STDERR_FILENO : STDOUT_FILENO, bytes);
}

absl::Status PassOn(const std::function<bool(std::string_view)>& give) {
  char bytes[16 << 10];
  ssize_t size;
  while ((size = read(STDIN_FILENO, bytes, sizeof(bytes))) > 0) {
    if (!give({bytes, static_cast<size_t>(size)})) break;
  }
  return absl::OkStatus();
}

}  // namespace

int GuestCopy::Into(std::string source, const std::string& target) {
  while (source.size() > 1 && source.ends_with('/')) source.pop_back();
  std::string folder = target;
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
      std::tie(folder, name) = Split(target);
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
  const int code = Run({"tar", "-x", "-f", "-", "-C", folder}, input, WriteSaid);
  packer.join();
  return code == 0 && !packed.ok() ? Fail(std::string(packed.message())) : code;
}

int GuestCopy::OutOf(const std::string& source, const std::string& target) {
  const auto [folder, name] = Split(source);
  ProgramInput input;
  input.End();
  const std::vector<std::string> pack = {"tar", "-c", "-f", "-", "-C", folder, name};
  if (target == "-") return Run(pack, input, WriteSaid);

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
  const int code = Run(pack, input, [&ends](bool is_error, std::string_view bytes) {
    WriteAll(is_error ? STDERR_FILENO : ends[1], bytes);
  });
  close(ends[1]);
  unpacker.join();
  return code == 0 && !unpacked.ok() ? Fail(std::string(unpacked.message())) : code;
}

int GuestCopy::Run(const std::vector<std::string>& command, ProgramInput& input,
                   const Output& output) const {
  GuestProgram program;
  program.vm = guest_.vm;
  program.command = command;
  program.user = guest_.user;
  program.agent_timeout_s = guest_.agent_timeout_s;
  ProgramReader reader;
  reader.output = output;
  reader.is_cancelled = guest_.is_cancelled;
  return RunInGuest(program, options_, input, reader);
}

// kDone, or the code of a failure that was told.
int GuestCopy::IsFolder(const std::string& path, bool& is_folder) const {
  ProgramInput input;
  input.End();
  const int code = Run({"test", "-d", path}, input, WriteSaid);
  is_folder = code == 0;
  if (code == 1 && path.ends_with('/')) return Fail(path + ": there is no such folder");
  return code <= 1 ? kDone : code;
}

}  // namespace emu::client
