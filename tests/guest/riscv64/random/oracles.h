// What the oracles of random blocks have not, or have wrong, by mnemonic.
#pragma once

#include <initializer_list>
#include <string_view>

namespace emu::testing {

bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> names);

// What Unicorn 2.0.1 (QEMU 5.0.1) has not: everything ratified after it.
bool IsNewerThanUnicorn(std::string_view name);
// What it has wrong: minimum and maximum of IEEE 754-2008, in which a signalling NaN wins; those of
// words in memory, which it compares with registers that it has not extended; the flag of
// infinity * 0 + NaN.
bool IsWrongInUnicorn(std::string_view name);

}  // namespace emu::testing
