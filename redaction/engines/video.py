"""The video engine: decode, paint, encode anew. Only picture 0 and sound 0 pass, and no metadata.

The whole film is encoded again, so no edit list, side data, message or unused byte of the source can ride
along. Marks are in displayed coordinates and on the player's clock.
"""

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
from av.bitstream import BitStreamFilterContext
from av.stream import Stream
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream

from redaction.engines.media import painting
from redaction.engines.media.pictures import Turn, planes_of, read_ahead, turn_of, upright
from redaction.engines.media.sound import Sound, SoundTrack, mutes_in_order
from redaction.engines.media.source import (
    Recording,
    check_size,
    demuxed,
    first_picture,
    opened,
    picture_of,
    rate_of,
    scan,
    sound_of,
)
from redaction.engines.media.timeline import Timeline, plan
from redaction.engines.media.writing import FAULTS, library_versions, muxer
from redaction.marks import Marks
from redaction.report import MarkOutcome, Refused, Report

MEDIUM = "video"
SUFFIXES = (".mp4",)
KINDS = ("region", "frame", "mute", "cut")
FINEST_CLOCK = 10_000  # ticks a second the output has at least

Progress = Callable[[float, str], None]


def redact(source: Path, marks: Marks, target: Path, *, progress: Progress | None = None) -> Report:
    """This will write an MP4 (H.264, AAC) without what the marks name.

    :raises MarksError: for a mark that does not fit the film, before any work.
    :raises Refused: when the film cannot be processed safely.
    """
    marks = marks.effective
    recording = scan(source, film=True)
    if not recording.has_picture or not recording.pictures:
        raise Refused("the recording has no picture")
    timeline = plan(marks, duration=recording.duration, kinds=KINDS, has_sound=recording.has_sound)
    report = Report(
        engine="daylight-video",
        medium=MEDIUM,
        versions=library_versions(),
        marks=[MarkOutcome(mark.id, mark.kind) for mark in marks],
    )
    try:
        _Work(source, target, recording, timeline, marks, report, progress or (lambda *_: None)).run()
    except BaseException as error:
        target.unlink(missing_ok=True)
        if isinstance(error, FAULTS):
            raise Refused(f"the recording cannot be encoded: {error}") from error
        raise
    return report


class _Work:
    """One pass over one film."""

    def __init__(
        self,
        source: Path,
        target: Path,
        recording: Recording,
        timeline: Timeline,
        marks: Marks,
        report: Report,
        progress: Progress,
    ) -> None:
        self.source, self.target, self.recording, self.timeline = source, target, recording, timeline
        self.marks, self.report, self.progress = marks, report, progress
        self.paints = painting.in_order(marks)
        self.painted = {mark.id: 0 for mark in self.paints}
        self.frames_in = self.frames_out = self.broken = self.moved = 0
        self.last_tick = -1
        self.seconds_of_sound = 0.0
        self.sound: Sound | None = None

    def run(self) -> None:
        with opened(self.source) as container, muxer(self.target, "mp4") as out:
            picture, sound = picture_of(container), sound_of(container)
            if picture is None:
                raise Refused("the recording has no picture")
            picture.thread_type = "AUTO"
            self._prepare(out, picture)
            self._open_encoder(first_picture(self.source))
            heard, track = None, None
            if sound is not None:
                mutes = mutes_in_order(self.marks)
                heard = self.sound = Sound(sound, self.recording.origin, self.timeline, mutes)
                track = SoundTrack(out, "aac", heard)
            waiting: tuple[av.VideoFrame, float] | None = None
            # a generator would hold the container open past its block, hence the explicit close below
            decoded = read_ahead(lambda: self._decoded(container, picture, sound))
            try:
                for item in decoded:
                    if isinstance(item, av.AudioFrame):
                        if track is not None and heard is not None:
                            for samples in heard.take(item):
                                track.write(samples)
                        continue
                    time = self._time(item)
                    if waiting is not None:
                        self._write(out, *waiting, end=max(time, waiting[1]))
                    waiting = (item, time)
            finally:
                decoded.close()  # type: ignore[attr-defined]  # read_ahead is a generator
            if waiting is None:
                raise Refused("no picture of the recording can be decoded")
            self._write(out, *waiting, end=max(self.recording.duration, waiting[1] + 1 / self.rate))
            if not self.frames_out:
                raise Refused("no picture is left after the cuts")
            self._mux(out, self.stream.encode(None))
            if track is not None:
                self.seconds_of_sound = track.close()
        self._conclude()

    def _prepare(self, out: Any, picture: VideoStream) -> None:
        base = picture.time_base or Fraction(1, 90_000)
        ticks = base.denominator
        while ticks < FINEST_CLOCK:
            ticks *= 2
        self.clock = Fraction(1, ticks)
        self.rate = rate_of(picture)
        self.aspect = picture.sample_aspect_ratio
        self.stream = out.add_stream("libx264", rate=self.rate, options=_X264)
        context = self.stream.codec_context
        context.flags |= av.codec.context.Flags.bitexact
        context.pix_fmt = "yuv420p"
        context.time_base = self.clock
        context.gop_size = max(1, min(250, round(self.rate * 4)))
        context.color_range = ColorRange.MPEG
        for name in ("color_primaries", "color_trc", "colorspace"):
            setattr(context, name, getattr(picture.codec_context, name))
        self.filter: BitStreamFilterContext | None = None

    def _decoded(
        self, container: av.container.InputContainer, picture: VideoStream, sound: Stream | None
    ) -> Iterator[av.VideoFrame | av.AudioFrame]:
        streams: list[Stream] = [stream for stream in (picture, sound) if stream is not None]
        for packet in demuxed(container, streams):
            try:
                yield from packet.decode()
            except av.error.FFmpegError:
                self.broken += 1

    def _time(self, frame: av.VideoFrame) -> float:
        self.frames_in += 1
        if frame.pts is None or frame.time_base is None:
            return float((self.frames_in - 1) / self.rate)
        return float(frame.pts * frame.time_base) - self.recording.origin

    def _write(self, out: Any, frame: av.VideoFrame, time: float, *, end: float) -> None:
        if turn_of(frame) != self.turn:
            raise Refused("the picture changes its orientation on the way")
        self.progress(min(1.0, max(0.0, time) / max(self.recording.duration, 0.001)), "encoding")
        if self.timeline.is_cut(time) or end <= 0:
            return
        fresh = upright(frame, self.turn, self.size)
        planes = planes_of(fresh)
        for mark in self.paints:
            if painting.is_shown(mark, time, end):
                box = painting.box_at(mark, time, *self.shown)
                painting.paint(planes, box, mark["style"])
                self.painted[mark.id] += 1
        tick = round((time - self.timeline.shift(time)) / float(self.clock))
        if tick <= self.last_tick:
            self.moved += 1
            tick = self.last_tick + 1
        self.last_tick = tick
        fresh.pts, fresh.time_base = tick, self.clock
        self.frames_out += 1
        self._mux(out, self.stream.encode(fresh))

    def _open_encoder(self, first: av.VideoFrame) -> None:
        """The decoder knows size and orientation, the header may be wrong about both."""
        check_size(first.width, first.height)
        self.turn, self.size = turn_of(first), (first.width, first.height)
        width, height = reversed(self.size) if self.turn.swapped else self.size
        self.shown = (width, height)
        context = self.stream.codec_context
        context.width, context.height = width + width % 2, height + height % 2
        if self.aspect and self.aspect != 1:
            context.sample_aspect_ratio = 1 / self.aspect if self.turn.swapped else self.aspect

    def _mux(self, out: Any, packets: list[Any]) -> None:
        if packets and self.filter is None:
            # x264 writes its settings, and could write captions, as messages (SEI, NAL type 6)
            self.filter = BitStreamFilterContext("filter_units=remove_types=6", self.stream)
            self.report.versions["x264"] = _x264_version(bytes(packets[0]))
        for packet in packets:
            if self.filter is not None:
                for clean in self.filter.filter(packet):
                    clean.stream = self.stream
                    out.mux(clean)

    def _conclude(self) -> None:
        report, recording = self.report, self.recording
        for mark in self.marks:
            report.outcome(mark.id).applied = 1
            if self.painted.get(mark.id) == 0 and not self.timeline.covers(mark["start"], mark["end"]):
                report.warnings.append(f"mark {mark.id}: no picture is shown while this mark holds")
        report.details = {
            "way": "full transcode",
            "why": "every film is encoded anew, so that nothing of the source but its pixels can pass",
            "duration": round(recording.duration, 3),
            "frames_in": self.frames_in,
            "frames": self.frames_out,
            "fps": round(float(self.rate), 3),
            "size": list(self.shown),
            "turned": self.turn != Turn(),
            "streams_dropped": list(recording.dropped),
            "seconds_cut": round(self.timeline.seconds_cut, 3),
            "time_map": self.timeline.as_map(),
            "pictures_painted": dict(self.painted),
            "seconds_of_sound": round(self.seconds_of_sound, 3),
        }
        if self.sound is not None:
            report.warnings += self.sound.warnings()
        _warn(report, self)


def _warn(report: Report, work: _Work) -> None:
    if work.recording.hidden:
        report.warnings.append(
            f"{work.recording.hidden} pictures that the source hides behind an edit list were left out"
        )
    if work.broken:
        report.warnings.append(f"{work.broken} pieces of the source are damaged and were left out")
    if work.moved:
        report.warnings.append(f"{work.moved} pictures had time stamps out of order and were moved")
    if work.recording.dropped:
        report.warnings.append("left out: " + ", ".join(work.recording.dropped))


def _x264_version(packet: bytes) -> str:
    found = re.search(rb"x264 - core (\d+[ r0-9a-f]*)", packet)
    return found.group(1).decode().strip() if found else "unknown"


_X264 = {"preset": "veryfast", "crf": "23", "a53cc": "0", "udu_sei": "0"}
