"""Every figure that bounds the work on one file, in one place (docs/limits.md shows them as a table).

``of`` says what a child may use; the constants below it bound what a file may claim to be.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

MEGABYTE = 1024 * 1024

# what a file may hold; each engine names the ones it keeps to
MARKS_BYTES = 64 * MEGABYTE
TRANSCRIPT_BYTES = 64 * MEGABYTE
PDF_BYTES = 1024 * MEGABYTE
PDF_PAGES = 3000
IMAGE_BYTES = 256 * MEGABYTE
IMAGE_PIXELS = 100_000_000
IMAGE_SIDE = 30_000  # pixels
FILM_STREAMS = 64
FILM_SIDE = 8192  # pixels
FILM_AREA = 8192 * 4320  # pixels
FILM_SECONDS = 24 * 3600.0
FILM_PACKETS = 24 * 3600 * 250  # a day of the fastest camera or of sound in short packets
SOUND_RATE = 384_000  # samples a second
SOUND_CHANNELS = 32
WORKBOOK_BYTES = 800 * MEGABYTE  # all parts together, unpacked
WORKBOOK_RATIO = 200  # times a part may grow when unpacked, beyond WORKBOOK_FLOOR
WORKBOOK_FLOOR = 32 * MEGABYTE
CELL_LETTERS = 8 * MEGABYTE  # plate pictures come as Base64
OFFICE_PARTS = 5_000
OFFICE_BYTES = 512 * MEGABYTE  # all parts, unpacked
OFFICE_XML = 96 * MEGABYTE
MAIL_BYTES = 256 * MEGABYTE
MAIL_PARTS = 1_000
FLIGHT_POINTS = 5_000_000
FLIGHT_BYTES = 4096 * MEGABYTE  # telemetry; ULog and DataFlash half of it
FLIGHT_JSON_BYTES = 64 * MEGABYTE  # read whole

# what a child may say
LONGEST_ANSWER = 64 * MEGABYTE
LONGEST_LINE = 2_000  # characters of one message


@dataclass(frozen=True)
class Limits:
    """What one child may use. Bytes and seconds; ``processes`` 1: it may start no program.

    ``memory`` counts private writable memory beyond what the loaded libraries take; ``disk`` the whole of
    its folder and ``file_size`` one file; ``answer`` the bytes it may send back.
    """

    memory: int
    cpu_seconds: int
    wall_seconds: float
    file_size: int
    disk: int
    open_files: int = 256
    processes: int = 1
    local_sockets: bool = False
    answer: int = LONGEST_ANSWER

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class _Scale:
    """``seconds`` plus ``seconds_per_megabyte`` of the source; the output may be ``growth`` times as big."""

    memory: int  # megabytes
    seconds: int
    seconds_per_megabyte: float
    growth: int
    processes: int = 1


_SCALES = {
    "pdf": _Scale(2048, 600, 60, 40, processes=8),  # scans are read by Tesseract
    "image": _Scale(3072, 120, 5, 60),
    "video": _Scale(4096, 1800, 60, 12),
    "audio": _Scale(1536, 600, 10, 40),
    "table": _Scale(4096, 600, 2, 12),
    "flight": _Scale(2048, 300, 5, 30),
    "office": _Scale(3072, 300, 20, 60, processes=16),  # LibreOffice starts itself anew
    "look": _Scale(2048, 60, 0.05, 1),  # a preview, a check at upload: headers and a first page
    "detect": _Scale(4096, 1800, 60, 1),
    "preview": _Scale(3072, 900, 20, 2),  # a part of a proxy, a drawn sound, a followed thing
}
_LONGEST = 24 * 3600
_SMALLEST_FILE = 512 * MEGABYTE
_CORES = 4  # a child of several threads uses processor time faster than the clock goes


def of(medium: str, size: int = 0) -> Limits:
    """This will give what a child may use on a source of ``size`` bytes of one medium."""
    scale = _SCALES.get(medium, _SCALES["look"])
    wall = min(_LONGEST, scale.seconds + scale.seconds_per_megabyte * size / MEGABYTE)
    file_size = _SMALLEST_FILE + scale.growth * size
    return Limits(
        memory=scale.memory * MEGABYTE,
        cpu_seconds=int(wall * _CORES),
        wall_seconds=wall,
        file_size=file_size,
        disk=2 * file_size,
        processes=scale.processes,
        local_sockets=medium == "office",
    )


def largest(media: Iterable[str], size: int) -> Limits:
    """This will give the most that any of some media may use: a CSV may be a table or a flight log."""
    every = [of(medium, size).as_dict() for medium in media]
    return Limits(**{name: max(limits[name] for limits in every) for name in every[0]})


def within(limits: Limits, seconds: float | None) -> Limits:
    """This will shorten the time of a child, for a caller who waits; None leaves it."""
    if seconds is None or seconds >= limits.wall_seconds:
        return limits
    return replace(limits, wall_seconds=seconds, cpu_seconds=max(1, int(seconds * _CORES)))
