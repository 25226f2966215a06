"""Engine, then verify, then rename: the one way from a source and its marks to a file fit for release.

The engine works in one child and its verifier in another (see :mod:`redaction.sandbox`), for an engine
that a hostile file has taken over must not vouch for itself. Here, where nothing from outside is parsed,
paths are checked, bytes hashed, sums compared and the finished file renamed into place.
"""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from redaction import indexes, work
from redaction.children import Children, Progress
from redaction.indexes import Hashed, Index
from redaction.marks import Marks
from redaction.report import (
    Finding,
    MarkOutcome,
    Refused,
    Report,
    UsageError,
    VerificationFailed,
    sha256_of,
)
from redaction.sandbox import wire
from redaction.work import MODULES

__all__ = ["MODULES", "Progress", "UsageError", "redact", "suffixes", "verify"]


def redact(
    source: Path,
    marks: Marks,
    target: Path,
    *,
    companions: Path | None = None,
    aids: Mapping[str, Path] | None = None,
    progress: Progress | None = None,
    known: Hashed | None = None,
    index: Index | None = None,
    contained: bool = True,
    seconds: float | None = None,
) -> Report:
    """This will put a verified, redacted copy of ``source`` at ``target``, whole or not at all.

    What stood at ``target`` before is removed first. ``companions`` is a folder for the engine's side files
    (a data dictionary, a drawn map); without it there are none. ``aids`` are further files by name:
    ``transcript`` (SRT, VTT or timed words), ``cache`` (a folder that keeps finished segments).
    ``progress`` hears a share from 0 to 1. ``known`` is the source's hash where its keeper has just taken it
    and nothing was done to the file since; else it is taken here. ``index`` is what is kept of a film (see
    :mod:`redaction.indexes`). ``seconds`` shortens the time each child has. Only tests of an engine say
    ``contained=False``: then there is no child and no wall.

    :raises MarksError: when the marks do not fit the source.
    :raises UsageError: when no engine makes this pair of types, or the paths cannot work.
    :raises Refused: when the source cannot be redacted safely, or the check of the output failed.
    :raises SandboxUnavailable: when no child could be started.
    """
    _check_paths(source, target, companions, (aids or {}).values())
    if marks.undecided:
        names = ", ".join(mark.id for mark in marks.undecided)
        raise Refused(f"mark {names}: a suggestion that no person has accepted, rejected or adjusted")
    target.unlink(missing_ok=True)
    taken = known if known is not None and known.is_still(source) else _hash(source)
    digest = taken.sha256
    if index is not None and index.sha256 != digest:
        raise UsageError("what is kept of the film is of another one")
    if marks.effective.withheld:
        return _withhold(source, marks, digest)
    given = {name: path.absolute() for name, path in (aids or {}).items()}
    if "cache" in given:
        if given["cache"].name != digest:  # a folder for each source: its child can reach no other's
            given["cache"] /= digest
        _prepare_cache(given["cache"])
    scratch = Path(tempfile.mkdtemp(prefix=".redaction-", dir=target.parent)).absolute()
    try:
        children = Children(source.absolute(), given, scratch, contained=contained, seconds=seconds)
        draft, report = _draft(children, marks, target.suffix.lower(), progress, index)
        if not taken.is_still(source):
            raise Refused("the source changed while it was being redacted")
        report.source_sha256, report.marks_digest = digest, marks.digest
        _verify_draft(children, draft, marks, report, index)
        report.target_sha256 = sha256_of(draft)
        _sync(draft)
        if companions is not None:
            _write_companions(children, draft, report, companions)
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
    contained: bool = True,
    seconds: float | None = None,
) -> list[Finding]:
    """This will name everything in ``output`` that should not be there; an empty list means it holds.

    Alone, any file is examined, also one another program redacted. With ``source`` and ``marks`` every mark
    is checked too; the verifier then gets a report without figures of the engine.

    :raises Refused: when a file cannot be read or its type is not known.
    """
    if (source is None) != (marks is None):
        raise UsageError("a source and its marks are given together or not at all")
    if marks is not None and marks.effective.withheld:
        first = marks.effective.of("withhold")[0].id
        return [Finding("the whole item is withheld, yet there is an output", mark_id=first)]
    given = {name: path.absolute() for name, path in (aids or {}).items()}
    arguments = {
        "output": str(output.absolute()),
        "source": str(source.absolute()) if source is not None else None,
        "marks": dict(marks.raw) if marks is not None else None,
        "aids": _names(given),
    }
    with tempfile.TemporaryDirectory(prefix="daylight-verify-") as scratch:
        children = Children(
            (source or output).absolute(), given, Path(scratch), contained=contained, seconds=seconds
        )
        return wire.findings_from_data(children.run("examine", arguments, reads=(output.absolute(),)))


def suffixes(medium: str) -> tuple[str, ...]:
    """This will give the output suffixes that the engine of a medium makes, the usual one first."""
    return work.engine_of(medium).SUFFIXES


def _draft(
    children: Children, marks: Marks, suffix: str, progress: Progress | None, index: Index | None
) -> tuple[Path, Report]:
    """The engine's draft, taken out of its reach, and its report."""
    made = children.folder("render") / f"draft{suffix}"
    scan = indexes.aid_of(index, indexes.SCAN)
    arguments = {
        "source": str(children.source),
        "marks": dict(marks.raw),
        "draft": str(made),
        "aids": _names({**children.aids, **scan}),
    }
    report = _report(children.run("render", arguments, reads=scan.values(), progress=progress))
    if not _is_plain(made):
        raise Refused("the engine left no output")
    draft = children.scratch / made.name
    made.replace(draft)
    return draft, report


def _verify_draft(children: Children, draft: Path, marks: Marks, report: Report, index: Index | None) -> None:
    """The verifier's word is its own: what the engine says was verified does not count.

    :raises VerificationFailed: with all that is wrong.
    """
    for row in report.marks:
        row.verified = 0
    prints = indexes.aid_of(index, indexes.PRINTS)
    arguments = {
        "draft": str(draft),
        "source": str(children.source),
        "marks": dict(marks.raw),
        "report": report.as_dict(),
        "aids": _names({**children.aids, **prints}),
    }
    said = children.run("check", arguments, reads=[draft, *prints.values()])
    if not isinstance(said, dict):
        raise Refused("the check of the output gave no answer")
    checked = _report(said.get("report"))
    verified = {row.id: row.verified for row in checked.marks}
    for row in report.marks:
        row.verified = verified.get(row.id, 0)
    report.details, report.warnings = checked.details, checked.warnings
    report.versions = checked.versions
    findings = wire.findings_from_data(said.get("findings")) + _sums(marks.effective, report)
    if findings:
        raise VerificationFailed(findings)


def _write_companions(children: Children, draft: Path, report: Report, folder: Path) -> None:
    made = children.folder("accompany")
    arguments = {"draft": str(draft), "report": report.as_dict(), "folder": str(made)}
    children.run("accompany", arguments, reads=[draft])
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(made.iterdir()):
        if _is_plain(path):
            shutil.move(path, folder / path.name)


def _is_plain(path: Path) -> bool:
    """A file of its own: no link to another, no second name, no pipe."""
    try:
        status = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_nlink == 1


def _report(data: object) -> Report:
    try:
        return Report.from_dict(data if isinstance(data, dict) else {})
    except TypeError as error:
        raise Refused("the engine gave no report that can be read") from error


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


def _names(aids: Mapping[str, Path]) -> dict[str, str]:
    return {name: str(path) for name, path in aids.items()}


def _prepare_cache(folder: Path) -> None:
    """Made here, for a child may only write where something stands; what is in it has not been released."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"the cache {folder.name} is not a folder that can be used") from error


def _check_paths(source: Path, target: Path, companions: Path | None, aids: Iterable[Path]) -> None:
    if not target.parent.is_dir():
        raise UsageError(f"the folder of {target.name} does not exist")
    if target.is_dir():
        raise UsageError(f"{target.name} is a folder")
    if _is_same(target, source):
        raise UsageError("the output would overwrite the source")
    if any(_is_same(target, aid) for aid in aids):
        raise UsageError("the output would overwrite a file the work needs")
    if companions is not None and companions.exists() and not companions.is_dir():
        raise UsageError(f"{companions.name}, where companions should go, is not a folder")


def _is_same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)


def _hash(source: Path) -> Hashed:
    try:
        return indexes.hashed(source)
    except OSError as error:
        raise Refused(f"{source.name} cannot be read: {error.strerror}") from error


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
