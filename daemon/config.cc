#include "daemon/config.h"

#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

std::string Environment(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

void SetDefaults(Config& config) {
  if (geteuid() == 0) {
    config.state_dir = "/var/lib/emud";
    config.listen_path = "/run/emud/emud.sock";
  } else {
    config.state_dir =
        Environment("XDG_STATE_HOME", Environment("HOME", "/tmp") + "/.local/state") + "/emud";
    config.listen_path =
        Environment("XDG_RUNTIME_DIR", absl::StrCat("/run/user/", geteuid())) + "/emud/emud.sock";
  }
  std::error_code ignored;
  const std::filesystem::path here =
      std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  // Installed side by side, installed by the package, or in the build folder.
  for (const char* relative : {"emu-vm", "../libexec/emud/emu-vm", "../vmm/process/emu-vm"}) {
    const std::filesystem::path candidate = here / relative;
    if (std::filesystem::is_regular_file(candidate, ignored)) {
      config.vm_program = std::filesystem::canonical(candidate, ignored).string();
      return;
    }
  }
}

absl::Status SetListen(const std::string& value, Config& config) {
  absl::string_view path = value;
  if (!absl::ConsumePrefix(&path, "unix:") || path.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("listen: ", value, ": give unix:PATH"));
  }
  config.listen_path = std::string(path);
  return absl::OkStatus();
}

absl::Status ApplyFile(const std::string& path, Config& config) {
  if (access(path.c_str(), R_OK) != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("--config ", path, ": ", std::strerror(errno), "; check the path"));
  }
  try {
    const YAML::Node root = YAML::LoadFile(path);
    for (const auto& pair : root) {
      const std::string key = pair.first.as<std::string>();
      const std::string value = pair.second.as<std::string>();
      if (key == "stateDir") {
        config.state_dir = value;
      } else if (key == "listen") {
        RETURN_IF_ERROR(SetListen(value, config));
      } else if (key == "vmProgram") {
        config.vm_program = value;
      } else {
        return absl::InvalidArgumentError(absl::StrCat(path, ":", pair.first.Mark().line + 1, ": ",
                                                       key,
                                                       " is not known; there are stateDir, "
                                                       "listen and vmProgram"));
      }
    }
    return absl::OkStatus();
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", error.what()));
  }
}

}  // namespace

absl::StatusOr<Config> ReadConfig(int argc, char** argv) {
  Config config;
  SetDefaults(config);
  std::string file;
  std::string state_dir;
  std::string listen;
  std::string vm_program;
  CLI::App app(
      "emud: serves virtual machines over gRPC. Runs in the foreground; SIGTERM stops it "
      "and leaves its VMs running for the next one.");
  app.set_version_flag("--version", "emud " EMU_VERSION);
  app.add_option("--config", file, "YAML file: stateDir, listen, vmProgram");
  app.add_option("--state-dir", state_dir, "where VMs are kept (default " + config.state_dir + ")");
  app.add_option("--listen", listen, "unix:PATH (default unix:" + config.listen_path + ")");
  app.add_option("--emu-vm", vm_program, "the VM program (default: beside emud)");
  app.add_flag("--verbose", config.verbose, "log more");
  app.footer(
      "Examples:\n"
      "  emud --state-dir /tmp/emud --listen unix:/tmp/emud.sock\n"
      "  emud --config /etc/emud/emud.yaml --verbose");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) return absl::InvalidArgumentError(error.what());
    app.exit(error);
    config.leave = true;
    return config;
  }
  if (!file.empty()) RETURN_IF_ERROR(ApplyFile(file, config));
  if (!state_dir.empty()) config.state_dir = state_dir;
  if (!listen.empty()) RETURN_IF_ERROR(SetListen(listen, config));
  if (!vm_program.empty()) config.vm_program = vm_program;
  if (config.vm_program.empty() || access(config.vm_program.c_str(), X_OK) != 0) {
    return absl::NotFoundError("emu-vm is not found beside emud: give --emu-vm PATH");
  }
  std::error_code ignored;
  config.state_dir = std::filesystem::absolute(config.state_dir, ignored).string();
  return config;
}

}  // namespace emu::daemon
