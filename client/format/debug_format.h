// What the debug commands show, for people.
#pragma once

#include <cstdint>
#include <string>

#include "emud/v1/debug.pb.h"

namespace emu::client {

// Names and values, four in a row, processor by processor.
std::string RegisterTables(const emud::v1::ReadRegistersResponse& registers);
// 16 bytes in a row: address, hexadecimal, characters.
std::string HexDump(uint64_t address, const std::string& data);
std::string DeviceTrees(const emud::v1::ReadDevicesResponse& devices);
std::string StatsTables(const emud::v1::VmStats& stats);

}  // namespace emu::client
