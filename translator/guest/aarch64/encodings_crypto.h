// Rows of the encoding table: AES, SHA-1, SHA-256 (Arm ARM C4.1.94).
#pragma once

#include "translator/guest/aarch64/encoding_row.h"
#include "translator/guest/aarch64/translate_vector_crypto.h"

namespace emu::translator::aarch64 {

inline constexpr std::array kCryptoEncodings = {
    Row("0100111000101000010010..........", "aese", Format::kVector1,
        LiftAesRound<Op::kVAesEncryptLast>),
    Row("0100111000101000010110..........", "aesd", Format::kVector1,
        LiftAesRound<Op::kVAesDecryptLast>),
    Row("0100111000101000011010..........", "aesmc", Format::kVector1,
        LiftAesColumns<Op::kVAesMixColumns>),
    Row("0100111000101000011110..........", "aesimc", Format::kVector1,
        LiftAesColumns<Op::kVAesInvMixColumns>),
    Row("0.001110111.....111000..........", "pmull", Format::kVector2, LiftPolynomialProduct),
    Row("01011110000.....000000..........", "sha1c", Format::kVector2, LiftSha1Rounds<0>),
    Row("01011110000.....000100..........", "sha1p", Format::kVector2, LiftSha1Rounds<1>),
    Row("01011110000.....001000..........", "sha1m", Format::kVector2, LiftSha1Rounds<2>),
    Row("01011110000.....001100..........", "sha1su0", Format::kVector2, LiftSha1Schedule0),
    Row("01011110000.....010000..........", "sha256h", Format::kVector2, LiftSha256First),
    Row("01011110000.....010100..........", "sha256h2", Format::kVector2, LiftSha256Second),
    Row("01011110000.....011000..........", "sha256su1", Format::kVector2, LiftSha256Schedule1),
    Row("0101111000101000000010..........", "sha1h", Format::kVector1, LiftSha1Fixed),
    Row("0101111000101000000110..........", "sha1su1", Format::kVector1, LiftSha1Schedule1),
    Row("0101111000101000001010..........", "sha256su0", Format::kVector1, LiftSha256Schedule0),
};

}  // namespace emu::translator::aarch64
