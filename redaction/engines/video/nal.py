"""H.264 network abstraction layer units: walking them, and as much of the parameter sets as cutting needs.

ITU-T H.264, 7.3.1 (units), 7.3.2.1 and 7.3.2.2 (parameter sets); ISO/IEC 14496-15, 5.3.3 (avcC).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

SLICE, IDR, SPS, PPS = 1, 5, 7, 8
PICTURE = (SLICE, IDR)
PARTITIONS = (2, 3, 4)
_HIGH = {44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244}
_LONGEST_CODE = 32  # bits


class BrokenUnits(Exception):
    """The bytes do not divide into units, or a parameter set ends early."""


@dataclass(frozen=True)
class Sequence:
    """What a sequence parameter set says that decides how its film can be cut."""

    id: int
    profile: int
    chroma: int
    depth: int
    progressive: bool

    @property
    def is_plain(self) -> bool:
        """This will tell whether its pictures are 8-bit 4:2:0."""
        return self.chroma == 1 and self.depth == 8


def units(data: memoryview, length_size: int) -> Iterator[memoryview]:
    """This will give the units of one sample, each behind its length of ``length_size`` bytes.

    ``length_size`` 0 means Annex B: units behind start codes.

    :raises BrokenUnits: when a unit is longer than what is left.
    """
    if not length_size:
        yield from _behind_start_codes(data)
        return
    at, end = 0, len(data)
    while at < end:
        first = at + length_size
        at = first + int.from_bytes(data[at:first], "big")
        if first > end or at > end:
            raise BrokenUnits("a unit is longer than its packet")
        if at > first:
            yield data[first:at]


def _behind_start_codes(data: memoryview) -> Iterator[memoryview]:
    raw = bytes(data)
    at = raw.find(b"\0\0\1")
    if at < 0:
        raise BrokenUnits("no start code")
    while at >= 0:
        first = at + 3
        at = raw.find(b"\0\0\1", first)
        last = len(raw) if at < 0 else at
        while last > first and raw[last - 1] == 0:
            last -= 1
        if last > first:
            yield data[first:last]


def sequence_of(unit: bytes) -> Sequence:
    """This will read a sequence parameter set.

    :raises BrokenUnits: when it ends early.
    """
    bits = _Bits(unit[1:])
    profile = bits.take(8)
    bits.take(16)
    number = bits.code()
    chroma, depth = 1, 8
    if profile in _HIGH:
        chroma = bits.code()
        if chroma == 3:
            bits.take(1)
        depth = 8 + max(bits.code(), bits.code())
        bits.take(1)
        if bits.take(1):
            for place in range(12 if chroma == 3 else 8):
                if bits.take(1):
                    _skip_scaling(bits, 16 if place < 6 else 64)
    bits.code()
    order = bits.code()
    if order == 0:
        bits.code()
    elif order == 1:
        bits.take(1)
        for _ in range(2):
            bits.code()
        for _ in range(bits.code()):
            bits.code()
    bits.code()
    bits.take(1)
    bits.code()
    bits.code()
    return Sequence(number, profile, chroma, depth, bool(bits.take(1)))


def picture_set_ids(unit: bytes) -> tuple[int, int]:
    """This will give the number of a picture parameter set and of the sequence set it refers to.

    :raises BrokenUnits: when it ends early.
    """
    bits = _Bits(unit[1:])
    return bits.code(), bits.code()


def configuration(sequences: list[bytes], pictures: list[bytes]) -> bytes:
    """This will write the avcC record that lists the parameter sets, for units behind 4-byte lengths."""
    head = bytes([1, *sequences[0][1:4], 0xFF, 0xE0 | len(sequences)])
    head += b"".join(struct.pack(">H", len(unit)) + unit for unit in sequences)
    head += bytes([len(pictures)])
    head += b"".join(struct.pack(">H", len(unit)) + unit for unit in pictures)
    if sequences[0][1] in _HIGH:
        head += bytes([0xFC | 1, 0xF8, 0xF8, 0])
    return head


def listed(extradata: bytes) -> tuple[int, list[bytes]]:
    """This will give the size of the lengths and the parameter sets of a track's header.

    The header is an avcC record or, in other containers, Annex B (length size 0) or nothing.

    :raises BrokenUnits: when the record is cut short.
    """
    if not extradata:
        return 0, []
    if extradata[0] != 1:
        return 0, [bytes(unit) for unit in units(memoryview(extradata), 0)]
    found, at = [], 5
    try:
        for mask in (0x1F, 0xFF):
            count, at = extradata[at] & mask, at + 1
            for _ in range(count):
                length = struct.unpack_from(">H", extradata, at)[0]
                unit = extradata[at + 2 : at + 2 + length]
                if not unit or len(unit) < length:
                    raise BrokenUnits("a parameter set is cut short")
                found.append(unit)
                at += 2 + length
        return (extradata[4] & 3) + 1, found
    except (IndexError, struct.error) as error:
        raise BrokenUnits("the list of parameter sets is cut short") from error


def _skip_scaling(bits: "_Bits", size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed_code()) % 256
        last = following or last


class _Bits:
    """Reads bits and Exp-Golomb codes of a unit, its emulation prevention bytes taken out."""

    def __init__(self, data: bytes) -> None:
        clean = bytearray()
        zeros = 0
        for byte in data:
            if zeros >= 2 and byte == 3:
                zeros = 0
                continue
            zeros = zeros + 1 if byte == 0 else 0
            clean.append(byte)
        self._value, self._left = int.from_bytes(clean, "big"), len(clean) * 8

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise BrokenUnits("a parameter set ends early")
        return (self._value >> self._left) & ((1 << count) - 1)

    def code(self) -> int:
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > _LONGEST_CODE:
                raise BrokenUnits("a parameter set holds an impossible number")
        return (1 << zeros) - 1 + self.take(zeros)

    def signed_code(self) -> int:
        value = self.code()
        return (value + 1) // 2 if value % 2 else -(value // 2)
