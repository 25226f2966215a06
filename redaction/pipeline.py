"""Engine, then verify, then rename: the one way from a source and its marks to a file fit for release.

An engine is a module with ``MEDIUM``, ``SUFFIXES`` and ``redact``; its verifier, by other libraries, is a
module with ``verify`` and ``examine``. Both are imported when first needed, by the name of the medium.
What else one of them can use (a transcript, a folder of finished segments) it names in ``AIDS``; those come
as keyword arguments, None when not given.
"""

import importlib
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, cast

from redaction import sniff
from redaction.mark_kinds import KINDS
from redaction.marks import Marks, check_medium
from redaction.report import (
    Finding,
    MarkOutcome,
    RedactionError,
    Refused,
    Report,
    VerificationFailed,
    sha256_of,
)

MODULES = {
    "pdf": ("redaction.engines.pdf", "redaction.verify.pdf"),
    "image": ("redaction.engines.image", "redaction.verify.image"),
    "video": ("redaction.engines.video", "redaction.verify.video"),
    "audio": ("redaction.engines.audio", "redaction.verify.audio"),
    "table": ("redaction.engines.table", "redaction.verify.table"),
    "flight": ("redaction.engines.flight", "redaction.verify.flight"),
}

Progress = Callable[[float, str], None]


class UsageError(RedactionError):
    """The call itself cannot work: wrong output type, missing folder, output over source (exit 2)."""

    exit_code = 2


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


def redact(
    source: Path,
    marks: Marks,
    target: Path,
    *,
    companions: Path | None = None,
    aids: Mapping[str, Path] | None = None,
    progress: Progress | None = None,
) -> Report:
    """This will put a verified, redacted copy of ``source`` at ``target``, whole or not at all.

    What stood at ``target`` before is removed first. ``companions`` is a folder for the engine's side files
    (a data dictionary, a drawn map); without it there are none. ``aids`` are further files by name:
    ``transcript`` (SRT, VTT or timed words), ``cache`` (a folder that keeps finished segments).
    ``progress`` hears a share from 0 to 1.

    :raises MarksError: when the marks do not fit the source.
    :raises UsageError: when no engine makes this pair of types, or the paths cannot work.
    :raises Refused: when the source cannot be redacted safely, or the check of the output failed.
    """
    _check_paths(source, target)
    if marks.undecided:
        names = ", ".join(mark.id for mark in marks.undecided)
        raise Refused(f"mark {names}: a suggestion that no person has accepted, rejected or adjusted")
    target.unlink(missing_ok=True)
    applied = marks.effective
    digest, stamp = _hash(source), _stamp(source)
    if applied.withheld:
        return _withhold(source, marks, digest)
    medium = _medium_for(source, applied, target.suffix.lower())
    check_medium(applied, medium)
    engine = _engine(medium)
    if target.suffix.lower() not in engine.SUFFIXES:
        raise UsageError(
            f"a file of type {medium} cannot be released as {target.suffix or 'a file without suffix'}"
        )
    _check_aids(engine, aids, medium)
    scratch = Path(tempfile.mkdtemp(prefix=".redaction-", dir=target.parent))
    try:
        draft = scratch / f"draft{target.suffix.lower()}"
        report = engine.redact(source, applied, draft, progress=progress, **_aids(engine, aids))
        if _stamp(source) != stamp:
            raise Refused("the source changed while it was being redacted")
        report.source_sha256, report.marks_digest = digest, marks.digest
        verifier = _verifier(medium)
        findings = verifier.verify(draft, source, applied, report, **_aids(verifier, aids))
        findings += _sums(applied, report)
        if findings:
            raise VerificationFailed(findings)
        report.target_sha256 = sha256_of(draft)
        _sync(draft)
        if companions is not None:
            _write_companions(engine, draft, report, companions)
        draft.replace(target)
        _sync(target.parent)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return report


def verify(
    output: Path,
    source: Path | None = None,
    marks: Marks | None = None,
    *,
    aids: Mapping[str, Path] | None = None,
) -> list[Finding]:
    """This will name everything in ``output`` that should not be there; an empty list means it holds.

    Alone, any file is examined, also one another program redacted. With ``source`` and ``marks`` every mark
    is checked too; the verifier then gets a report without figures of the engine.

    :raises Refused: when a file cannot be read or its type is not known.
    """
    if (source is None) != (marks is None):
        raise UsageError("a source and its marks are given together or not at all")
    media = sniff.media_type(output)
    if source is None or marks is None:
        return _verifier(media.medium).examine(output)
    applied = marks.effective
    if applied.withheld:
        return [
            Finding(
                "the whole item is withheld, yet there is an output", mark_id=applied.of("withhold")[0].id
            )
        ]
    medium = _medium_for(source, applied, output.suffix.lower())
    check_medium(applied, medium)
    if medium not in (media.medium, *media.also):
        return [Finding(f"the source is of type {medium}, the output of type {media.medium}")]
    verifier = _verifier(medium)
    report = Report(engine="", medium=medium, marks=[MarkOutcome(mark.id, mark.kind) for mark in applied])
    findings = verifier.examine(output)
    findings += verifier.verify(output, source, applied, report, **_aids(verifier, aids))
    return list(dict.fromkeys(findings))


def suffixes(medium: str) -> tuple[str, ...]:
    """This will give the output suffixes that the engine of a medium makes, the usual one first."""
    return _engine(medium).SUFFIXES


def _medium_for(source: Path, marks: Marks, suffix: str) -> str:
    """A plain CSV may be a table or a flight log: the marks say which, then the suffix, then the header."""
    media = sniff.media_type(source)
    for mark in marks:
        for other in media.also:
            if KINDS[mark.kind].media == (other,):
                return other
    for other in media.also:
        if suffix not in _engine(media.medium).SUFFIXES and suffix in _engine(other).SUFFIXES:
            return other
    return media.medium


def _withhold(source: Path, marks: Marks, digest: str) -> Report:
    rows = [MarkOutcome(mark.id, mark.kind, 1, 1, 1) for mark in marks.effective.of("withhold")]
    return Report(
        engine="none",
        medium="withheld",
        source_sha256=digest,
        marks_digest=marks.digest,
        withheld=True,
        marks=rows,
    )


def _sums(marks: Marks, report: Report) -> list[Finding]:
    """requested = applied = verified for every mark, or there is no output."""
    rows = {row.id: row for row in report.marks}
    findings = []
    for mark in marks:
        row = rows.get(mark.id)
        if row is None:
            findings.append(Finding("was never looked at", mark_id=mark.id))
        elif not row.requested == row.applied == row.verified:
            findings.append(
                Finding(
                    f"asked for {row.requested} times, applied {row.applied}, found again {row.verified}",
                    mark_id=mark.id,
                )
            )
    return findings


def _aids(user: object, given: Mapping[str, Path] | None) -> dict[str, Path | None]:
    return {name: (given or {}).get(name) for name in getattr(user, "AIDS", ())}


def _check_aids(engine: Engine, given: Mapping[str, Path] | None, medium: str) -> None:
    for name in given or {}:
        if name not in getattr(engine, "AIDS", ()):
            raise UsageError(f"a {name} is of no use for a file of type {medium}")


def _check_paths(source: Path, target: Path) -> None:
    if not target.parent.is_dir():
        raise UsageError(f"the folder of {target.name} does not exist")
    if target.is_dir():
        raise UsageError(f"{target.name} is a folder")
    if target.exists() and source.exists() and target.samefile(source):
        raise UsageError("the output would overwrite the source")


def _hash(source: Path) -> str:
    try:
        return sha256_of(source)
    except OSError as error:
        raise Refused(f"{source.name} cannot be read: {error.strerror}") from error


def _stamp(source: Path) -> tuple[int, int, int]:
    status = source.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_companions(engine: Engine, draft: Path, report: Report, folder: Path) -> None:
    write = getattr(engine, "write_companions", None)
    if write is not None:
        folder.mkdir(parents=True, exist_ok=True)
        write(draft, report, folder)


def _engine(medium: str) -> Engine:
    return cast(Engine, importlib.import_module(MODULES[medium][0]))


def _verifier(medium: str) -> Verifier:
    return cast(Verifier, importlib.import_module(MODULES[medium][1]))
