"""Type 1 font programs cut down to the letters that are still shown (Adobe Type 1 Font Format, 1990)."""

import re
from collections.abc import Iterable

from fontTools.encodings.StandardEncoding import StandardEncoding

from redaction.engines.pdf.layers import Unsure

_TEXTS = re.compile(
    rb"/(?:version|Notice|Copyright|FullName|FamilyName|Weight)\s*\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)"
    rb"\s*(?:readonly\s+)?(?:def|ND|\|-)|/UniqueID\s+\d+\s+(?:def|ND|\|-)"
    rb"|/XUID\s*\[[^\]]*\]\s*(?:readonly\s+)?def",
    re.DOTALL,
)
_LINES = re.compile(rb"(?m)^%(?!!).*$")
CODE = re.compile(rb"dup\s+(\d+)\s*/([^\s/]+)\s+put")
_GLYPH = re.compile(rb"/([^\s/(){}<>\[\]%]+)\s+(\d+)\s+(RD|-\|)\s")
_SUBR = re.compile(rb"dup\s+(\d+)\s+(\d+)\s+(RD|-\|)\s")


def cut(data: bytes, first: int, second: int, names: Iterable[str] | None) -> tuple[bytes, int, int]:
    """This will clean a Type 1 program; gives it with the lengths of its clear and its coded part."""
    clear, coded = data[:first], data[first : first + second]
    if b"eexec" not in clear or not coded:
        raise Unsure("a font program of an unknown form")
    clear = _LINES.sub(b"", _TEXTS.sub(b"", clear))
    if names is not None:
        kept = {name.encode("latin-1") for name in names} | {b".notdef"}
        try:
            coded = _private(coded, kept)
        except Unsure:
            raise
        except Exception as error:  # whatever a damaged font makes the decoder trip over
            raise Unsure("a damaged font program") from error
        clear = CODE.sub(lambda found: found.group() if found[2] in kept else b"", clear)
    return clear + coded, len(clear), len(coded)


def _private(coded: bytes, kept: set[bytes]) -> bytes:
    if re.fullmatch(rb"[0-9A-Fa-f\s]{8}", coded[:8]):
        coded = bytes.fromhex(re.sub(rb"\s", b"", coded).decode())
    plain = _decrypted(coded, 55665)[4:]
    lead = re.search(rb"/lenIV\s+(-?\d+)", plain)
    skip = int(lead[1]) if lead else 4
    start = plain.find(b"/CharStrings")
    if start < 0 or skip < 0:
        raise Unsure("a font program of an unknown form")
    glyphs = {match[1]: body for match, body, _ in _parts(plain, _GLYPH, start)}
    subrs = {int(match[1]): body for match, body, _ in _parts(plain, _SUBR, 0, start)}
    kept = kept | {part for name in kept & set(glyphs) for part in _accent(glyphs[name], skip)}
    used = _used([glyphs[name] for name in kept & set(glyphs)], subrs, skip)
    out, place, stay = bytearray(), 0, 0
    nothing = _encrypted(bytes(skip) + b"\x0b", 4330)
    for match, body, end in _parts(plain, _SUBR, 0, start):
        out += plain[place : match.start()]
        number = int(match[1])
        new = body if number < 4 or number in used else nothing
        out += b"dup %d %d %s " % (number, len(new), match[3]) + new
        place = end
    for match, body, end in _parts(plain, _GLYPH, start):
        out += plain[place : match.start()]
        place = end
        tail = re.match(rb"\s*(?:ND|\|-|noaccess\s+def)\s*", plain[end:])
        if tail is None:
            raise Unsure("a font program of an unknown form")
        if match[1] in kept:
            out += match.group() + body
            stay += 1
        else:
            place += tail.end()
    out += plain[place:]
    text = re.sub(rb"(/CharStrings\s+)\d+", rb"\g<1>%d" % max(1, stay), bytes(out), count=1)
    return _encrypted(b"dayl" + _TEXTS.sub(b"", text), 55665)


def _parts(
    plain: bytes, form: re.Pattern[bytes], start: int, end: int | None = None
) -> Iterable[tuple[re.Match[bytes], bytes, int]]:
    place = start
    while match := form.search(plain, place, len(plain) if end is None else end):
        place = match.end() + int(match[2])
        yield match, plain[match.end() : place], place


def _used(bodies: list[bytes], subrs: dict[int, bytes], skip: int) -> set[int]:
    used: set[int] = set()
    left = list(bodies)
    while left:
        numbers: list[int] = []
        for kind, value in _tokens(left.pop(), skip):
            if kind == "number":
                numbers.append(value)
            elif value == 10 and numbers and numbers[-1] not in used:
                used.add(numbers[-1])
                left.append(subrs.get(numbers[-1], b""))
            elif value == 12 * 256 + 16:  # callothersubr: its two numbers go, what it was given stays
                del numbers[-2:]
            elif value == 10 and not numbers:
                used.update(subrs)
    return used


def _accent(body: bytes, skip: int) -> list[bytes]:
    numbers: list[int] = []
    for kind, value in _tokens(body, skip):
        if kind == "number":
            numbers.append(value)
        elif value == 12 * 256 + 6 and len(numbers) >= 5:
            return [StandardEncoding[number % 256].encode() for number in numbers[-2:]]
    return []


def _tokens(body: bytes, skip: int) -> Iterable[tuple[str, int]]:
    """Numbers and operators of a Type 1 charstring (Adobe Type 1 Font Format, 6.2)."""
    plain = _decrypted(body, 4330)[skip:]
    place = 0
    while place < len(plain):
        byte = plain[place]
        place += 1
        if byte >= 32:
            if byte <= 246:
                yield "number", byte - 139
            elif byte <= 254:
                following = plain[place] if place < len(plain) else 0
                place += 1
                high = (byte - 247) * 256 + following + 108
                yield "number", high if byte <= 250 else -((byte - 251) * 256 + following + 108)
            else:
                yield "number", int.from_bytes(plain[place : place + 4], signed=True)
                place += 4
        elif byte == 12:
            yield "operator", 12 * 256 + (plain[place] if place < len(plain) else 0)
            place += 1
        else:
            yield "operator", byte


def _decrypted(data: bytes, key: int) -> bytes:
    """Adobe Type 1 Font Format, 7.1; fontTools' own goes letter by letter through four calls."""
    out = bytearray()
    for byte in data:
        out.append(byte ^ (key >> 8))
        key = ((byte + key) * 52845 + 22719) & 0xFFFF
    return bytes(out)


def _encrypted(data: bytes, key: int) -> bytes:
    out = bytearray()
    for byte in data:
        coded = byte ^ (key >> 8)
        out.append(coded)
        key = ((coded + key) * 52845 + 22719) & 0xFFFF
    return bytes(out)
