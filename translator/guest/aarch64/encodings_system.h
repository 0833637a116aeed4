// Rows of the encoding table: exceptions, hints, barriers and system registers (Arm ARM C4.1.87).
#pragma once

#include <array>

#include "translator/guest/aarch64/encoding_row.h"
#include "translator/guest/aarch64/translate_memory.h"
#include "translator/guest/aarch64/translate_system.h"

namespace emu::translator::aarch64 {

inline constexpr std::array kSystemEncodings = {
    Row("11010100000 ................ 00001", "svc", Format::kImm16, SupervisorCall),
    Row("11010100000 ................ 00010", "hvc", Format::kImm16, FirmwareCall),
    Row("11010100000 ................ 00011", "smc", Format::kImm16, FirmwareCall),
    Row("11010100001 ................ 00000", "brk", Format::kImm16, Breakpoint),
    Row("11010101000000110010 0000 010 11111", "wfe", Format::kNone, WaitForEventHint),
    Row("11010101000000110010 0000 011 11111", "wfi", Format::kNone, WaitForInterruptHint),
    Row("11010101000000110010 0000 100 11111", "sev", Format::kNone, SendEventHint),
    Row("11010101000000110010 0000 101 11111", "sevl", Format::kNone, SendEventHint),
    Row("11010101000000110010 ....... 11111", "hint", Format::kHint, Nop),
    Row("11010101000000110011 .... 010 11111", "clrex", Format::kBarrier, ClearExclusiveMonitor),
    Row("11010101000000110011 .... 100 11111", "dsb", Format::kBarrier, DataSynchronizationBarrier),
    Row("11010101000000110011 .... 101 11111", "dmb", Format::kBarrier, DataMemoryBarrier),
    Row("11010101000000110011 .... 110 11111", "isb", Format::kBarrier,
        InstructionSynchronizationBarrier),
    Row("11010101000000110011 0000 111 11111", "sb", Format::kNone, Nop),
    Row("1101010100000 ... 0100 .... ... 11111", "msr", Format::kPstate, MovePstate),
    Row("1101010100001 ... .... .... ... .....", "sys", Format::kSystem, SystemInstruction),
    Row("11010101 0001 . ... .... .... ... .....", "msr", Format::kSystemRegister, MoveToRegister),
    Row("11010101 0011 . ... .... .... ... .....", "mrs", Format::kSystemRegister,
        MoveFromRegister),
    Row("11010110 10011111 00000011 11100000", "eret", Format::kNone, ExceptionReturnInstruction),
};

}  // namespace emu::translator::aarch64
