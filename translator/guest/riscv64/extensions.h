// The extensions that a hart has, for the device tree.
#pragma once

#include <string_view>

#include "translator/guest/guest_isa.h"

namespace emu::translator::riscv64 {

// Ordered as in ISA strings (RISC-V Unprivileged 20240411, chapter 36): letters, then by kind.
inline constexpr std::string_view kExtensions[] = {
    "i", "m", "a", "f", "d", "c",
    // Of I: cache blocks, what main memory can do, counters, CSRs, fences, hints.
    "zic64b", "zicbom", "zicbop", "zicboz", "ziccamoa", "ziccif", "zicclsm", "ziccrse", "zicntr",
    "zicond", "zicsr", "zifencei", "zihintntl", "zihintpause", "zihpm",
    // Of A, F and C.
    "za64rs", "zawrs", "zfa", "zfh", "zfhmin", "zca", "zcb", "zcd",
    // Bit manipulation and cryptography.
    "zba", "zbb", "zbc", "zbkb", "zbkc", "zbkx", "zbs", "zkn", "zknd", "zkne", "zknh", "zks",
    "zksed", "zksh", "zkt",
    // Of the supervisor.
    "ssccptr", "sscounterenw", "sstc", "sstvala", "sstvecd", "svadu", "svbare", "svinval",
    "svnapot", "svpbmt"};

std::vector<Translator::CpuProperty> DescribeProcessor();

}  // namespace emu::translator::riscv64
