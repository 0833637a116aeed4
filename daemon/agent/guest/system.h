// The guest as a whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
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

// The kernel's, for all that ask from now on: random(4).
int ReseedRandomNumbers(std::span<const std::byte> seed);

// Runs kCloneHook, if there is one, with EMU_GENERATION_ID and EMU_VM_NAME, and waits for it, for
// five seconds at most: what is asked of the agent next finds the guest as the hook leaves it.
inline constexpr char kCloneHook[] = "/etc/emu-agent/on-clone";
void RunCloneHook(const std::string& generation, const std::string& vm_name);

}  // namespace emu::agent
