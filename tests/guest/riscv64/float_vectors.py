#!/usr/bin/env python3
"""Writes operands with exact results for every floating-point instruction that rounds.

The reference is rational arithmetic, rounded once: it shares nothing with the host's floating-point
unit or with the translator. Output: records of one line each,

    <kernel> <rounding> <a> <b> <c> <result> <flags>

where kernel is the instruction's mnemonic with '_' for '.', rounding 0..4 as in frm, and operands
and result are raw register images in hexadecimal (singles and halves NaN-boxed).
"""
import random
import sys
from fractions import Fraction
from math import isqrt

NX, UF, OF, DZ, NV = 1, 2, 4, 8, 16
RNE, RTZ, RDN, RUP, RMM = range(5)
MODES = range(5)


class Format:
    def __init__(self, letter, bits, precision):
        self.letter, self.bits, self.precision = letter, bits, precision
        self.fraction_bits = precision - 1
        self.exponent_ones = (1 << (bits - precision)) - 1
        self.bias = self.exponent_ones >> 1
        self.min_exponent = 1 - self.bias
        self.nan = self.exponent_ones << self.fraction_bits | 1 << (self.fraction_bits - 1)
        self.infinity = self.exponent_ones << self.fraction_bits
        self.sign_bit = 1 << (bits - 1)

    def box(self, bits):
        """The register that holds it: all ones above."""
        return bits | (1 << 64) - (1 << self.bits)


HALF, SINGLE, DOUBLE = Format("h", 16, 11), Format("s", 32, 24), Format("d", 64, 53)


class Float:
    """The meaning of `bits`: a NaN, an infinity, or an exact rational with a sign."""

    def __init__(self, fmt, bits):
        self.sign = bits >> (fmt.bits - 1)
        exponent = bits >> fmt.fraction_bits & fmt.exponent_ones
        fraction = bits & ((1 << fmt.fraction_bits) - 1)
        special = exponent == fmt.exponent_ones
        self.is_nan = special and fraction != 0
        self.is_signalling = self.is_nan and not fraction >> (fmt.fraction_bits - 1)
        self.is_infinite = special and fraction == 0
        if not special:
            scale = max(exponent, 1) - fmt.bias - fmt.fraction_bits
            whole = fraction | (1 << fmt.fraction_bits if exponent else 0)
            value = Fraction(whole << scale) if scale >= 0 else Fraction(whole, 1 << -scale)
            self.value = -value if self.sign else value
        self.is_zero = not special and self.value == 0


def round_up(mode, sign, quotient, rest):
    """Whether the magnitude quotient + rest, 0 < rest < 1, rounds to quotient + 1."""
    if mode == RNE:
        return rest > Fraction(1, 2) or (rest == Fraction(1, 2) and quotient & 1)
    if mode == RMM:
        return rest >= Fraction(1, 2)
    return (mode == RDN and sign) or (mode == RUP and not sign)


def exponent_of(value):
    exponent = value.numerator.bit_length() - value.denominator.bit_length()
    return exponent if value >= Fraction(2) ** exponent else exponent - 1


def quantize(mode, sign, magnitude, quantum):
    quotient, rest = divmod(magnitude / quantum, 1)
    quotient = int(quotient)
    return quotient + (1 if rest and round_up(mode, sign, quotient, rest) else 0), rest != 0


def pack(fmt, mode, value):
    """`value` is not zero. Tininess is detected after rounding."""
    sign, magnitude = int(value < 0), abs(value)
    free = exponent_of(magnitude)
    exponent = max(free, fmt.min_exponent)
    quantum = Fraction(2) ** (exponent - fmt.fraction_bits)
    whole, inexact = quantize(mode, sign, magnitude, quantum)
    flags = NX if inexact else 0
    if inexact:
        unbounded = Fraction(2) ** (free - fmt.fraction_bits)
        rounded = quantize(mode, sign, magnitude, unbounded)[0] * unbounded
        if rounded < Fraction(2) ** fmt.min_exponent:
            flags |= UF
    # The carry out of the fraction moves into the exponent by itself.
    bits = whole + ((exponent - fmt.min_exponent) << fmt.fraction_bits)
    if bits >= fmt.infinity:
        flags = OF | NX
        to_infinity = mode in (RNE, RMM) or (mode == RDN and sign) or (mode == RUP and not sign)
        bits = fmt.infinity if to_infinity else fmt.infinity - 1
    return bits | sign << (fmt.bits - 1), flags


def zero(fmt, sign):
    return fmt.sign_bit if sign else 0


def pack_sum(fmt, mode, value, left_sign, right_sign):
    if value != 0:
        return pack(fmt, mode, value)
    return zero(fmt, left_sign if left_sign == right_sign else mode == RDN), 0


def invalid(fmt):
    return fmt.nan, NV


def nan_of(fmt, *operands):
    return fmt.nan, NV if any(o.is_signalling for o in operands) else 0


def infinity(fmt, sign):
    return fmt.infinity | zero(fmt, sign), 0


def add(fmt, mode, a, b):
    if a.is_nan or b.is_nan:
        return nan_of(fmt, a, b)
    if a.is_infinite and b.is_infinite and a.sign != b.sign:
        return invalid(fmt)
    if a.is_infinite or b.is_infinite:
        return infinity(fmt, a.sign if a.is_infinite else b.sign)
    return pack_sum(fmt, mode, a.value + b.value, a.sign, b.sign)


def negated(fmt, bits):
    return bits ^ fmt.sign_bit


def mul(fmt, mode, a, b):
    sign = a.sign ^ b.sign
    if a.is_nan or b.is_nan:
        return nan_of(fmt, a, b)
    if (a.is_infinite and b.is_zero) or (a.is_zero and b.is_infinite):
        return invalid(fmt)
    if a.is_infinite or b.is_infinite:
        return infinity(fmt, sign)
    if a.is_zero or b.is_zero:
        return zero(fmt, sign), 0
    return pack(fmt, mode, a.value * b.value)


def div(fmt, mode, a, b):
    sign = a.sign ^ b.sign
    if a.is_nan or b.is_nan:
        return nan_of(fmt, a, b)
    if (a.is_infinite and b.is_infinite) or (a.is_zero and b.is_zero):
        return invalid(fmt)
    if a.is_infinite:
        return infinity(fmt, sign)
    if b.is_zero:
        return fmt.infinity | zero(fmt, sign), DZ
    if a.is_zero or b.is_infinite:
        return zero(fmt, sign), 0
    return pack(fmt, mode, a.value / b.value)


def sqrt(fmt, mode, a):
    if a.is_nan:
        return nan_of(fmt, a)
    if a.is_zero:
        return zero(fmt, a.sign), 0
    if a.sign:
        return invalid(fmt)
    if a.is_infinite:
        return infinity(fmt, 0)
    # Enough bits that what is cut off only says "more": no root of a float is a tie.
    shift = 1200
    scaled = a.value * Fraction(4) ** shift
    root = isqrt(int(scaled))
    exact = root * root == scaled
    return pack(fmt, mode, Fraction(2 * root + (not exact), 2 << shift))


def fma(fmt, mode, a, b, c):
    sign = a.sign ^ b.sign
    if (a.is_infinite and b.is_zero) or (a.is_zero and b.is_infinite):
        return invalid(fmt)
    if a.is_nan or b.is_nan or c.is_nan:
        return nan_of(fmt, a, b, c)
    if a.is_infinite or b.is_infinite:
        return invalid(fmt) if c.is_infinite and c.sign != sign else infinity(fmt, sign)
    if c.is_infinite:
        return infinity(fmt, c.sign)
    return pack_sum(fmt, mode, a.value * b.value + c.value, sign, c.sign)


def to_integer(mode, a, bits, is_signed):
    """The x register: words are sign-extended, unsigned ones too."""
    low = -(1 << (bits - 1)) if is_signed else 0
    high = (1 << (bits - is_signed)) - 1

    def register(value):
        value &= (1 << bits) - 1
        if bits == 32 and value >> 31:
            value |= 0xFFFFFFFF00000000
        return value

    if a.is_nan:
        return register(high), NV
    if a.is_infinite:
        return register(low if a.sign else high), NV
    whole, inexact = quantize(mode, a.sign, abs(a.value), Fraction(1))
    if a.sign:
        whole = -whole
    if not low <= whole <= high:
        return register(low if whole < low else high), NV
    return register(whole), NX if inexact else 0


def from_integer(fmt, mode, value):
    return pack(fmt, mode, Fraction(value)) if value else (0, 0)


def convert(to, mode, a):
    if a.is_nan:
        return nan_of(to, a)
    if a.is_infinite:
        return infinity(to, a.sign)
    return (zero(to, a.sign), 0) if a.is_zero else pack(to, mode, a.value)


def specials(fmt):
    one = fmt.bias << fmt.fraction_bits
    least_normal = 1 << fmt.fraction_bits
    magnitudes = [
        0, 1, 2, 3,                                    # subnormals
        least_normal - 1, least_normal, least_normal + 1,
        one - 1, one, one + 1, one | 1 << (fmt.fraction_bits - 1),
        (fmt.bias + fmt.fraction_bits) << fmt.fraction_bits | 1,
        (fmt.bias - fmt.precision) << fmt.fraction_bits,  # half of one's last place
        (fmt.bias // 2) << fmt.fraction_bits | 5,
        fmt.infinity - 1, fmt.infinity - 2, fmt.infinity,
    ]
    return ([m for m in magnitudes] + [m | fmt.sign_bit for m in magnitudes] +
            [fmt.nan, fmt.nan | fmt.sign_bit | 1, fmt.infinity | 1])


def tie_partners(fmt, rng):
    """Pairs whose sum, product or quotient often lies half way between two floats."""
    ulp_steps = rng.choice([0, 1, 2, 3, 7])
    reach = min(20, fmt.bias - 1)
    exponent = rng.randrange(fmt.bias - reach, fmt.bias + reach)
    a = exponent << fmt.fraction_bits | rng.getrandbits(fmt.fraction_bits)
    b_exponent = max(1, exponent - fmt.precision + ulp_steps)
    b = b_exponent << fmt.fraction_bits | (rng.getrandbits(3) << (fmt.fraction_bits - 3))
    return a | rng.getrandbits(1) << (fmt.bits - 1), b | rng.getrandbits(1) << (fmt.bits - 1)


def short(fmt, rng):
    """Few significant bits: products and sums that are exact or ties."""
    keep = rng.randrange(1, fmt.precision // 2 + 3)
    fraction = rng.getrandbits(keep) << (fmt.fraction_bits - keep)
    reach = min(30, fmt.bias)
    near_one = fmt.bias + rng.randrange(-reach, reach)
    exponent = rng.choice([rng.randrange(fmt.exponent_ones), near_one])
    return rng.getrandbits(1) << (fmt.bits - 1) | exponent << fmt.fraction_bits | fraction


def main():
    rng = random.Random(20240411)
    emit = sys.stdout.write

    def row(kernel, mode, operands, outcome):
        a, b, c = (list(operands) + [0, 0])[:3]
        emit(f"{kernel} {mode} {a:x} {b:x} {c:x} {outcome[0]:x} {outcome[1]:x}\n")

    for fmt in (HALF, SINGLE, DOUBLE):
        letter, grid = fmt.letter, specials(fmt)
        meaning = {}

        def at(bits):
            if bits not in meaning:
                meaning[bits] = Float(fmt, bits)
            return meaning[bits]

        def boxed(result):
            return fmt.box(result[0]), result[1]

        binary = [("fadd", add), ("fsub", lambda f, m, a, b: add(f, m, a, b)), ("fmul", mul),
                  ("fdiv", div)]
        pairs = [(a, b) for a in grid for b in grid]
        pairs = [p for i, p in enumerate(pairs) if i % 3 == 0]
        pairs += [tie_partners(fmt, rng) for _ in range(150)]
        pairs += [(short(fmt, rng), short(fmt, rng)) for _ in range(150)]
        pairs += [(rng.getrandbits(fmt.bits), rng.getrandbits(fmt.bits)) for _ in range(50)]
        for a, b in pairs:
            for name, function in binary:
                second = negated(fmt, b) if name == "fsub" else b
                for mode in MODES:
                    result = function(fmt, mode, at(a), at(second))
                    row(f"{name}_{letter}", mode, (fmt.box(a), fmt.box(b)), boxed(result))

        roots = grid + [short(fmt, rng) & ~fmt.sign_bit for _ in range(80)]
        for a in roots:
            for mode in MODES:
                row(f"fsqrt_{letter}", mode, [fmt.box(a)], boxed(sqrt(fmt, mode, at(a))))

        triples = [(rng.choice(grid), rng.choice(grid), rng.choice(grid)) for _ in range(500)]
        for _ in range(200):
            a, b = short(fmt, rng), short(fmt, rng)
            product = mul(fmt, RNE, at(a), at(b))[0]
            triples.append((a, b, negated(fmt, product)))
            triples.append((a, b, short(fmt, rng)))
            x, y = tie_partners(fmt, rng)
            triples.append((fmt.bias << fmt.fraction_bits, x, y))
        fused = [("fmadd", 0, 0), ("fmsub", 0, 1), ("fnmsub", 1, 0), ("fnmadd", 1, 1)]
        for i, (a, b, c) in enumerate(triples):
            name, flip_product, flip_addend = fused[i % 4]
            first = negated(fmt, a) if flip_product else a
            third = negated(fmt, c) if flip_addend else c
            for mode in MODES:
                result = fma(fmt, mode, at(first), at(b), at(third))
                row(f"{name}_{letter}", mode, (fmt.box(a), fmt.box(b), fmt.box(c)), boxed(result))

        edges = list(grid)
        for power in (0, 1, 14, 15, 30, 31, 32, 62, 63, 64):
            if power > fmt.bias:
                break
            for step in (-3, -2, -1, 0, 1, 2, 3):
                bits = pack(fmt, RTZ, Fraction(2) ** power + Fraction(step, 4))[0]
                edges += [bits, bits | fmt.sign_bit]
                bits = (fmt.bias + power << fmt.fraction_bits) + step
                edges += [bits, bits | fmt.sign_bit]
        for suffix, bits, is_signed in (("w", 32, 1), ("wu", 32, 0), ("l", 64, 1), ("lu", 64, 0)):
            for a in edges:
                for mode in MODES:
                    result = to_integer(mode, at(a), bits, is_signed)
                    row(f"fcvt_{suffix}_{letter}", mode, [fmt.box(a)], result)
            integers = {0, 1, (1 << 64) - 1}
            for power in range(9, 64):
                for step in (-1, 0, 1, 2, 3):
                    integers.add((1 << power) + step)
                    integers.add(-(1 << power) + step & (1 << 64) - 1)
                # Half way between two floats, and just beside it.
                tie = (1 << power) + (3 << power >> fmt.precision) if power >= fmt.precision else 0
                integers |= {tie, tie + 1, tie - 1 & (1 << 64) - 1, -tie & (1 << 64) - 1}
            for value in sorted(integers):
                number = value & (1 << bits) - 1
                if is_signed and number >> (bits - 1):
                    number -= 1 << bits
                for mode in MODES:
                    result = boxed(from_integer(fmt, mode, number))
                    row(f"fcvt_{letter}_{suffix}", mode, [value], result)

    for wide_format, narrow_format in ((DOUBLE, SINGLE), (DOUBLE, HALF), (SINGLE, HALF)):
        pair = f"{narrow_format.letter}_{wide_format.letter}"
        back = f"{wide_format.letter}_{narrow_format.letter}"
        lost = wide_format.fraction_bits - narrow_format.fraction_bits
        operands = [short(wide_format, rng) for _ in range(60)] + specials(wide_format)
        for a in specials(narrow_format) + [short(narrow_format, rng) for _ in range(40)]:
            wide = convert(wide_format, RNE, Float(narrow_format, a))[0]
            half_way = 1 << (lost - 1)
            operands += [wide, wide + 1, wide + half_way, wide + half_way + 1, wide + 3 * half_way]
            for mode in MODES:
                bits, flags = convert(wide_format, mode, Float(narrow_format, a))
                row(f"fcvt_{back}", mode, [narrow_format.box(a)], (wide_format.box(bits), flags))
        for a in operands:
            for mode in MODES:
                bits, flags = convert(narrow_format, mode, Float(wide_format, a))
                row(f"fcvt_{pair}", mode, [wide_format.box(a)], (narrow_format.box(bits), flags))


if __name__ == "__main__":
    main()
