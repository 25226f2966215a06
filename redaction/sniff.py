"""What a file is, by its bytes and never by its name.

Signatures first; whatever is left must read as one of the text formats. A file that is two things at once
(a polyglot) is refused, for two programs would disagree about what was released.
"""

import csv
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from redaction.matroska import has_picture
from redaction.ragged import uneven_row
from redaction.report import Refused

HEAD = 64 * 1024

SUFFIXES = {
    "pdf": (".pdf",),
    "jpeg": (".jpg", ".jpeg", ".jpe"),
    "png": (".png",),
    "gif": (".gif",),
    "tiff": (".tif", ".tiff"),
    "webp": (".webp",),
    "bmp": (".bmp",),
    "heic": (".heic", ".heif"),
    "mp4": (".mp4", ".m4v", ".mov"),
    "mov": (".mov", ".qt", ".mp4"),
    "matroska": (".mkv", ".webm", ".mka"),
    "avi": (".avi",),
    "mpegts": (".ts", ".mts", ".m2ts"),
    "wav": (".wav", ".wave"),
    "mp3": (".mp3",),
    "m4a": (".m4a", ".m4b", ".mp4"),
    "aac": (".aac",),
    "flac": (".flac",),
    "ogg": (".ogg", ".oga", ".opus"),
    "ogv": (".ogv", ".ogg"),
    "csv": (".csv", ".tsv", ".txt"),
    "parquet": (".parquet",),
    "xlsx": (".xlsx",),
    "ods": (".ods",),
    "docx": (".docx",),
    "odt": (".odt",),
    "eml": (".eml",),
    "gpx": (".gpx",),
    "kml": (".kml",),
    "geojson": (".geojson", ".json"),
    "dji_srt": (".srt",),
    "dji_record": (".txt",),
    "ulog": (".ulg",),
    "ardupilot": (".bin",),
    "tlog": (".tlog",),
}

MEDIUM = {
    **dict.fromkeys(("jpeg", "png", "gif", "tiff", "webp", "bmp", "heic"), "image"),
    **dict.fromkeys(("mp4", "mov", "matroska", "avi", "mpegts", "ogv"), "video"),
    **dict.fromkeys(("wav", "mp3", "m4a", "aac", "flac", "ogg"), "audio"),
    **dict.fromkeys(("gpx", "kml", "geojson", "dji_srt", "dji_record"), "flight"),
    **dict.fromkeys(("ulog", "ardupilot", "tlog"), "flight"),
    **dict.fromkeys(("csv", "parquet", "xlsx", "ods"), "table"),
    **dict.fromkeys(("docx", "odt", "eml"), "office"),
    "pdf": "pdf",
}


@dataclass(frozen=True)
class MediaType:
    """A medium (the engine's name) and a format; ``also`` names other media it may be read as."""

    medium: str
    format: str
    also: tuple[str, ...] = ()


class UnknownType(Refused):
    """The file is empty, two things at once, or of a type this library does not release."""


def media_type(path: Path) -> MediaType:
    """This will tell what a file is from its content.

    :raises UnknownType: with a sentence that says what it looks like instead.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD)
            size = stream.seek(0, 2)
            stream.seek(max(0, size - HEAD))
            tail = stream.read(HEAD)
    except OSError as error:
        raise UnknownType(f"{path.name} cannot be read: {error.strerror}") from error
    if not head:
        raise UnknownType(f"{path.name} is empty")
    found = _binary(head, size) or _packed(path, head) or _text(head, whole=size <= HEAD)
    if found is None:
        raise UnknownType(f"{path.name} is {_guess(head, whole=size <= HEAD)}")
    _refuse_polyglot(path.name, found, head, tail)
    if found == "csv":
        return (
            MediaType("flight", found, ("table",))
            if _is_flight_csv(head)
            else MediaType("table", found, ("flight",))
        )
    if found in ("xlsx", "ods"):  # a table for some, a document with pages for others: the marks say
        return MediaType("table", found, ("office",))
    if found == "matroska" and has_picture(head) is False:  # .mka, and a voice recorder's .webm
        return MediaType("audio", found)
    return MediaType(MEDIUM[found], found)


def _binary(head: bytes, size: int) -> str | None:
    for signature, known in _SIGNATURES:
        if head.startswith(signature):
            return known
    return next((name for test in _TESTS if (name := test(head, size))), None)


_SIGNATURES = (
    (b"%PDF-", "pdf"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\x1a\x45\xdf\xa3", "matroska"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"PAR1", "parquet"),
    (b"fLaC", "flac"),
    (b"ULog\x01\x12\x35", "ulog"),
    (b"\xa3\x95\x80", "ardupilot"),
)


def _riff(head: bytes, _size: int) -> str | None:
    if head[:4] not in (b"RIFF", b"RF64"):
        return None
    return {b"WAVE": "wav", b"AVI ": "avi", b"WEBP": "webp"}.get(head[8:12])


def _bitmap(head: bytes, size: int) -> str | None:
    """Two letters are too little to go by: the length it states must be its own."""
    return "bmp" if head[:2] == b"BM" and int.from_bytes(head[2:6], "little") == size else None


def _iso_media(head: bytes, size: int) -> str | None:
    length, box = int.from_bytes(head[:4], "big"), head[4:8]
    if box == b"ftyp":
        if not 16 <= length <= min(size, 4096):
            return None
        brand = head[8:12]
        if brand[:3] in (b"M4A", b"M4B"):
            return "m4a"
        if brand in (b"heic", b"heix", b"mif1"):
            return "heic"
        if brand[:3] in (b"hei", b"hev", b"mif", b"msf", b"avi"):  # other pictures in the same container
            return None
        return "mov" if brand == b"qt  " else "mp4"
    old = box in (b"moov", b"mdat", b"wide", b"free", b"skip") and (length in (0, 1) or 8 <= length <= size)
    return "mov" if old else None


def _ogg(head: bytes, _size: int) -> str | None:
    if not head.startswith(b"OggS\x00"):
        return None
    return "ogv" if b"theora" in head[:512] else "ogg"


_BITRATES = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),  # MPEG-1 layer III
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),  # MPEG-2 and 2.5
}


def _mpeg_audio(head: bytes, _size: int) -> str | None:
    if head[:3] == b"ID3" and len(head) > 10 and all(byte < 0x80 for byte in head[6:10]):
        return "mp3"
    if head[:2] in (b"\xff\xf1", b"\xff\xf9"):
        length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5 if len(head) > 6 else 0
        return "aac" if length > 7 and head[length : length + 2] in (head[:2], b"") else None
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    first, rate, kind = head[1] >> 3 & 3 == 3, head[2] >> 4, head[2] >> 2 & 3
    if rate in (0, 15) or kind == 3:
        return None
    hertz = (44100, 48000, 32000)[kind] >> {3: 0, 2: 1, 0: 2}.get(head[1] >> 3 & 3, 0)
    length = (144 if first else 72) * _BITRATES[first][rate] * 1000 // hertz + (head[2] >> 1 & 1)
    return "mp3" if head[length : length + 2] in (head[:2], b"") else None


def _transport_stream(head: bytes, _size: int) -> str | None:
    for step, offset in ((188, 0), (192, 4)):
        marks = head[offset : offset + step * 8 : step]
        if len(head) > offset + step * 2 and set(marks) == {0x47}:
            return "mpegts"
    return None


def _telemetry_log(head: bytes, _size: int) -> str | None:
    """MAVLink: 8 bytes of microseconds since 1970, then a packet; the years 2001 to 2100 are believed."""
    if len(head) < 20 or head[8] not in (0xFD, 0xFE):
        return None
    return "tlog" if 10**15 < int.from_bytes(head[:8], "big") < 4 * 10**15 else None


def is_dji_record(head: bytes, size: int) -> bool:
    """This will tell from its first bytes whether a file is a DJI flight record (.txt, versions 1 to 14)."""
    if len(head) < 16 or not 1 <= head[10] <= 20:
        return False
    offset, length = int.from_bytes(head[:8], "little"), int.from_bytes(head[8:10], "little")
    if head[10] < 6:  # a prefix of 12 bytes, then records of type, length, payload and 0xff
        end = 14 + head[13]
        return 12 <= offset <= size and length <= 4096 and head[end : end + 1] == b"\xff"
    return 100 <= offset <= size and length <= 4096 and len(head) >= 100 and not any(head[20:100])


def _dji_record(head: bytes, size: int) -> str | None:
    return "dji_record" if is_dji_record(head, size) else None


_TESTS: tuple[Callable[[bytes, int], str | None], ...] = (
    _riff,
    _bitmap,
    _iso_media,
    _ogg,
    _mpeg_audio,
    _transport_stream,
    _telemetry_log,
    _dji_record,
)


_PARTS = (("word/document.xml", "docx"), ("xl/workbook.xml", "xlsx"))
_DOCUMENTS = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
}


def _packed(path: Path, head: bytes) -> str | None:
    """Office files are ZIP archives; which one, the parts inside say (ECMA-376 part 2, ODF 1.3 part 2)."""
    if not head.startswith(b"PK\x03\x04"):
        return None
    try:
        with zipfile.ZipFile(path) as package:
            names = set(package.namelist())
            if "mimetype" in names and package.getinfo("mimetype").file_size < 100:
                return _DOCUMENTS.get(package.read("mimetype").strip())
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError):
        return None
    if "[Content_Types].xml" not in names or any(name.endswith("vbaProject.bin") for name in names):
        return None
    if any(re.fullmatch(r"word/document\d+\.xml", name) for name in names):  # as some copies of Word write
        return "docx"
    return next((known for part, known in _PARTS if part in names), None)


def decode(head: bytes) -> str | None:
    """This will give the text of the beginning of a file (UTF-8, UTF-16 with a mark, or Windows-1252)."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = head[: len(head) // 2 * 2].decode("utf-16", errors="replace")
    else:
        try:
            text = head.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            cut = len(head) == HEAD and error.start > HEAD - 4
            text = head[: error.start].decode("utf-8-sig") if cut else head.decode("cp1252", errors="replace")
    return None if re.search(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]", text) else text


def _text(head: bytes, *, whole: bool) -> str | None:
    text = decode(head)
    if text is None or not text.strip():
        return None
    start = text.lstrip()
    if start.startswith("<"):
        return _markup(start)
    if start[0] in "{[":
        return (
            "geojson"
            if re.search(r'"type"\s*:\s*"(Feature|FeatureCollection|(Multi)?LineString)"', text)
            else None
        )
    if re.match(r"\d+\s*[\r\n]\s*\d\d:\d\d:\d\d[,.]\d{3} --> ", start):
        return "dji_srt" if re.search(r"\[\s*lat|GPS\s*\(|rel_alt|HOME\s*\(", text) else None
    if re.match(r"ffconcat\b|#EXTM3U|#!|file\s+['\"]", start):
        return None
    if _is_mail(start):
        return "eml"
    return "csv" if _is_csv(text, whole=whole) else None


def _is_mail(text: str) -> bool:
    """A block of header lines that holds a sender and a date or subject (RFC 5322)."""
    block = re.split(r"\r?\n\r?\n", text, maxsplit=1)[0]
    lines = [line for line in block.splitlines() if line[:1] not in " \t"]
    if not all(re.match(r"[!-9;-~]+:", line) for line in lines):
        return False
    names = {line.partition(":")[0].lower() for line in lines}
    return "from" in names and bool(names & {"date", "subject", "received", "message-id"})


def _markup(text: str) -> str | None:
    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        return None
    body = re.sub(r"<\?.*?\?>|<!--.*?-->", "", text, flags=re.DOTALL).lstrip()
    root = re.match(r"<(?:\w+:)?(gpx|kml)[\s>]", body)
    return root[1] if root else None


def delimiter(text: str) -> str:
    """This will give the character that parts the columns of a table: comma, tab, semicolon or pipe."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    return max(",\t;|", key=lambda mark: line.count(mark))


def _records(text: str, *, whole: bool) -> list[list[str]]:
    """The first rows of what may be a table, without one that was cut; none when it cannot be read as one."""
    rows = []
    try:
        for row in csv.reader(text.splitlines(keepends=True), delimiter=delimiter(text), strict=False):
            rows.append(row)
            if len(rows) > 200:
                return rows
    except csv.Error:
        return []
    return rows if whole or len(rows) < 2 else rows[:-1]


def _is_csv(text: str, *, whole: bool) -> bool:
    rows = [row for row in _records(text, whole=whole) if any(cell.strip() for cell in row)]
    if not rows:
        return False
    if len(rows[0]) == 1:
        return re.fullmatch(r"[^\W\d][\w ./#-]{0,60}", rows[0][0].strip()) is not None and len(rows) > 1
    same = sum(len(row) == len(rows[0]) for row in rows)
    return same >= 0.8 * len(rows)


def _is_flight_csv(head: bytes) -> bool:
    """AirData and its like: a position, and a height above take-off or a time since it."""
    line = (decode(head) or "").lstrip().splitlines()[0].lower()
    where = "latitude" in line and "longitude" in line
    return (
        where
        and re.search(r"height_above_takeoff|altitude_above|time\(millisecond\)|rel_?alt", line) is not None
    )


def _refuse_polyglot(name: str, found: str, head: bytes, tail: bytes) -> None:
    if MEDIUM[found] in ("table", "office") or found in ("gpx", "kml", "geojson", "dji_srt"):
        return
    end = tail.rfind(b"PK\x05\x06")
    if (
        end >= 0
        and len(tail) - end >= 22
        and len(tail) - end - 22 == int.from_bytes(tail[end + 20 : end + 22], "little")
    ):
        raise UnknownType(f"{name} is a {found} file and a ZIP archive at once")
    if re.search(rb"<(!doctype|html|script|\?php)", head[:1024], re.IGNORECASE):
        raise UnknownType(f"{name} is a {found} file and a web page at once")
    if found != "pdf" and b"%PDF-" in head[:1024]:
        raise UnknownType(f"{name} is a {found} file and a PDF at once")


def _guess(head: bytes, *, whole: bool) -> str:
    kind = _kind(head)
    text = decode(head) if kind == "of an unknown type" else None
    uneven = uneven_row(_records(text, whole=whole)) if text else None
    told = f"; if it is a table, {uneven}" if uneven else ""
    return f"{kind}, which cannot be redacted here{told}"


def _kind(head: bytes) -> str:
    start = head.lstrip()[:200].lower()
    if start.startswith(b"pk\x03\x04") and b".kml" in start:
        return "a compressed map (KMZ; unpack it and give the KML in it)"
    for signature, words in (
        (b"pk\x03\x04", "a ZIP archive or an Office document"),
        (b"\xd0\xcf\x11\xe0", "an old Office document or a mail message"),
        (b"mz", "a program"),
        (b"\x7felf", "a program"),
        (b"<!doctype html", "a web page"),
        (b"<html", "a web page"),
        (b"<svg", "a drawing with scripts (SVG)"),
        (b"ffconcat", "a playlist that names other files"),
        (b"#extm3u", "a playlist that names other files"),
        (b"#!", "a script"),
    ):
        if start.startswith(signature):
            return words
    return "of an unknown type"
