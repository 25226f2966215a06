"""One input through the library, and whether what came of it keeps the promises.

Promises: no hang, no crash of the caller, no output on failure, a sentence without a traceback and without
a word of the record. A child that crashed or ran out of time kept them too, yet is worth a look: it is
counted and saved apart.
"""

import contextlib
import io
import json
import re
import time
from dataclasses import dataclass
from pathlib import Path

from redaction import looks, pipeline
from redaction.__main__ import main
from redaction.marks import load
from redaction.report import RedactionError
from redaction.sandbox import Stopped
from tests.fuzz.seeds import CANARY, Seed

SECONDS = 20.0  # for each child
_WORDS = re.compile(rf"{CANARY}|Traceback|File \"", re.IGNORECASE)


@dataclass(frozen=True)
class Judgement:
    """``broken`` names a promise that was not kept; ``outcome`` is what happened, in a word or two."""

    outcome: str
    broken: str = ""
    words: str = ""


def judge(seed: Seed, folder: Path, *, shell: bool = False) -> Judgement:
    """This will redact one file by the library, or as the command line does, and look at what is left."""
    marks, out = folder / "marks.json", folder / f"out{seed.suffix}"
    if not marks.exists():
        entries = [{"id": f"m{number}", **entry} for number, entry in enumerate(seed.marks)]
        marks.write_text(json.dumps({"version": 1, "marks": entries}))
    before, began = _listing(folder), time.monotonic()
    outcome, words = _by_shell(seed, marks, out) if shell else _by_library(seed, marks, out)
    took = time.monotonic() - began
    return Judgement(outcome, _broken(outcome, words, took, out, before, folder), words)


def look(path: Path) -> Judgement:
    """This will look at one file as the check at upload does."""
    began = time.monotonic()
    try:
        outcome, words = f"is {looks.examine(path, thorough=True).format}", ""
    except Stopped as error:
        outcome, words = f"stopped: {error.why}", str(error)
    except RedactionError as error:
        outcome, words = "refused", str(error)
    except Exception as error:
        outcome, words = f"raised {type(error).__name__}", ""
    return Judgement(
        outcome, _broken(outcome, words, time.monotonic() - began, None, set(), path.parent), words
    )


def _by_library(seed: Seed, marks: Path, out: Path) -> tuple[str, str]:
    aids = {"transcript": seed.transcript} if seed.transcript else None
    try:
        pipeline.redact(seed.path, load(marks), out, aids=aids, seconds=SECONDS)
    except Stopped as error:
        return f"stopped: {error.why} {str(error) if error.why == 'unforeseen' else ''}".strip(), str(error)
    except RedactionError as error:
        return f"{type(error).__name__}", str(error)
    except Exception as error:
        return f"raised {type(error).__name__}", ""
    return "redacted", ""


def _by_shell(seed: Seed, marks: Path, out: Path) -> tuple[str, str]:
    arguments = ["redact", str(seed.path), "--marks", str(marks), "--out", str(out)]
    arguments += ["--transcript", str(seed.transcript)] if seed.transcript else []
    said, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(errors):
        try:
            code = main(arguments)
        except SystemExit as error:
            return f"raised SystemExit {error.code}", ""
    words = errors.getvalue()
    if code not in (0, 1, 2) or (code == 0) == bool(words):
        return f"raised code {code}", words
    return "redacted" if code == 0 else f"exit {code}", words


def _broken(outcome: str, words: str, took: float, out: Path | None, before: set[str], folder: Path) -> str:
    if outcome.startswith("raised"):
        return outcome
    if took > 6 * SECONDS:
        return f"took {took:.0f} seconds"
    if _WORDS.search(words):
        return "the message holds a word of the record or a traceback"
    if out is not None:
        left = _listing(folder) - before
        if outcome == "redacted":
            left.discard(out.name)
            if not out.is_file():
                return "no output, and nothing said"
        if left:
            return "left behind: " + ", ".join(sorted(left))
    return ""


def _listing(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}
