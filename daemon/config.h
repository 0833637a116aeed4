// What emud is told by its command line and its configuration file.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "daemon/server.h"
#include "vmm/base/log.h"

namespace emu::daemon {

struct Config {
  std::string state_dir;    // default: /var/lib/emud, or ~/.local/state/emud
  std::string listen_path;  // default: /run/emud/emud.sock, or $XDG_RUNTIME_DIR/emud/emud.sock
  TlsOptions tls;           // none by default
  std::string
      listen_group;        // may connect, and may everything; default: emud for root, if it exists
  std::string file_root;   // of files that projects may name; default: files in state_dir
  std::string vm_program;  // default: emu-vm beside emud or in ../libexec/emud
  std::string image_builder;  // empty: images are not built here
  std::string agents;         // a folder with ARCH/emu-agent; empty: what is built has none
  bool require_sandbox = false;
  std::string metrics_listen;  // unix:PATH or HOST:PORT of the loopback; empty: nowhere
  LogLevel log_level = LogLevel::kInfo;
  bool leave = false;  // --help, --version or --check-config has been answered
};

// Flags win over the file, the file over defaults.
absl::StatusOr<Config> ReadConfig(int argc, char** argv);

}  // namespace emu::daemon
