import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from redaction.engines import video
from redaction.engines.media import sound
from redaction.marks import Marks
from redaction.report import Finding, Refused
from redaction.verify import video as verifier
from tests.redaction.media_builders import (
    a_report,
    a_sound,
    a_video,
    begun_later,
    remuxed,
    some_marks,
)

BOX = [0.25, 0.25, 0.25, 0.5]
OTHER = [0.6, 0.1, 0.3, 0.4]


def released(tmp_path: Path, marks: Marks, **film: Any) -> tuple[Path, Path]:
    source = a_video(tmp_path / "in.mp4", **film)
    target = tmp_path / "out.mp4"
    video.redact(source, marks, target)
    return source, target


def found(target: Path, source: Path, marks: Marks) -> dict[str | None, str]:
    report = a_report(marks)
    findings = verifier.verify(target, source, marks, report)
    for row in report.marks:
        assert row.verified == (0 if row.id in {finding.mark_id for finding in findings} else 1)
    return {finding.mark_id: finding.message for finding in findings}


def messages(findings: list[Finding]) -> str:
    return " | ".join(str(finding) for finding in findings)


def add_box(path: Path, parent: bytes, box: bytes) -> None:
    """Append a box to moov (or moov/trak) of a film whose index stands first, moving sample offsets along."""
    raw = bytearray(path.read_bytes())
    grown = [b"moov"] if parent == b"moov" else [b"moov", parent]
    place = raw.index(parent) - 4
    end = place + struct.unpack_from(">I", raw, place)[0]
    raw[end:end] = box
    for kind in grown:
        at = raw.index(kind) - 4
        struct.pack_into(">I", raw, at, struct.unpack_from(">I", raw, at)[0] + len(box))
    at = -1
    while (at := raw.find(b"stco", at + 1)) >= 0:
        for number in range(struct.unpack_from(">I", raw, at + 8)[0]):
            entry = at + 12 + 4 * number
            struct.pack_into(">I", raw, entry, struct.unpack_from(">I", raw, entry)[0] + len(box))
    path.write_bytes(raw)


def a_box(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(payload), kind) + payload


ALL_KINDS = (
    {"kind": "region", "start": 0.3, "end": 1.7, "rect": BOX},
    {"kind": "region", "start": 0, "end": 2, "rect": OTHER, "style": "mosaic"},
    {"kind": "region", "start": 0, "end": 2, "rect": [0, 0.6, 0.2, 0.4], "style": "blur"},
    {"kind": "frame", "start": 1.8, "end": 2, "style": "mosaic"},
    {"kind": "mute", "start": 0.2, "end": 0.8},
    {"kind": "mute", "start": 1.2, "end": 1.6, "style": "tone"},
    {"kind": "cut", "start": 0.9, "end": 1.1},
)


def test_honest_output_of_all_kinds_of_marks_holds(tmp_path: Path) -> None:
    marks = some_marks(*ALL_KINDS)
    source, target = released(tmp_path, marks)

    assert found(target, source, marks) == {}


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_honest_output_of_a_rotated_film_holds(tmp_path: Path, rotation: int) -> None:
    marks = some_marks({"kind": "region", "start": 0, "end": 2, "rect": [0, 0.6, 0.3, 0.4]})
    source, target = released(tmp_path, marks, rotation=rotation)

    assert found(target, source, marks) == {}


def test_honest_output_of_overlapping_moving_marks_holds(tmp_path: Path) -> None:
    def moving(style: str, left: float) -> dict[str, Any]:
        keyframes = [
            {"t": 0, "rect": [left, 0.1, 0.33, 0.51]},
            {"t": 2, "rect": [0.6 - left, 0.3, 0.37, 0.6]},
        ]
        return {"kind": "region", "start": 0, "end": 2, "style": style, "keyframes": keyframes}

    marks = some_marks(
        moving("blur", 0.1), moving("mosaic", 0.2), moving("solid", 0.45), moving("mosaic", 0.4)
    )
    source, target = released(tmp_path, marks, audio=False)

    assert found(target, source, marks) == {}


def test_honest_output_of_a_mosaic_under_black_of_less_than_a_millisecond_holds(tmp_path: Path) -> None:
    late = 1.0005  # marks come in milliseconds: this one still takes the picture that begins at 1
    marks = some_marks(
        {"kind": "region", "start": 0, "end": 2, "rect": [0.5, 0.4, 0.5, 0.6], "style": "mosaic"},
        {"kind": "region", "start": 0.5, "end": late, "rect": [0, 0.3, 1, 0.4]},
    )
    source, target = released(tmp_path, marks, audio=False)

    assert found(target, source, marks) == {}


def test_honest_output_with_a_changing_frame_rate_and_cuts_holds(tmp_path: Path) -> None:
    marks = some_marks(
        {"kind": "cut", "start": 0.55, "end": 1.05},
        {"kind": "region", "start": 0.2, "end": 0.7, "rect": BOX},
        {"kind": "region", "start": 1.3, "end": 1.4, "rect": BOX},
    )
    times = [0, 0.04, 0.5, 0.51, 0.6, 1.0, 1.1, 1.9, 1.95]
    source, target = released(tmp_path, marks, audio=False, times=times)

    assert found(target, source, marks) == {}


@pytest.mark.parametrize("style", ["solid", "mosaic", "blur"])
def test_region_that_was_not_painted_is_named(tmp_path: Path, style: str) -> None:
    source, target = released(tmp_path, some_marks({"kind": "region", "start": 0, "end": 2, "rect": BOX}))
    marks = some_marks({"kind": "region", "start": 0, "end": 2, "rect": OTHER, "style": style})

    assert found(target, source, marks) == {"m0": "is not covered"}


@pytest.mark.parametrize("style", ["solid", "mosaic"])
def test_region_missing_on_one_single_picture_is_named(tmp_path: Path, style: str) -> None:
    painted = some_marks(
        {"kind": "region", "start": 0, "end": 1, "rect": BOX, "style": style},
        {"kind": "region", "start": 1.1, "end": 2, "rect": BOX, "style": style},
    )
    source, target = released(tmp_path, painted)
    marks = some_marks({"kind": "region", "start": 0, "end": 2, "rect": BOX, "style": style})
    report = a_report(marks)

    findings = verifier.verify(target, source, marks, report)

    assert [(finding.mark_id, finding.place) for finding in findings] == [
        ("m0", "second 1.000 of the output")
    ]


def test_box_painted_too_small_is_named(tmp_path: Path) -> None:
    smaller = some_marks({"kind": "region", "start": 0, "end": 2, "rect": [0.25, 0.25, 0.23, 0.5]})
    source, target = released(tmp_path, smaller)

    assert found(target, source, some_marks({"kind": "region", "start": 0, "end": 2, "rect": BOX})) == {
        "m0": "is not covered"
    }


def test_black_opened_again_by_a_mosaic_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("redaction.engines.media.painting._ORDER", {"solid": 0, "mosaic": 1})
    marks = some_marks(
        {"kind": "region", "start": 0, "end": 2, "rect": BOX},
        {"kind": "region", "start": 0, "end": 2, "rect": [0.2, 0.2, 0.6, 0.6], "style": "mosaic"},
    )
    source, target = released(tmp_path, marks)

    assert found(target, source, marks) == {"m0": "is not covered"}


@pytest.mark.parametrize("style", ["silence", "tone"])
def test_mute_that_was_not_applied_is_named(tmp_path: Path, style: str) -> None:
    source, target = released(tmp_path, Marks())
    marks = some_marks({"kind": "mute", "start": 0.5, "end": 1, "style": style})

    assert "still heard" in found(target, source, marks)["m0"]


def test_tone_laid_over_the_speech_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filling = sound._filling

    def overlaid(tone: bool, first: int, last: int, rate: int) -> sound.Samples:
        speech = (0.02 * np.sin(np.arange(first, last) / 20)).astype(np.float32)
        return np.add(filling(tone, first, last, rate), speech, dtype=np.float32)

    monkeypatch.setattr(sound, "_filling", overlaid)
    marks = some_marks({"kind": "mute", "start": 0.5, "end": 1, "style": "tone"})
    source, target = released(tmp_path, marks)

    assert "still heard" in found(target, source, marks)["m0"]


def test_cut_that_was_not_made_is_named(tmp_path: Path) -> None:
    source, target = released(tmp_path, Marks())
    marks = some_marks({"kind": "cut", "start": 0.5, "end": 1})
    report = a_report(marks)

    findings = verifier.verify(target, source, marks, report)

    assert "20 pictures, but the cuts leave 15" in messages(findings)
    assert "more sound" in messages(findings)
    assert report.outcome("m0").verified == 0


def test_cut_of_another_second_is_named(tmp_path: Path) -> None:
    made = some_marks({"kind": "cut", "start": 1, "end": 1.5})
    source, target = released(tmp_path, made, times=[0, 0.1, 0.5, 1.2, 1.9], audio=False)
    marks = some_marks({"kind": "cut", "start": 0.4, "end": 0.9})

    assert "not at the times" in found_any(target, source, marks)


def found_any(target: Path, source: Path, marks: Marks) -> str:
    return messages(verifier.verify(target, source, marks, a_report(marks)))


PLANTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "title": (
        lambda path: add_box(
            path, b"moov", a_box(b"udta", a_box(b"\xa9xyz", b"\x00\x12\x15\xc7+38.9-077.0/"))
        ),
        "user data",
    ),
    "uuid": (lambda path: add_box(path, b"moov", a_box(b"uuid", b"GPS" * 20)), "/moov/uuid"),
    "hidden free space": (lambda path: add_box(path, b"moov", a_box(b"free", b"secret")), "/moov/free"),
    "track meta": (lambda path: add_box(path, b"trak", a_box(b"meta", bytes(20))), "/moov/trak/meta"),
    "trailing bytes": (lambda path: _append(path, a_box(b"free", b"SECRET")), "not empty"),
    "trailing box": (lambda path: _append(path, a_box(b"gpmd", b"GPS")), "/gpmd"),
    "trailing garbage": (lambda path: _append(path, b"xyz"), "broken"),
    "second mdat": (lambda path: _append(path, a_box(b"mdat", b"leftover picture")), "belong to no sample"),
    "date": (lambda path: _patch(path, b"mvhd", 8, struct.pack(">I", 3_800_000_000)), "date"),
    "handler": (lambda path: _replace(path, b"VideoHandler", b"Unit 12 Cam\0"), "handler"),
    "edit list": (lambda path: _shorten_edit(path), "edit list hides"),
}


def _append(path: Path, more: bytes) -> None:
    path.write_bytes(path.read_bytes() + more)


def _patch(path: Path, kind: bytes, offset: int, value: bytes) -> None:
    raw = bytearray(path.read_bytes())
    at = raw.index(kind) + offset
    raw[at : at + len(value)] = value
    path.write_bytes(raw)


def _replace(path: Path, old: bytes, new: bytes) -> None:
    path.write_bytes(path.read_bytes().replace(old, new))


def _shorten_edit(path: Path) -> None:
    half = struct.pack(">IIIiI", 0, 1, 1000, 0, 1 << 16)  # the first second of two
    add_box(path, b"trak", a_box(b"edts", a_box(b"elst", half)))


@pytest.mark.parametrize("name", PLANTS)
def test_planted_structure_is_named(tmp_path: Path, name: str) -> None:
    plant, expected = PLANTS[name]
    _, target = released(tmp_path, Marks())
    assert verifier.examine(target) == []

    plant(target)

    assert expected in messages(verifier.examine(target))


def test_film_of_another_program_has_its_tags_tracks_and_chapters_named(tmp_path: Path) -> None:
    planted = {"title": "PLANTED", "make": "PLANTED"}
    extra = ("audio", "video", "subtitle", "chapter")

    text = messages(verifier.examine(a_video(tmp_path / "other.mp4", metadata=planted, extra=extra)))

    for part in ("'title'", "'make'", "2 film tracks", "2 sound tracks", "chapters", "type subtitle"):
        assert part in text


def test_plain_film_of_another_program_passes(tmp_path: Path) -> None:
    assert verifier.examine(a_video(tmp_path / "other.mp4")) == []


def test_tags_of_another_container_are_named(tmp_path: Path) -> None:
    source = a_video(tmp_path / "other.mkv", metadata={"title": "PLANTED"}, extra=("subtitle",))

    text = messages(verifier.examine(source))

    assert "'title'" in text.lower()
    assert "type subtitle" in text


def test_film_cut_by_an_edit_list_only_is_named(tmp_path: Path) -> None:
    """What ``-ss X -c copy`` makes: the pictures before X are still in the file."""
    target = remuxed(a_video(tmp_path / "in.mp4", audio=False), tmp_path / "out.mp4", begun_later)

    assert "edit list hides" in messages(verifier.examine(target))


def test_captions_inside_the_pictures_are_named(tmp_path: Path) -> None:
    caption = bytes([6, 4, 12]) + b"\xb5\x00\x31GA94\x03SECR" + b"\x80"
    message = bytes([6, 5, 22]) + bytes(16) + b"SECRET" + b"\x80"

    def spoken(packet: Any) -> Any:
        nals = b"".join(struct.pack(">I", len(nal)) + nal for nal in (caption, message))
        changed = av.Packet(nals + bytes(packet))
        changed.pts, changed.dts, changed.time_base = packet.pts, packet.dts, packet.time_base
        return changed

    target = remuxed(a_video(tmp_path / "in.mp4", audio=False), tmp_path / "out.mp4", spoken)

    text = messages(verifier.examine(target))

    assert "captions or user data inside" in text
    assert "messages inside" in text


def test_output_cut_short_is_named(tmp_path: Path) -> None:
    source, target = released(tmp_path, Marks())
    target.write_bytes(target.read_bytes()[:-4000])

    assert found_any(target, source, Marks())


def test_output_that_is_no_film_is_named(tmp_path: Path) -> None:
    source = a_video(tmp_path / "in.mp4")
    target = tmp_path / "out.mp4"
    target.write_bytes(b"not a film at all")

    text = found_any(target, source, Marks())

    assert "broken" in text
    assert "cannot be played" in text


def test_sound_without_film_is_named(tmp_path: Path) -> None:
    sound = a_sound(tmp_path / "out.m4a").rename(tmp_path / "out.mp4")

    assert "no film" in messages(verifier.examine(sound))


def test_source_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    _, target = released(tmp_path, Marks())
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"nothing")

    with pytest.raises(Refused, match="source"):
        verifier.verify(target, bad, Marks(), a_report(Marks()))
