"""Due dates and fees from the command line: ``python -m requests_app.law due FILE.json``."""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from requests_app.law import answers, case_file, pack, quotes
from requests_app.law.case_file import FileFault
from requests_app.law.pack import Pack, PackError

ANSWERED, SOME_UNANSWERED, UNUSABLE = 0, 1, 2
ABOUT = """\
Reads a JSON list of cases and writes a JSON list of answers to standard output.

due    {"id", "due", "because": [...]}: the last day of a clock, and every step that led there
quote  {"id", "computed", "billed", ..., "lines": [...]}: a fee, and every line of it

A case that cannot be answered gives {"id", "error"}. Nothing here is legal advice.
"""
ENDS = "Ends with 0 when every case was answered, 1 when some were not, 2 when the file cannot be used."


def main(arguments: Sequence[str] | None = None) -> int:
    """This will answer the cases of a file and give the exit status."""
    given = _parser().parse_args(arguments)
    try:
        laws = _laws(given.pack)
        cases = case_file.read(given.file, sys.stdin.buffer)
    except (FileFault, PackError) as problem:
        sys.stderr.write(f"{problem}\n")
        return UNUSABLE
    answer = answers.due if given.what == "due" else quotes.answer
    made, failed = answers.each(cases, partial(answer, laws=laws))
    try:
        _write(made)
    except OSError as problem:
        # what is still buffered would be tried once more, with a traceback, when Python ends
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        sys.stderr.write(f"The answers cannot be written: {problem.strerror or problem}.\n")
        return UNUSABLE
    return SOME_UNANSWERED if failed else ANSWERED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m requests_app.law",
        description=ABOUT,
        epilog=ENDS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=("due", "quote"), help="what to work out")
    parser.add_argument("file", help="a JSON list of cases; - reads standard input")
    parser.add_argument(
        "--pack",
        action="append",
        default=[],
        metavar="FILE",
        help="a law pack to use, in front of the shipped one of the same id; may be given several times",
    )
    return parser


def _laws(files: Sequence[str]) -> Mapping[str, Pack]:
    loaded = [pack.load(Path(name)) for name in files]
    return {each.id: each for each in loaded}


def _write(made: Sequence[Mapping[str, Any]]) -> None:
    try:
        written = json.dumps(made, ensure_ascii=False, indent=1).encode("utf-8")
    except UnicodeEncodeError:
        # an id with half a character in it has no UTF-8 form; escaped it still comes back as it was
        written = json.dumps(made, indent=1).encode("ascii")
    sys.stdout.buffer.write(written + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
