"""What may be in a released WAV, MP3, Ogg or FLAC: walked byte by byte; everything else is named."""

import mmap
import struct
from collections.abc import Iterator
from pathlib import Path

from redaction.report import Finding

_TOOLS = (b"ffmpeg", b"Lavf", b"Lavc", b"libopus", b"LAME")
_STREAMINFO, _PADDING, _COMMENT = 0, 1, 4  # FLAC metadata blocks, RFC 9639, 8.1

# kbit/s, ISO/IEC 11172-3, 2.4.2.3 and 13818-3, for layer III
_BIT_RATES = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def examine_wav(path: Path) -> list[Finding]:
    """This will name every chunk of a WAV that is not its format or its samples."""
    findings: list[Finding] = []
    samples = length64 = 0
    size = path.stat().st_size
    with path.open("rb") as stream:
        head = stream.read(12)
        wide = head[:4] == b"RF64"
        at = 12
        while at + 8 <= size:
            stream.seek(at)
            kind, length = struct.unpack("<4sI", stream.read(8))
            if kind == b"ds64":
                length64 = struct.unpack("<Q", stream.read(16)[8:16])[0]
            elif wide and kind == b"data" and length == 0xFFFFFFFF:
                length = length64
            if kind == b"data":
                samples += 1
            elif kind == b"JUNK":
                if any(stream.read(length)):
                    findings.append(Finding("free space of the file is not empty", place=f"byte {at}"))
            elif kind not in (b"fmt ", b"fact", b"ds64"):
                name = kind.decode("latin-1")
                findings.append(
                    Finding(f"metadata: the chunk {name!r} does not belong here", place=f"byte {at}")
                )
            at += 8 + length + length % 2
    if at < size or samples != 1:
        findings.append(Finding("the WAV structure is broken or bytes follow its end"))
    return findings


def examine_mp3(path: Path) -> list[Finding]:
    """This will name the tags of an MP3 (ID3 at either end, APE, Lyrics3) and bytes of no frame."""
    findings = []
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        start, end = 0, len(data)
        if data[:3] == b"ID3":
            findings.append(Finding("metadata: an ID3 tag", place="start"))
            start = 10 + sum(byte << 7 * step for step, byte in enumerate(reversed(data[6:10])))
        tail = data[-256:]
        if tail[-128:-125] == b"TAG" or b"3DI" in tail[-10:]:
            findings.append(Finding("metadata: an ID3 tag", place="end"))
            end -= 128
        if b"APETAGEX" in tail or b"LYRICS" in tail:
            findings.append(Finding("metadata: an APE or Lyrics tag", place="end"))
        at = start
        while (length := _mp3_frame(data[at : at + 4])) > 0 and at + length <= end:
            at += length
        if at < end and not findings:
            findings.append(Finding("bytes of the MP3 belong to no sound", place=f"byte {at}"))
    return findings


def _mp3_frame(head: bytes) -> int:
    """Bytes of the layer III frame that begins so; 0 for what is none."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version, rate, kind = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or rate in (0, 15) or kind == 3:
        return 0
    step = 144_000 if version == 3 else 72_000
    return step * _BIT_RATES[version == 3][rate] // _RATES[version][kind] + (head[2] >> 1 & 1)


def examine_ogg(path: Path) -> list[Finding]:
    """This will name comments, further streams and loose bytes of an Ogg file (RFC 3533, RFC 7845)."""
    findings: list[Finding] = []
    serials: set[int] = set()
    comments, pages, last, end = b"", 0, 0, False
    with path.open("rb") as stream:
        size = path.stat().st_size
        at = 0
        while at + 27 <= size:
            stream.seek(at)
            head = stream.read(27)
            if head[:5] != b"OggS\0":
                break
            flags, serial, segments = head[5], struct.unpack("<I", head[14:18])[0], head[26]
            length = sum(stream.read(segments))
            if pages and not end and len(comments) < 1 << 16 and (pages == 1 or flags & 1):
                comments += stream.read(length)
            serials.add(serial)
            end = bool(flags & 4)
            pages, last = pages + 1, at
            at += 27 + segments + length
        if at != size or not pages:
            findings.append(Finding("bytes of the Ogg file belong to no page", place=f"byte {min(at, size)}"))
    if len(serials) > 1:
        findings.append(Finding(f"{len(serials)} streams in the Ogg file, only one may pass"))
    if pages and not end:
        findings.append(Finding("the Ogg file has no end", place=f"byte {last}"))
    name = next((each for each in (b"OpusTags", b"\x03vorbis") if comments.startswith(each)), None)
    if name is None:
        findings.append(Finding("the Ogg file does not begin as Opus or Vorbis does"))
    else:
        findings += [Finding(words, place="comments") for words in _comments(comments[len(name) :])]
    return findings


def examine_flac(path: Path) -> list[Finding]:
    """This will name the metadata of a FLAC file beside its format, and bytes behind its sound."""
    findings: list[Finding] = []
    with path.open("rb") as stream:
        if stream.read(4) != b"fLaC":
            return [Finding("the FLAC structure is broken")]
        last = False
        while not last:
            head = stream.read(4)
            if len(head) < 4:
                return [*findings, Finding("the FLAC structure is broken")]
            last, kind, length = bool(head[0] & 0x80), head[0] & 0x7F, int.from_bytes(head[1:], "big")
            body = stream.read(length)
            if kind == _COMMENT:
                findings += [Finding(words, place="comments") for words in _comments(body)]
            elif kind == _PADDING and any(body):
                findings.append(Finding("free space of the file is not empty"))
            elif kind not in (_STREAMINFO, _PADDING):
                findings.append(Finding(f"metadata: a FLAC block of kind {kind}"))
        stream.seek(-min(128, path.stat().st_size), 2)
        tail = stream.read()
    if tail.startswith(b"TAG") or b"APETAGEX" in tail:
        findings.append(Finding("metadata: an ID3 or APE tag", place="end"))
    return findings


def _comments(data: bytes) -> Iterator[str]:
    """Faults of a Vorbis comment header: who made the file, then any number of tags."""
    try:
        length = struct.unpack_from("<I", data)[0]
        maker = data[4 : 4 + length]
        count = struct.unpack_from("<I", data, 4 + length)[0]
        at = 8 + length
        for _ in range(min(count, 10_000)):
            size = struct.unpack_from("<I", data, at)[0]
            tag = data[at + 4 : at + 4 + size]
            at += 4 + size
            name, _, value = tag.partition(b"=")
            if name.lower() != b"encoder" or not value.startswith(_TOOLS):
                yield f"metadata: the tag {name.decode('utf-8', 'replace')!r}"
    except struct.error:
        yield "the comments are broken"
        return
    if not maker.startswith(_TOOLS):
        yield "metadata: the comments name who made the file"
    if any(data[at:].lstrip(b"\x01")):
        yield "metadata: bytes behind the comments"
