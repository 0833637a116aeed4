// Daemons that the user has named: `emuctl context`. A file that only he can read, as it has
// tokens.
#pragma once

#include <map>
#include <string>

#include "client/endpoint.h"

namespace emu::client {

class Contexts {
 public:
  // $XDG_CONFIG_HOME/emuctl/contexts.yaml, or below ~/.config.
  static std::string Path();
  // None if there is no such file; false, and says why, if it can't be read.
  bool Load(std::string& error);
  // Mode 0600, in place of the one there is.
  bool Save(std::string& error) const;

  std::string current;  // empty: none
  std::map<std::string, Endpoint> by_name;
};

// What was said on the command line of where to connect; empty: nothing.
struct Choice {
  std::string address;
  std::string context;
  std::string project;
};

// What `choice` comes to: its address, else its context, else EMUD_ENDPOINT, else the current
// context, else the user's own socket. Beside an address that was given there are EMUD_CA,
// EMUD_TOKEN, EMUD_CERTIFICATE and EMUD_KEY. False, and says why, if there is no such context.
bool Resolve(const Choice& choice, Options& options, std::string& error);

}  // namespace emu::client
