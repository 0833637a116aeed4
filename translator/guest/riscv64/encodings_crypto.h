// Rows of the encoding table: scalar cryptography.
#pragma once

#include <array>

#include "translator/guest/riscv64/encoding_row.h"
#include "translator/guest/riscv64/translate_bits.h"
#include "translator/guest/riscv64/translate_crypto.h"

namespace emu::translator::riscv64 {

inline constexpr std::array kCryptoEncodings = {
    // Zknd, Zkne
    Row("0011101..........000.....0110011", "aes64ds", Format::kR, Binary<Op::kAesDecryptLast>),
    Row("0011111..........000.....0110011", "aes64dsm", Format::kR, Binary<Op::kAesDecrypt>),
    Row("0011001..........000.....0110011", "aes64es", Format::kR, Binary<Op::kAesEncryptLast>),
    Row("0011011..........000.....0110011", "aes64esm", Format::kR, Binary<Op::kAesEncrypt>),
    Row("001100000000.....001.....0010011", "aes64im", Format::kR1, Unary<Op::kAesInvMixColumns>),
    Row("00110001.........001.....0010011", "aes64ks1i", Format::kRound, AesKeySchedule1),
    Row("0111111..........000.....0110011", "aes64ks2", Format::kR, AesKeySchedule2),
    // Zknh (FIPS 180-4 s. 4.1.2 and 4.1.3)
    Row("000100000000.....001.....0010011", "sha256sum0", Format::kR1,
        Sha256<Third::kRotated, 2, 13, 22>),
    Row("000100000001.....001.....0010011", "sha256sum1", Format::kR1,
        Sha256<Third::kRotated, 6, 11, 25>),
    Row("000100000010.....001.....0010011", "sha256sig0", Format::kR1,
        Sha256<Third::kShifted, 7, 18, 3>),
    Row("000100000011.....001.....0010011", "sha256sig1", Format::kR1,
        Sha256<Third::kShifted, 17, 19, 10>),
    Row("000100000100.....001.....0010011", "sha512sum0", Format::kR1,
        Sha512<Third::kRotated, 28, 34, 39>),
    Row("000100000101.....001.....0010011", "sha512sum1", Format::kR1,
        Sha512<Third::kRotated, 14, 18, 41>),
    Row("000100000110.....001.....0010011", "sha512sig0", Format::kR1,
        Sha512<Third::kShifted, 1, 8, 7>),
    Row("000100000111.....001.....0010011", "sha512sig1", Format::kR1,
        Sha512<Third::kShifted, 19, 61, 6>),
    // Zksed, Zksh
    Row("..11000..........000.....0110011", "sm4ed", Format::kByteSelect, Sm4<HelperId::kSm4ed>),
    Row("..11010..........000.....0110011", "sm4ks", Format::kByteSelect, Sm4<HelperId::kSm4ks>),
    Row("000100001000.....001.....0010011", "sm3p0", Format::kR1, Sm3<9, 17>),
    Row("000100001001.....001.....0010011", "sm3p1", Format::kR1, Sm3<15, 23>),
};

}  // namespace emu::translator::riscv64
