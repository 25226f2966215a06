"""Containers written with nothing in them but the tracks: no tags, no dates, no name of a program."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import av.container
import av.error
from av.codec.codec import UnknownCodecError

FAULTS = (av.error.FFmpegError, UnknownCodecError)  # what PyAV raises when it cannot encode

_OPTIONS = {
    "mp4": {"movflags": "+faststart"},
    "ipod": {"movflags": "+faststart"},
    "wav": {"rf64": "auto"},
    "ogg": {},
    "flac": {},
    "mp3": {"id3v2_version": "0", "write_id3v1": "0"},
}


@contextmanager
def muxer(target: Path, format_name: str) -> Iterator[av.container.OutputContainer]:
    """This will open an output container and finish it when the block ends well."""
    container = av.open(
        f"file:{target.absolute()}",
        "w",
        format=format_name,
        options={"fflags": "+bitexact", **_OPTIONS[format_name]},
    )
    try:
        yield container
    finally:
        container.close()


def library_versions() -> dict[str, str]:
    """This will name PyAV, FFmpeg and its libraries with their versions, for the report."""
    versions = {"av": av.__version__, "ffmpeg": av.ffmpeg_version_info}
    for name, numbers in av.library_versions.items():
        versions[name] = ".".join(str(number) for number in numbers)
    return versions
