"""A Type 1 program made by hand: two letters, an accented one made of two others, a subroutine."""

import pytest
from fontTools.misc import eexec

from redaction.engines.pdf import type1files
from redaction.engines.pdf.layers import Unsure

CLEAR = (
    b"%!PS-AdobeFont-1.0: Made\n%a remark\n/FullName (FONTSECRET) readonly def\n/UniqueID 5020931 def\n"
    b"/Encoding 256 array\ndup 65 /A put\ndup 66 /B put\nreadonly def\ncurrentfile eexec\n"
)
ENDCHAR, RETURN, CALLSUBR, SEAC = b"\x0e", b"\x0b", b"\x0a", b"\x0c\x06"


def number(value: int) -> bytes:
    if -107 <= value <= 107:
        return bytes([value + 139])
    if 108 <= value <= 1131:
        return bytes([247 + (value - 108) // 256, (value - 108) % 256])
    if -1131 <= value <= -108:
        return bytes([251 + (-value - 108) // 256, (-value - 108) % 256])
    return b"\xff" + value.to_bytes(4, "big", signed=True)


def coded(body: bytes) -> bytes:
    return bytes(eexec.encrypt(b"lead" + body, 4330)[0])


GLYPHS = {
    b".notdef": ENDCHAR,
    b"A": number(5) + number(4) + CALLSUBR + ENDCHAR,
    b"B": number(700) + number(-300) + number(20_000) + ENDCHAR,
    b"acute": number(0) + number(600) + ENDCHAR,
    # side bearing, place of the accent, and the two letters by their standard codes (A is 65, acute 194)
    b"Aacute": b"".join(map(number, (0, 10, 20, 65, 194))) + SEAC + ENDCHAR,
}


def a_program(*, tail: bytes = b" ND\n", hexadecimal: bool = False) -> tuple[bytes, bytes]:
    subrs = {4: number(1) + RETURN, 5: number(2) + RETURN}
    plain = b"dup /Private 8 dict dup begin /lenIV 4 def /Subrs 6 array\n"
    for place, body in subrs.items():
        plain += b"dup %d %d RD " % (place, len(coded(body))) + coded(body) + b" NP\n"
    plain += b"2 index /CharStrings %d dict dup begin\n" % len(GLYPHS)
    for name, body in GLYPHS.items():
        plain += b"/" + name + b" %d RD " % len(coded(body)) + coded(body) + tail
    private = bytes(eexec.encrypt(b"four" + plain + b"end end\n", 55665)[0])
    return CLEAR, private.hex().encode() if hexadecimal else private


def cut_to(*names: str, **how: bool) -> tuple[bytes, bytes]:
    clear, private = a_program(**how)  # type: ignore[arg-type]  # one flag
    data, first, second = type1files.cut(clear + private, len(clear), len(private), names)
    return data[:first], bytes(eexec.decrypt(data[first : first + second], 55665)[0])


@pytest.mark.parametrize("hexadecimal", [False, True])
def test_letters_that_are_not_shown_leave_name_outline_and_code(hexadecimal: bool) -> None:
    clear, private = cut_to("A", hexadecimal=hexadecimal)

    assert b"/A " in private
    assert b"/B " not in private
    assert b"/acute" not in private
    assert b"/CharStrings 2" in private
    assert b"dup 65 /A put" in clear
    assert b"/B put" not in clear


def test_subroutines_that_no_letter_calls_are_emptied() -> None:
    _, private = cut_to("A")

    called, idle = private.partition(b"dup 4 ")[2][:2], private.partition(b"dup 5 ")[2][:2]
    assert called == b"6 "
    assert idle == b"5 "


def test_an_accented_letter_keeps_the_two_it_is_made_of() -> None:
    _, private = cut_to("Aacute")

    assert [name for name in (b"/A ", b"/acute ", b"/Aacute ") if name not in private] == []
    assert b"/B " not in private


def test_texts_and_remarks_of_the_program_go() -> None:
    clear, _ = cut_to("A", "B")

    assert clear.startswith(b"%!PS-AdobeFont-1.0")
    assert not [word for word in (b"FONTSECRET", b"a remark", b"5020931") if word in clear]


def test_a_program_kept_whole_is_cleaned_all_the_same() -> None:
    clear, private = a_program()

    data, first, second = type1files.cut(clear + private, len(clear), len(private), None)

    assert data[first:] == private
    assert second == len(private)
    assert b"FONTSECRET" not in data


@pytest.mark.parametrize(
    ("clear", "private", "fault"),
    [
        (b"no program", b"x" * 20, "unknown form"),
        (CLEAR, b"", "unknown form"),
        (CLEAR, b"\x01" * 40, "unknown form"),
        (CLEAR, a_program(tail=b" what\n")[1], "unknown form"),
    ],
)
def test_a_program_that_is_not_understood_is_not_cut(clear: bytes, private: bytes, fault: str) -> None:
    with pytest.raises(Unsure, match=fault):
        type1files.cut(clear + private, len(clear), len(private), ("A",))
