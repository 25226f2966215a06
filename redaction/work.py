"""What is done inside a child: the engine in one, its verifier in another. JSON values in, JSON values out.

Engines and verifiers are imported when first needed, by the name of the medium. What one of them can use
beside the source (a transcript, a folder of finished segments) it names in ``AIDS``; those come as keyword
arguments, None when not given.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol, cast

from redaction import marks as marks_format
from redaction import sniff
from redaction.engines.media.choice import Choice
from redaction.marks import Marks, check_medium, medium_meant
from redaction.report import Finding, MarkOutcome, Report, UsageError
from redaction.sandbox import wire

MODULES = {
    "pdf": ("redaction.engines.pdf", "redaction.verify.pdf"),
    "office": ("redaction.engines.office", "redaction.verify.office"),
    "image": ("redaction.engines.image", "redaction.verify.image"),
    "video": ("redaction.engines.video", "redaction.verify.video"),
    "audio": ("redaction.engines.audio", "redaction.verify.audio"),
    "table": ("redaction.engines.table", "redaction.verify.table"),
    "flight": ("redaction.engines.flight", "redaction.verify.flight"),
}

# imported before the fork with the modules above; a library would load them again in every child
WARM = {
    "image": (
        *("PIL.BmpImagePlugin", "PIL.GifImagePlugin", "PIL.ImageChops", "PIL.ImageSequence"),
        *("PIL.JpegImagePlugin", "PIL.PngImagePlugin", "PIL.PpmImagePlugin", "PIL.TiffImagePlugin"),
        *("PIL.WebPImagePlugin", "av.subtitles.stream", "email.parser"),
    ),
}

Progress = Callable[[float, str], None]
Aids = Mapping[str, str]


class Engine(Protocol):
    """Writes ``target`` from ``source``; checks every mark against the source before work starts."""

    MEDIUM: str
    SUFFIXES: tuple[str, ...]

    def redact(
        self,
        source: Path,
        marks: Marks,
        target: Path,
        *,
        progress: Progress | None = None,
        **aids: Path | None,
    ) -> Report: ...


class Verifier(Protocol):
    """Looks at an output with other libraries than the engine's."""

    def verify(
        self, output: Path, source: Path, marks: Marks, report: Report, **aids: Path | None
    ) -> list[Finding]: ...

    def examine(self, output: Path) -> list[Finding]: ...


def media_of(path: str) -> list[str]:
    """This will name the media a file may be read as, by its content."""
    media = sniff.media_type(Path(path))
    return [media.medium, *media.also]


def render(
    source: str,
    marks: Mapping[str, Any],
    draft: str,
    *,
    aids: Aids,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """This will write the draft by the engine of the source's medium and give the engine's report."""
    applied, target = marks_format.parse(marks).effective, Path(draft)
    medium = medium_for(Path(source), applied, target.suffix)
    check_medium(applied, medium)
    engine = engine_of(medium)
    if target.suffix not in engine.SUFFIXES:
        raise UsageError(
            f"a file of type {medium} cannot be released as {target.suffix or 'a file without suffix'}"
        )
    for aid in aids:
        if aid not in getattr(engine, "AIDS", ()):
            raise UsageError(f"a {aid} is of no use for a file of type {medium}")
    report = engine.redact(Path(source), applied, target, progress=progress, **_aids(engine, aids))
    return report.as_dict()


def check(
    draft: str, source: str, marks: Mapping[str, Any], report: Mapping[str, Any], *, aids: Aids
) -> dict[str, Any]:
    """This will verify a draft: what is wrong with it, and the report with what was found again."""
    applied, filled = marks_format.parse(marks).effective, Report.from_dict(report)
    verifier = verifier_of(filled.medium)
    findings = verifier.verify(Path(draft), Path(source), applied, filled, **_aids(verifier, aids))
    return {"findings": wire.findings_as_data(findings), "report": filled.as_dict()}


def scan(source: str, marks: Mapping[str, Any], target: str, facts: Mapping[str, Any]) -> float:
    """This will keep the engine's scan of a film at ``target``; the film's seconds come back."""
    from redaction.engines.video import index

    return index.write(Path(source), Choice.of(marks_format.parse(marks)), Path(target), dict(facts))


def take_prints(source: str, marks: Mapping[str, Any], target: str, facts: Mapping[str, Any]) -> None:
    """This will keep the verifier's own reading of a film at ``target``."""
    from redaction.verify.media import index

    index.write(Path(source), marks_format.parse(marks).effective, Path(target), dict(facts))


def survey(source: str, marks: Mapping[str, Any], scan: str | None = None) -> list[dict[str, Any]]:
    """This will cut the work on a film into segments that do not need each other."""
    from redaction.engines import video

    kept = Path(scan) if scan is not None else None
    return [asdict(segment) for segment in video.segments(Path(source), marks_format.parse(marks), scan=kept)]


def render_segments(
    source: str,
    marks: Mapping[str, Any],
    keys: list[str],
    *,
    aids: Aids,
    progress: Progress | None = None,
) -> int:
    """This will render the segments of some keys into the folder ``cache``; how many were not there yet."""
    from redaction.engines import video

    parsed = marks_format.parse(marks)
    kept = Path(aids["scan"]) if "scan" in aids else None
    return video.render_segments(Path(source), parsed, keys, Path(aids["cache"]), progress, kept)


def accompany(draft: str, report: Mapping[str, Any], folder: str) -> None:
    """This will write the engine's side files (a data dictionary, a drawn map) for a verified draft."""
    filled = Report.from_dict(report)
    write = getattr(engine_of(filled.medium), "write_companions", None)
    if write is not None:
        write(Path(draft), filled, Path(folder))


def examine(
    output: str, source: str | None, marks: Mapping[str, Any] | None, *, aids: Aids
) -> list[list[str | None]]:
    """This will name what is wrong with any file, also one another program redacted."""
    return wire.findings_as_data(_examine(Path(output), source, marks, aids))


def _examine(output: Path, original: str | None, data: Mapping[str, Any] | None, aids: Aids) -> list[Finding]:
    media = sniff.media_type(output)
    if original is None or data is None:
        return verifier_of(media.medium).examine(output)
    source, applied = Path(original), marks_format.parse(data).effective
    medium = medium_for(source, applied, output.suffix.lower())
    check_medium(applied, medium)
    if getattr(engine_of(medium), "MAKES", medium) not in (media.medium, *media.also):
        return [Finding(f"the source is of type {medium}, the output of type {media.medium}")]
    verifier = verifier_of(medium)
    report = Report(engine="", medium=medium, marks=[MarkOutcome(mark.id, mark.kind) for mark in applied])
    findings = verifier.examine(output)
    findings += verifier.verify(output, source, applied, report, **_aids(verifier, aids))
    return list(dict.fromkeys(findings))


def medium_for(source: Path, marks: Marks, suffix: str) -> str:
    """A CSV may be a table or a flight log, a workbook a table or pages: the marks say, then the suffix."""
    media = sniff.media_type(source)
    meant = medium_meant(marks, (media.medium, *media.also))
    if meant != media.medium:
        return meant
    for other in media.also:
        if suffix not in engine_of(media.medium).SUFFIXES and suffix in engine_of(other).SUFFIXES:
            return other
    return media.medium


def engine_of(medium: str) -> Engine:
    return cast(Engine, importlib.import_module(MODULES[medium][0]))


def verifier_of(medium: str) -> Verifier:
    return cast(Verifier, importlib.import_module(MODULES[medium][1]))


def _aids(user: object, given: Aids) -> dict[str, Path | None]:
    names = getattr(user, "AIDS", ())
    return {name: Path(given[name]) if name in given else None for name in names}
