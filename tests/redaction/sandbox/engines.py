"""Engines and verifiers that a hostile file has taken over; set in place of the PDF's by a test's child."""

import os
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from redaction import work
from redaction.marks import Marks
from redaction.report import Finding, MarkOutcome, Report

WAYS = ("honest", "links", "twice", "pipe", "nothing", "garbled", "boasts", "slow")


def render(way: str, **arguments: Any) -> Any:
    """``redaction.work.render`` with an engine that has a way of its own."""
    engine = SimpleNamespace(SUFFIXES=(".pdf",), redact=lambda *given, **_: _redact(way, *given))
    work.engine_of = lambda medium: engine  # in a child, for its life
    said = work.render(**arguments)
    return {"engine": 7} if way == "garbled" else said


def check(findings: int = 0, verified: int = 1, **arguments: Any) -> Any:
    """``redaction.work.check`` with a verifier that finds so much."""

    def verify(output: Path, source: Path, marks: Marks, report: Report) -> list[Finding]:
        for row in report.marks:
            row.verified += verified
        return [Finding("is not black")] * findings

    work.verifier_of = lambda medium: SimpleNamespace(verify=verify)  # as above
    return work.check(**arguments)


def _redact(way: str, source: Path, marks: Marks, target: Path) -> Report:
    if way == "links":
        target.symlink_to(source)
    elif way == "twice":
        target.write_bytes(b"%PDF-made")
        os.link(target, target.with_name("another"))
    elif way == "pipe":
        os.mkfifo(target)
    elif way != "nothing":
        target.write_bytes(b"%PDF-made")
    if way == "slow":
        (target.parent / "begun").touch()
        time.sleep(600)
    rows = [MarkOutcome(mark.id, mark.kind, 1, 1, 9 if way == "boasts" else 0) for mark in marks]
    return Report("taken over", "pdf", marks=rows)
