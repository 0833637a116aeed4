// The guest as a whole.
#pragma once

#include <cstdint>
#include <string>

namespace emu::agent {

// Of a text file; empty if there is none.
std::string FirstWordOf(const std::string& path);

// Lines of NAME=value: what /etc/os-release says, and AGENT_VERSION, HOSTNAME, KERNEL, MACHINE,
// BOOT_ID, UPTIME_SECONDS.
std::string DescribeSystem();

// These return an errno or 0.
int SetTime(uint64_t since_1970_ns);
// All that lie on a disk; what was frozen before one that can't be is thawed again.
int FreezeFileSystems(bool is_to_freeze);

}  // namespace emu::agent
