#include "tests/guest/user_mode/user_process.h"

#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "vmm/base/unique_fd.h"

namespace emu::testing {
namespace {

void Require(bool held, const char* what) {
  if (held) return;
  std::fprintf(stderr, "qemu-user: %s\n", what);
  std::abort();
}

void Write(int file, const void* from, size_t bytes) {
  Require(write(file, from, bytes) == static_cast<ssize_t>(bytes), "no room for the blocks");
}
void Read(int file, void* into, size_t bytes) {
  Require(read(file, into, bytes) == static_cast<ssize_t>(bytes), "fewer outcomes than blocks");
}

void RunToItsEnd(std::vector<std::string>& command, int input, int output) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (std::string& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  Require(posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ) == 0,
          "does not start");
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  Require(waitpid(child, &status, 0) == child && status == 0, "the process failed");
}

UserOutcome ReadOutcome(int file, const BatchHeader& header) {
  BatchOutcome entry;
  Read(file, &entry, sizeof(entry));
  UserOutcome outcome = {
      entry.registers, entry.signal, {std::begin(header.initial), std::end(header.initial)}};
  for (uint32_t page = 0; page < kBatchDataPages; ++page) {
    if (header.kinds[page] != kBatchWritable) continue;
    Read(file, outcome.data.data() + page * kBatchPageBytes, kBatchPageBytes);
  }
  return outcome;
}

}  // namespace

std::string QemuUserProgram(const std::string& arch) {
  std::string path;
  FILE* pipe = popen((EMU_SOURCE_DIR "/deploy/fetch-qemu-user " + arch).c_str(), "r");
  if (pipe == nullptr) return path;
  for (int c = fgetc(pipe); c != EOF && c != '\n'; c = fgetc(pipe)) path += static_cast<char>(c);
  return pclose(pipe) == 0 ? path : "";
}

std::vector<UserOutcome> RunUserProcess(std::vector<std::string> command, const BatchHeader& header,
                                        std::span<const BatchBlock> blocks) {
  const UniqueFd input(memfd_create("blocks", MFD_CLOEXEC));
  const UniqueFd output(memfd_create("outcomes", MFD_CLOEXEC));
  Write(input.get(), &header, sizeof(header));
  Write(input.get(), blocks.data(), blocks.size_bytes());
  lseek(input.get(), 0, SEEK_SET);
  RunToItsEnd(command, input.get(), output.get());
  lseek(output.get(), 0, SEEK_SET);
  std::vector<UserOutcome> outcomes;
  outcomes.reserve(blocks.size());
  for (size_t i = 0; i < blocks.size(); ++i) outcomes.push_back(ReadOutcome(output.get(), header));
  return outcomes;
}

}  // namespace emu::testing
