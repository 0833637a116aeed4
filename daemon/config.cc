#include "daemon/config.h"

#include <grp.h>
#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "client/reference/command_table.h"
#include "client/reference/man_page.h"
#include "daemon/metrics/metrics_server.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

std::string Environment(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

// The first that is there, from this program's folder on; empty if none is.
std::string FindFrom(std::initializer_list<const char*> paths) {
  std::error_code ignored;
  const std::filesystem::path here =
      std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const char* path : paths) {
    if (std::filesystem::exists(here / path, ignored)) {
      return std::filesystem::canonical(here / path, ignored).string();
    }
  }
  return "";
}

void SetDefaults(Config& config) {
  if (geteuid() == 0) {
    config.state_dir = "/var/lib/emud";
    config.listen_path = "/run/emud/emud.sock";
    if (getgrnam("emud") != nullptr) config.listen_group = "emud";
  } else {
    config.state_dir =
        Environment("XDG_STATE_HOME", Environment("HOME", "/tmp") + "/.local/state") + "/emud";
    config.listen_path =
        Environment("XDG_RUNTIME_DIR", absl::StrCat("/run/user/", geteuid())) + "/emud/emud.sock";
  }
  // Installed side by side, installed by the package, or in the build folder.
  config.vm_program = FindFrom({"emu-vm", "../libexec/emud/emu-vm", "../vmm/process/emu-vm"});
  config.image_builder =
      FindFrom({"image_builder/build-image", "../libexec/emud/image_builder/build-image"});
  config.agents = FindFrom({"agent/guest", "../lib/emud/agent"});
}

absl::Status SetListen(const std::string& value, Config& config) {
  absl::string_view path = value;
  if (!absl::ConsumePrefix(&path, "unix:") || path.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("listen: ", value, ": give unix:PATH"));
  }
  config.listen_path = std::string(path);
  return absl::OkStatus();
}

absl::Status SetListenTls(const std::string& value, Config& config) {
  const size_t colon = value.rfind(':');
  uint32_t port = 0;
  if (!value.empty() && (colon == std::string::npos || colon == 0 ||
                         !absl::SimpleAtoi(value.substr(colon + 1), &port) || port > 65535)) {
    return absl::InvalidArgumentError(
        absl::StrCat("listenTls: ", value, ": give HOST:PORT, like 0.0.0.0:7443"));
  }
  config.tls.address = value;
  return absl::OkStatus();
}

// --listen: either of them. There is no port without TLS.
absl::Status SetListener(const std::string& value, Config& config) {
  absl::string_view address = value;
  if (absl::ConsumePrefix(&address, "tls:")) return SetListenTls(std::string(address), config);
  if (absl::StartsWith(value, "unix:")) return SetListen(value, config);
  return absl::InvalidArgumentError(
      absl::StrCat("listen: ", value, ": give unix:PATH or tls:HOST:PORT"));
}

absl::Status SetMetricsListen(const std::string& value, Config& config) {
  RETURN_IF_ERROR(CheckMetricsAddress(value));
  config.metrics_listen = value;
  return absl::OkStatus();
}

constexpr std::pair<std::string_view, LogLevel> kLogLevels[] = {{"debug", LogLevel::kDebug},
                                                                {"info", LogLevel::kInfo},
                                                                {"warning", LogLevel::kWarning},
                                                                {"error", LogLevel::kError}};

absl::Status SetLogLevel(const std::string& value, Config& config) {
  for (const auto& [name, level] : kLogLevels) {
    if (name != value) continue;
    config.log_level = level;
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("logLevel: ", value, ": give debug, info, warning or error"));
}

template <std::string Config::*kMember>
absl::Status SetText(const std::string& value, Config& config) {
  config.*kMember = value;
  return absl::OkStatus();
}

template <std::string TlsOptions::*kMember>
absl::Status SetTlsText(const std::string& value, Config& config) {
  config.tls.*kMember = value;
  return absl::OkStatus();
}

template <std::string TlsOptions::*kMember>
std::string TlsText(const Config& config) {
  return config.tls.*kMember;
}

template <std::string Config::*kMember>
std::string Text(const Config& config) {
  return config.*kMember;
}

absl::Status SetRequireSandbox(const std::string& value, Config& config) {
  if (value != "true" && value != "false") {
    return absl::InvalidArgumentError(
        absl::StrCat("requireSandbox: ", value, ": give true or false"));
  }
  config.require_sandbox = value == "true";
  return absl::OkStatus();
}

// What may stand in the file. Each key is explained in deploy/emud.yaml.
struct FileKey {
  std::string_view name;
  absl::Status (*set)(const std::string& value, Config& config);
  std::string (*get)(const Config& config);
};
constexpr FileKey kFileKeys[] = {
    {"stateDir", SetText<&Config::state_dir>, Text<&Config::state_dir>},
    {"listen", SetListen, [](const Config& config) { return "unix:" + config.listen_path; }},
    {"listenTls", SetListenTls, TlsText<&TlsOptions::address>},
    {"tlsCertificate", SetTlsText<&TlsOptions::certificate>, TlsText<&TlsOptions::certificate>},
    {"tlsKey", SetTlsText<&TlsOptions::key>, TlsText<&TlsOptions::key>},
    {"tlsClientCa", SetTlsText<&TlsOptions::client_ca>, TlsText<&TlsOptions::client_ca>},
    {"listenGroup", SetText<&Config::listen_group>, Text<&Config::listen_group>},
    {"fileRoot", SetText<&Config::file_root>, Text<&Config::file_root>},
    {"vmProgram", SetText<&Config::vm_program>, Text<&Config::vm_program>},
    {"imageBuilder", SetText<&Config::image_builder>, Text<&Config::image_builder>},
    {"agents", SetText<&Config::agents>, Text<&Config::agents>},
    {"requireSandbox", SetRequireSandbox,
     [](const Config& config) { return std::string(config.require_sandbox ? "true" : "false"); }},
    {"metricsListen", SetMetricsListen, Text<&Config::metrics_listen>},
    {"logLevel", SetLogLevel,
     [](const Config& config) {
       return std::string(kLogLevels[static_cast<size_t>(config.log_level)].first);
     }},
};

std::string KnownKeys() {
  return absl::StrJoin(kFileKeys, ", ",
                       [](std::string* out, const FileKey& key) { out->append(key.name); });
}

absl::Status ApplyFile(const std::string& path, Config& config) {
  if (access(path.c_str(), R_OK) != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("--config ", path, ": ", std::strerror(errno), "; check the path"));
  }
  try {
    const YAML::Node root = YAML::LoadFile(path);
    for (const auto& pair : root) {
      const std::string name = pair.first.as<std::string>();
      const std::string where = absl::StrCat(path, ":", pair.first.Mark().line + 1, ": ");
      const auto* key = std::ranges::find(kFileKeys, name, &FileKey::name);
      if (key == std::end(kFileKeys)) {
        return absl::InvalidArgumentError(
            absl::StrCat(where, name, " is not known; there are ", KnownKeys()));
      }
      if (const absl::Status status = key->set(pair.second.as<std::string>(), config);
          !status.ok()) {
        return absl::InvalidArgumentError(absl::StrCat(where, status.message()));
      }
    }
    return absl::OkStatus();
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", error.what()));
  }
}

// As the file would have to say it.
void Print(const Config& config) {
  YAML::Emitter out;
  out << YAML::BeginMap;
  for (const FileKey& key : kFileKeys) {
    out << YAML::Key << std::string(key.name) << YAML::Value << key.get(config);
  }
  out << YAML::EndMap;
  std::cout << out.c_str() << "\n";
}

}  // namespace

absl::StatusOr<Config> ReadConfig(int argc, char** argv) {
  Config config;
  SetDefaults(config);
  std::string file;
  std::string state_dir;
  std::vector<std::string> listeners;
  TlsOptions tls;
  std::string vm_program;
  std::string metrics_listen;
  bool verbose = false;
  bool only_checks = false;
  bool prints_man_page = false;
  CLI::App app(
      "emud: serves virtual machines over gRPC. Runs in the foreground; SIGTERM stops it "
      "and leaves its VMs running for the next one.",
      "emud");
  app.set_version_flag("--version", "emud " EMU_VERSION);
  app.add_option("--config", file, "YAML file: " + KnownKeys());
  app.add_option("--state-dir", state_dir, "where VMs are kept (default " + config.state_dir + ")");
  app.add_option("--listen", listeners,
                 "unix:PATH (default unix:" + config.listen_path +
                     "), and beside it tls:HOST:PORT; may be repeated")
      ->allow_extra_args(false);
  app.add_option("--tls-certificate", tls.certificate, "PEM file, for tls:HOST:PORT");
  app.add_option("--tls-key", tls.key, "PEM file of the certificate's key");
  app.add_option("--tls-client-ca", tls.client_ca,
                 "PEM file: clients may show its certificates instead of a token");
  app.add_option("--emu-vm", vm_program, "the VM program (default: beside emud)");
  app.add_option("--metrics-listen", metrics_listen,
                 "where Prometheus finds /metrics: unix:PATH, or HOST:PORT of the loopback "
                 "(default nowhere)");
  app.add_flag("--verbose", verbose, "log more: logLevel debug");
  app.add_flag("--man", prints_man_page, "print the manual page, emud(8), and leave");
  app.add_flag("--check-config", only_checks,
               "say what is configured, or what is wrong with it, and leave");
  app.footer(
      "Examples:\n"
      "  emud --state-dir /tmp/emud --listen unix:/tmp/emud.sock\n"
      "  emud --config /etc/emud/emud.yaml --check-config\n"
      "  emud --listen tls:0.0.0.0:7443 --tls-certificate cert.pem --tls-key key.pem\n"
      "  emud --metrics-listen 127.0.0.1:9464\n"
      "SIGHUP has the log level and the certificates read again; a service manager is told that "
      "emud is ready, and "
      "that\n"
      "it lives (NOTIFY_SOCKET, WATCHDOG_USEC), and may pass the socket to listen at "
      "(LISTEN_FDS).");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) return absl::InvalidArgumentError(error.what());
    app.exit(error);
    config.leave = true;
    return config;
  }
  if (prints_man_page) {
    std::cout << client::ManPageOfProgram(client::DescribeCommands(app), "serves virtual machines",
                                          EMU_VERSION);
    config.leave = true;
    return config;
  }
  if (!file.empty()) RETURN_IF_ERROR(ApplyFile(file, config));
  if (!state_dir.empty()) config.state_dir = state_dir;
  for (const std::string& listener : listeners) RETURN_IF_ERROR(SetListener(listener, config));
  if (!tls.certificate.empty()) config.tls.certificate = tls.certificate;
  if (!tls.key.empty()) config.tls.key = tls.key;
  if (!tls.client_ca.empty()) config.tls.client_ca = tls.client_ca;
  RETURN_IF_ERROR(CheckTls(config.tls));
  if (!vm_program.empty()) config.vm_program = vm_program;
  if (!metrics_listen.empty()) RETURN_IF_ERROR(SetMetricsListen(metrics_listen, config));
  if (verbose) config.log_level = LogLevel::kDebug;
  if (config.vm_program.empty() || access(config.vm_program.c_str(), X_OK) != 0) {
    return absl::NotFoundError("emu-vm is not found beside emud: give --emu-vm PATH");
  }
  std::error_code ignored;
  config.state_dir = std::filesystem::absolute(config.state_dir, ignored).string();
  if (config.file_root.empty()) config.file_root = config.state_dir + "/files";
  if (!config.listen_group.empty() && getgrnam(config.listen_group.c_str()) == nullptr) {
    return absl::NotFoundError(absl::StrCat("listenGroup: there is no group ", config.listen_group,
                                            "; add it (addgroup --system) or name another"));
  }
  if (only_checks) {
    Print(config);
    config.leave = true;
  }
  return config;
}

}  // namespace emu::daemon
