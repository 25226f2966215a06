"""The audio engine: one sound track is decoded, muted, cut and encoded anew; nothing else passes."""

from collections.abc import Callable
from pathlib import Path

import av
import av.error
from av.audio.stream import AudioStream

from redaction.engines.media.choice import Choice
from redaction.engines.media.sound import AAC_LAYOUTS, Sound, SoundTrack, mutes_in_order
from redaction.engines.media.source import Recording, demuxed, opened, scan, sound_of
from redaction.engines.media.timeline import Timeline, plan
from redaction.engines.media.writing import FAULTS, library_versions, muxer
from redaction.marks import Marks
from redaction.report import MarksError, Refused, Report
from redaction.transcript import Speech, listen
from redaction.transcript_captions import compose, write_captions

MEDIUM = "audio"
SUFFIXES = (".wav", ".m4a", ".mp3", ".ogg", ".opus", ".flac")
KINDS = ("mute", "cut", "tracks")
AIDS = ("transcript",)

_FORMATS = {".wav": "wav", ".m4a": "ipod", ".mp3": "mp3", ".ogg": "ogg", ".opus": "ogg", ".flac": "flac"}
_CODECS = {".m4a": "aac", ".mp3": "libmp3lame", ".ogg": "libopus", ".opus": "libopus", ".flac": "flac"}
_MOST_CHANNELS = {".wav": 8, ".m4a": 8, ".mp3": 2, ".ogg": 8, ".opus": 8, ".flac": 8}
_DEEP = ("s32", "flt", "dbl", "s64")  # sample formats of lossless sources with more than 16 bits

Progress = Callable[[float, str], None]


def redact(
    source: Path,
    marks: Marks,
    target: Path,
    *,
    progress: Progress | None = None,
    transcript: Path | None = None,
) -> Report:
    """This will write a sound file, of the type the target's suffix names, without what the marks name.

    ``transcript`` (SRT, VTT or timed words) tells where the words of a ``mute`` with a literal are spoken.

    :raises MarksError: for a mark that does not fit the recording, before any work.
    :raises Refused: when the recording cannot be processed safely.
    """
    marks = marks.effective
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        raise MarksError(f"this engine writes {', '.join(SUFFIXES)}, not {suffix or 'a file without suffix'}")
    choice = Choice.of(marks)
    recording = scan(source, choice, film=False)
    if not recording.has_sound:
        raise Refused("the recording has no sound")
    speech = listen(marks, transcript, recording.duration)
    timeline = plan(speech.marks, duration=recording.duration, kinds=KINDS, has_sound=True)
    report = Report(
        engine="daylight-audio",
        medium=MEDIUM,
        versions=library_versions(),
        marks=[speech.outcome(mark) for mark in marks],
    )
    try:
        _write(source, target, recording, choice, timeline, speech, report, progress)
    except BaseException as error:
        target.unlink(missing_ok=True)
        if isinstance(error, FAULTS):
            raise Refused(f"the recording cannot be encoded: {error}") from error
        raise
    return report


def write_companions(draft: Path, report: Report, folder: Path) -> None:
    """This will write the captions of what remains, when a transcript was given."""
    write_captions(report, folder)


def _write(
    source: Path,
    target: Path,
    recording: Recording,
    choice: Choice,
    timeline: Timeline,
    speech: Speech,
    report: Report,
    progress: Progress | None,
) -> None:
    suffix = target.suffix.lower()
    broken, heard = 0, 0.0
    with opened(source) as container, muxer(target, _FORMATS[suffix]) as out:
        stream = sound_of(container, choice.sound)
        if stream is None:
            raise Refused("the recording has no sound")
        most = _MOST_CHANNELS[suffix]
        if suffix == ".m4a" and stream.channels not in (1, 2, *AAC_LAYOUTS):
            most = 2
        sound = Sound(stream, recording.origin, timeline, mutes_in_order(speech.marks), most)
        deep = {".flac": "s32"}.get(suffix) if _is_deep(stream) else {".flac": "s16"}.get(suffix)
        codec = _CODECS.get(suffix) or ("pcm_s24le" if _is_deep(stream) else "pcm_s16le")
        track = SoundTrack(out, codec, sound, sample_format=deep)
        for packet in demuxed(container, [stream]):
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                broken += 1
                continue
            for frame in frames:
                for samples in sound.take(frame):
                    track.write(samples)
            if progress is not None and packet.pts is not None:
                at = float(packet.pts * packet.time_base) - recording.origin
                progress(min(1.0, max(0.0, at / max(recording.duration, 0.001))), "encoding")
        heard = track.close()
    if not heard:
        raise Refused("no sound of the recording can be decoded")
    report.details = {
        "way": "full transcode",
        "why": "all sound is encoded anew, so that nothing of the source but its samples can pass",
        "duration": round(recording.duration, 3),
        "seconds_of_sound": round(heard, 3),
        "rate": sound.rate,
        "channels": sound.channels,
        "tracks": {"sound": choice.sound},
        "streams_dropped": list(recording.dropped),
        "seconds_cut": round(timeline.seconds_cut, 3),
        "time_map": timeline.as_map(),
    }
    report.details |= speech.details
    if speech.transcript is not None:
        cuts = [(span.start, span.end) for span in timeline.cuts]
        report.details["captions"] = compose(speech, recording.duration, cuts)
    report.warnings += speech.warnings + sound.warnings()
    if broken:
        report.warnings.append(f"{broken} pieces of the source are damaged and were left out")
    if recording.dropped:
        report.warnings.append("left out: " + ", ".join(recording.dropped))


def _is_deep(stream: AudioStream) -> bool:
    """A lossless source with more than 16 bits a sample is released with 24."""
    lossless = stream.codec_context.name.startswith(("pcm_", "flac", "alac"))
    return lossless and stream.codec_context.format.name.rstrip("p") in _DEEP
