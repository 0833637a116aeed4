// The instruction tests (*.s here), by name.
#pragma once

namespace emu::testing {

inline constexpr const char* kInstructionPrograms[] = {
    "a",    "c",   "d",   "f",     "m",      "rv64i", "system",   "zba", "zbb", "zbc", "zbkb",
    "zbkx", "zbs", "zcb", "zicbo", "zicond", "zicsr", "zifencei", "zfa", "zfh", "zkn", "zks"};

}  // namespace emu::testing
