"""What may be in a released MP4: a list of what is allowed; everything else is named."""

import mmap
import re
import struct
from pathlib import Path

import numpy as np

from redaction.report import Finding
from redaction.verify.media import boxes
from redaction.verify.media.boxes import BrokenError, Movie, Track

ALLOWED = {
    "": "ftyp moov mdat free skip wide",
    "/moov": "mvhd trak udta",
    "/moov/trak": "tkhd edts mdia",
    "/moov/trak/edts": "elst",
    "/moov/trak/mdia": "mdhd hdlr minf",
    "/moov/trak/mdia/minf": "vmhd smhd dinf stbl",
    "/moov/trak/mdia/minf/dinf": "dref",
    "/moov/trak/mdia/minf/stbl": "stsd stts ctts stsc stsz stco co64 stss sgpd sbgp sdtp cslg",
}
PICTURE_CODECS = {b"avc1", b"avc3", b"hvc1", b"hev1", b"av01", b"vp09", b"mp4v"}
SOUND_CODECS = {b"mp4a", b"Opus", b"alac", b"fLaC", b".mp3", b"ac-3"}
HANDLER_NAMES = {b"", b"VideoHandler", b"SoundHandler"}
HIDDEN_SOUND = 3  # packets: an AAC encoder's own run-in and run-out, which hold no sound of the source

_TOOL = re.compile(rb"Lav[fc][0-9.]*|x264 - core .*", re.DOTALL)
_TAG_HANDLER = b"\0\0\0\x21hdlr" + bytes(8) + b"mdirappl" + bytes(9)
_SEI = 6
_SEI_CAPTIONS, _SEI_FREE = 4, 5


def examine_mp4(path: Path) -> list[Finding]:
    """This will name everything in an MP4 beside one film track, one sound track and their tables."""
    try:
        movie = boxes.read(path)
    except BrokenError as error:
        return [Finding(f"the MP4 structure is broken: {error}")]
    findings = _unknown_boxes(path, movie)
    findings += _tracks(movie)
    findings += _unused_bytes(movie)
    for track in movie.tracks:
        if track.codecs in ((b"avc1",), (b"avc3",)):
            findings += _messages(path, track)
    return findings


def _unknown_boxes(path: Path, movie: Movie) -> list[Finding]:
    findings = []
    for box in boxes.walk(movie.boxes):
        parent = box.path.rpartition("/")[0]
        if box.kind.decode("latin-1") not in ALLOWED.get(parent, "").split():
            findings.append(
                Finding(f"the box {box.path} does not belong in a release", place=f"byte {box.start}")
            )
        elif box.kind in (b"free", b"skip", b"wide") and any(boxes.payload(path, box)):
            findings.append(Finding("free space of the file is not empty", place=f"byte {box.start}"))
        elif box.kind == b"udta" and not _names_only_a_tool(boxes.payload(path, box)):
            findings.append(Finding("metadata: user data (udta)", place=f"byte {box.start}"))
        elif box.kind == b"dref" and _points_elsewhere(boxes.payload(path, box)):
            findings.append(Finding("a track refers to another file (dref)", place=f"byte {box.start}"))
    return findings


def _names_only_a_tool(data: bytes) -> bool:
    """FFmpeg leaves an empty list of tags, or its own name in it: neither says anything about the record."""
    if data[:12] != struct.pack(">I4sI", len(data), b"meta", 0) or data[12:45] != _TAG_HANDLER:
        return False
    items = data[53:]
    if data[45:53] != struct.pack(">I4s", len(items) + 8, b"ilst"):
        return False
    return not items or (
        items[:8] == struct.pack(">I4s", len(items), b"\xa9too")
        and items[8:24] == struct.pack(">I4sII", len(items) - 8, b"data", 1, 0)
        and _TOOL.fullmatch(items[24:]) is not None
    )


def _points_elsewhere(data: bytes) -> bool:
    count = struct.unpack(">I", data[4:8])[0]
    return count != 1 or data[8:] != b"\x00\x00\x00\x0curl \x00\x00\x00\x01"


def _tracks(movie: Movie) -> list[Finding]:
    findings = []
    kinds = [track.handler for track in movie.tracks]
    for handler, name in ((b"vide", "film"), (b"soun", "sound")):
        if kinds.count(handler) > 1:
            findings.append(Finding(f"{kinds.count(handler)} {name} tracks, only one may pass"))
    dates = set(movie.dates)
    for number, track in enumerate(movie.tracks, start=1):
        place = f"track {number}"
        dates |= set(track.dates)
        codecs = {b"vide": PICTURE_CODECS, b"soun": SOUND_CODECS}.get(track.handler, set())
        if track.handler not in (b"vide", b"soun"):
            kind = track.handler.decode("latin-1")
            findings.append(Finding(f"a track that is neither film nor sound ({kind})", place=place))
        elif len(track.codecs) != 1 or track.codecs[0] not in codecs:
            findings.append(Finding("a track of an unknown coding", place=place))
        if track.handler_name.lstrip(b"\x0c\x0d\x0e") not in HANDLER_NAMES:
            findings.append(Finding("metadata: the track's handler has a name", place=place))
        hidden = track.hidden(movie.timescale)
        if hidden > (HIDDEN_SOUND if track.handler == b"soun" else 0):
            findings.append(Finding(f"an edit list hides {hidden} samples that are still there", place=place))
    if dates - {0}:
        findings.append(Finding("metadata: a creation or modification date"))
    return findings


def _unused_bytes(movie: Movie) -> list[Finding]:
    """Every byte of mdat must belong to a sample: what no sample refers to is hidden data."""
    spans = [(box.payload, box.end) for box in movie.boxes if box.kind == b"mdat"]
    starts = np.concatenate([np.zeros(0, np.int64), *(track.offsets for track in movie.tracks)])
    lengths = np.concatenate([np.zeros(0, np.int64), *(track.sizes for track in movie.tracks)])
    order = np.argsort(starts, kind="stable")
    starts, ends = starts[order], (starts + lengths)[order]
    unused = 0
    for first, last in spans:
        inside = (starts >= first) & (ends <= last)
        covered = np.maximum.accumulate(np.append(first, ends[inside]))
        gaps = np.append(starts[inside], last) - covered
        unused += int(np.maximum(gaps, 0).sum())
    if unused:
        return [Finding(f"{unused} bytes of the media data belong to no sample")]
    return []


def _messages(path: Path, track: Track) -> list[Finding]:
    """Captions and free messages travel inside H.264 samples as NAL units of type 6."""
    found: set[str] = set()
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for start, size in zip(track.offsets.tolist(), track.sizes.tolist(), strict=True):
            at, end = start, min(start + size, len(data))
            while at + 4 < end:
                length = int.from_bytes(data[at : at + 4], "big")
                if data[at + 4] & 0x1F == _SEI:
                    found |= _read_messages(data[at + 5 : min(at + 4 + length, end)])
                at += 4 + length
    return [Finding(f"the film carries {name} inside its pictures") for name in sorted(found)]


def _read_messages(data: bytes) -> set[str]:
    found, at = set(), 0
    while at + 2 < len(data):
        numbers = []
        for _ in range(2):
            value = 0
            while at < len(data) and data[at] == 0xFF:
                value, at = value + 255, at + 1
            if at < len(data):
                value, at = value + data[at], at + 1
            numbers.append(value)
        kind, size = numbers
        if kind == _SEI_CAPTIONS:
            found.add("captions or user data")
        elif kind == _SEI_FREE and not _TOOL.match(data[at + 16 : at + size]):
            found.add("messages")
        at += size
    return found
