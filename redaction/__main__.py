"""The library from a shell: ``python -m redaction redact …``, ``… verify …`` and ``… detect …``.

Exit codes: 0 done and verified, or holds; 1 refused, or does not hold; 2 bad arguments or marks.
"""

import argparse
import json
import logging
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

from redaction import detect, pipeline, sandbox
from redaction.detect.transcribe import transcribe
from redaction.marks import load
from redaction.report import RedactionError, Refused, Report, VerificationFailed


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def main(arguments: list[str] | None = None) -> int:
    """This will run one command and give its exit code; it never shows a traceback."""
    options = _parser().parse_args(arguments)
    try:
        return _COMMANDS[options.command](options)
    except VerificationFailed as error:
        return _complain(*map(str, error.findings), code=error.exit_code)
    except RedactionError as error:
        return _complain(str(error), code=error.exit_code)
    except sandbox.SandboxUnavailable as error:
        return _complain(f"{error}; nothing is wrong with the file, try again", code=1)
    except KeyboardInterrupt:
        return _complain("stopped", code=1)
    except Exception as error:
        # only the type: the text of an unforeseen error may quote the record
        return _complain(f"the file could not be processed ({type(error).__name__})", code=1)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m redaction", description="Withhold what marks say from one file.")
    commands = parser.add_subparsers(dest="command", required=True)
    redact = commands.add_parser("redact", help="make a redacted, verified copy")
    redact.add_argument("source", type=Path)
    redact.add_argument("--marks", type=Path, required=True, help="what to withhold (JSON, docs/marks.md)")
    redact.add_argument("--out", type=Path, required=True, help="its suffix chooses the format")
    redact.add_argument("--report", type=Path, help="where to write the report (JSON)")
    redact.add_argument("--companions", type=Path, help="a folder for side files")
    redact.add_argument("--transcript", type=Path, help="SRT, VTT or timed words, for mutes by their words")
    redact.add_argument("--cache", type=Path, help="a folder that keeps finished segments of a film")
    verify = commands.add_parser("verify", help="name what an output should not hold")
    verify.add_argument("output", type=Path)
    verify.add_argument("--source", type=Path)
    verify.add_argument("--marks", type=Path)
    verify.add_argument("--transcript", type=Path)
    look = commands.add_parser("detect", help="propose marks, each for a person to decide on")
    look.add_argument("source", type=Path)
    look.add_argument("--kind", choices=detect.KINDS, required=True)
    look.add_argument("--out", type=Path, required=True, help="the marks file to write (JSON)")
    look.add_argument("--models", type=Path, help="a folder of networks with a manifest (docs/detectors.md)")
    write = commands.add_parser("transcribe", help="write down what is said, by a model on this machine")
    write.add_argument("source", type=Path)
    write.add_argument("--model", type=Path, help="a folder with a Whisper model (else WHISPER_MODEL_DIR)")
    write.add_argument("--out", type=Path, required=True, help="timed words (JSON), fit for --transcript")
    commands.add_parser("walls", help="say what stands round the process that reads a file, on this machine")
    return parser


def _redact(options: argparse.Namespace) -> int:
    _check_report(options)
    if options.out.resolve() == options.marks.resolve():
        raise pipeline.UsageError("the output would overwrite the marks")
    marks = load(options.marks)
    report = pipeline.redact(
        options.source,
        marks,
        options.out,
        companions=options.companions,
        aids=_aids(transcript=options.transcript, cache=options.cache),
    )
    if options.report is not None:
        _write_report(report, options)
    sys.stdout.write(summary(report, options.out))
    return 0


def _check_report(options: argparse.Namespace) -> None:
    path: Path | None = options.report
    if path is None:
        return
    if not path.parent.is_dir() or path.is_dir():
        raise pipeline.UsageError(f"the report cannot be written to {path}")
    others = filter(None, (options.source, options.marks, options.out, options.transcript))
    if path.resolve() in {other.resolve() for other in others}:
        raise pipeline.UsageError("the report would overwrite another file of this call")


def _write_report(report: Report, options: argparse.Namespace) -> None:
    """An output whose report is lost would look like one that nobody checked: it goes too."""
    text = json.dumps(report.as_dict(), indent=2, ensure_ascii=False) + "\n"
    try:
        options.report.write_text(text, "utf-8")
    except OSError as error:
        options.out.unlink(missing_ok=True)
        raise Refused(f"the report cannot be written to {options.report}: {error.strerror}") from error


def _verify(options: argparse.Namespace) -> int:
    if (options.source is None) != (options.marks is None):
        raise pipeline.UsageError("--source and --marks are given together or not at all")
    marks = load(options.marks) if options.marks is not None else None
    findings = pipeline.verify(
        options.output, options.source, marks, aids=_aids(transcript=options.transcript)
    )
    if findings:
        return _complain(*map(str, findings), code=1)
    sys.stdout.write(f"{options.output.name}: holds\n")
    return 0


def _detect(options: argparse.Namespace) -> int:
    _check_place(options, "marks")
    if options.models is not None and not options.models.is_dir():
        raise pipeline.UsageError(f"there is no folder {options.models}")
    content = detect.suggest(options.source, options.kind, models=options.models)
    _put(content, options.out)
    sys.stdout.write(
        f"{options.out.name}: {len(content['marks'])} suggestions; nothing is redacted before a person has "
        "decided on each, and what was not found must be looked for\n"
    )
    return 0


def _transcribe(options: argparse.Namespace) -> int:
    _check_place(options, "words")
    content = transcribe(options.source, options.model)
    _put(content, options.out)
    sys.stdout.write(
        f"{options.out.name}: {len(content['segments'])} segments; a machine wrote this down, compare it "
        "with the recording before a mark relies on it\n"
    )
    return 0


def _check_place(options: argparse.Namespace, what: str) -> None:
    if not options.out.parent.is_dir() or options.out.is_dir():
        raise pipeline.UsageError(f"the {what} cannot be written to {options.out}")
    if options.out.resolve() == options.source.resolve():
        raise pipeline.UsageError(f"the {what} would overwrite the source")


def _put(content: dict[str, Any], out: Path) -> None:
    draft = out.with_name(f".{out.name}.part")
    try:
        draft.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)


def _walls(_options: argparse.Namespace) -> int:
    standing = sandbox.in_force()
    for name, stands in standing.items():
        sys.stdout.write(f"{name}: {'stands' if stands else 'missing'}\n")
    return 0 if all(standing.values()) else 1


_COMMANDS = {
    "redact": _redact,
    "verify": _verify,
    "detect": _detect,
    "transcribe": _transcribe,
    "walls": _walls,
}


def _aids(**given: Path | None) -> dict[str, Path]:
    return {name: path for name, path in given.items() if path is not None}


def summary(report: Report, out: Path) -> str:
    """This will put a report in words, a line for each thing a person should read."""
    if report.withheld:
        return "withheld whole: no output was made\n"
    lines = [f"{out.name}: redacted by the {report.medium} engine and verified"]
    lines += [
        f"mark {row.id} ({row.kind}): asked {row.requested}, applied {row.applied}, verified {row.verified}"
        for row in report.marks
    ]
    lines += [f"please read: {warning}" for warning in report.warnings]
    lines.append(f"sha256 {report.target_sha256}")
    return "\n".join(lines) + "\n"


def _complain(*lines: str, code: int) -> int:
    for line in lines:
        sys.stderr.write(" ".join(line.split()) + "\n")
    return code


def _stop(*_: object) -> NoReturn:
    sys.exit(143)  # as an exception, so that scratch files are removed on the way out


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)  # the libraries below tell of every oddity in a file
    signal.signal(signal.SIGTERM, _stop)
    sys.exit(main())
