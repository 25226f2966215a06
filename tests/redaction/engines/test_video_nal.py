"""Units and parameter sets of H.264, also broken ones."""

import pytest

from redaction.engines.video import nal
from redaction.engines.video.nal import BrokenUnits, Sequence


def bits(text: str) -> bytes:
    clean = text.replace(" ", "")
    return int(clean.ljust(-(-len(clean) // 8) * 8, "0"), 2).to_bytes(-(-len(clean) // 8), "big")


def code(value: int) -> str:
    word = bin(value + 1)[2:]
    return "0" * (len(word) - 1) + word


def a_sequence(*, number: int = 0, order: str = code(0) + code(4), progressive: str = "1") -> bytes:
    """A baseline set: number, frame numbers, order of pictures, references, size."""
    text = code(number) + code(4) + order + code(1) + "0" + code(19) + code(11) + progressive
    return bytes([0x67, 66, 0, 30]) + bits(text)


def test_baseline_set_is_plain_and_progressive() -> None:
    assert nal.sequence_of(a_sequence(number=3)) == Sequence(3, 66, 1, 8, True)
    assert nal.sequence_of(a_sequence(number=3)).is_plain


def test_order_of_pictures_by_a_cycle_is_read_past() -> None:
    cycle = code(1) + "0" + code(3) + code(4) + code(2) + code(5) + code(6)

    assert not nal.sequence_of(a_sequence(order=cycle, progressive="0")).progressive


def test_scaling_lists_of_a_high_set_are_read_past() -> None:
    lists = "1" + "1" + code(1) * 16 + "0" * 5 + "1" + code(16) + "0"  # a whole list; one that ends at once
    high = code(0) + code(1) + code(2) + code(0) + "0" + lists
    text = high + code(4) + code(0) + code(4) + code(1) + "0" + code(19) + code(11) + "1"

    found = nal.sequence_of(bytes([0x67, 100, 0, 30]) + bits(text))

    assert found == Sequence(0, 100, 1, 10, True)
    assert not found.is_plain


@pytest.mark.parametrize("unit", [b"\x67", a_sequence()[:5], bytes([0x67, 66, 0, 30]) + bytes(20)])
def test_set_that_ends_early_or_makes_no_sense_is_broken(unit: bytes) -> None:
    with pytest.raises(BrokenUnits):
        nal.sequence_of(unit)


def test_emulation_prevention_is_taken_out() -> None:
    assert nal.picture_set_ids(b"\x68" + bits(code(0) + code(2))) == (0, 2)
    with pytest.raises(BrokenUnits, match="early"):
        nal.picture_set_ids(b"\x68\x00\x00\x03")


def test_units_behind_lengths_and_behind_start_codes_are_the_same() -> None:
    behind_lengths = memoryview(b"\x00\x02\x65\x88\x00\x00\x00\x01\x06")
    behind_codes = memoryview(b"\x00\x00\x00\x01\x65\x88\x00\x00\x01\x06\x00\x00\x01")

    assert [bytes(unit) for unit in nal.units(behind_lengths, 2)] == [b"\x65\x88", b"\x06"]
    assert [bytes(unit) for unit in nal.units(behind_codes, 0)] == [b"\x65\x88", b"\x06"]


@pytest.mark.parametrize(("data", "size"), [(b"\x00\x05\x65", 2), (b"\x00", 2), (b"\x65\x88", 0)])
def test_bytes_that_do_not_divide_into_units_are_broken(data: bytes, size: int) -> None:
    with pytest.raises(BrokenUnits):
        list(nal.units(memoryview(data), size))


def test_list_of_parameter_sets_is_read_as_it_was_written() -> None:
    sets = [a_sequence(), a_sequence(number=1)], [b"\x68\xce", b"\x68\xce\x3c"]

    written = nal.configuration(*sets)

    assert nal.listed(written) == (4, [*sets[0], *sets[1]])
    assert nal.listed(b"\0\0\1" + sets[1][0]) == (0, [sets[1][0]])
    assert nal.listed(b"") == (0, [])


@pytest.mark.parametrize("length", [5, 7, 12])
def test_list_cut_short_is_broken(length: int) -> None:
    with pytest.raises(BrokenUnits):
        nal.listed(nal.configuration([a_sequence()], [b"\x68\xce"])[:length])
