// What a VM is, as command lines say it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "client/cloud_init.h"
#include "emud/v1/vm.pb.h"

namespace emu::client {

struct VmFlags {
  std::string arch, memory, image, kernel, initrd, append, firmware, flash, net;
  uint32_t cpus = 0;
  uint32_t code_cache_mib = 0;
  uint32_t gic_version = 0;
  std::vector<std::string> disks, forwards;
  CloudInitFlags cloud_init;
};

// Their options; `flags` outlives the command.
void AddVmFlags(CLI::App& command, VmFlags& flags);

// Puts into `spec` what the flags say, over what it says already; paths become absolute. False, and
// `error` says what is wrong.
bool SetVmFlags(const VmFlags& flags, emud::v1::VmSpec& spec, std::string& error);

}  // namespace emu::client
