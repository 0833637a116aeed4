// The finisher of SiFive's test bench: QEMU hw/misc/sifive_test, Linux binding "sifive,test0".
#pragma once

#include "devices/core/register_spec.h"

namespace emu::sifive_test {

inline constexpr uint64_t kMmioSize = 0x1000;

enum class Reg : uint32_t { kFinisher };

inline constexpr RegisterSpec kRegisters[] = {
    {static_cast<uint32_t>(Reg::kFinisher), "FINISHER", 0, 4, 2},
};
static_assert(RegistersAreDisjoint(kRegisters));

// Bits 15:0 of what is written; bits 31:16 are the code of a failure.
inline constexpr uint16_t kFail = 0x3333, kPass = 0x5555, kReset = 0x7777;

}  // namespace emu::sifive_test
