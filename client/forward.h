// Forwards as people write them: tcp:8080:80, udp:0.0.0.0:0:53.
#pragma once

#include <string>

#include "emud/v1/vm.pb.h"

namespace emu::client {

// PROTOCOL:[ADDRESS:]HOST_PORT:GUEST_PORT. False, and `error` says what is wrong.
bool ParseForward(const std::string& text, emud::v1::Forward& forward, std::string& error);
std::string ForwardText(const emud::v1::Forward& forward);
// Of a VM's, one on each line: where it leads from, if it is open, and to.
std::string ForwardTable(const emud::v1::Vm& vm);

}  // namespace emu::client
