"""What passes between caller and child, and what happens when either is killed."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redaction import limits as figures
from redaction import sandbox
from redaction.report import (
    Finding,
    MarksError,
    RedactionError,
    Refused,
    UsageError,
    VerificationFailed,
)
from redaction.sandbox import SandboxUnavailable, Stopped, calling, nursery, wire
from redaction.sniff import UnknownType
from tests.patience import comes

ROOT = Path(__file__).parents[3]
LOOK = figures.of("look")


def run(
    name: str,
    *,
    folder: Path | None = None,
    progress: Callable[[float, str], None] | None = None,
    **arguments: Any,
) -> Any:
    function = f"tests.redaction.sandbox.misdeeds:{name}"
    return sandbox.call(function, arguments, limits=LOOK, folder=folder, progress=progress)


@pytest.mark.parametrize(
    ("how", "error", "words"),
    [
        ("refused", Refused, "the PDF is locked"),
        ("marks", MarksError, "mark m7: there is no page 9"),
        ("file", MarksError, "no marks at all"),
        ("usage", UsageError, "no such suffix"),
        ("type", UnknownType, "x is a program"),
        ("findings", VerificationFailed, "mark m1: is not black (page 2); holds a script"),
        ("secret", Stopped, "the file could not be processed (RuntimeError)"),
    ],
)
def test_error_of_the_child_arrives_as_it_was_raised_and_an_unforeseen_one_without_its_words(
    how: str, error: type[RedactionError], words: str
) -> None:
    with pytest.raises(RedactionError) as raised:
        run("fail", how=how)

    assert type(raised.value) is error
    assert str(raised.value) == words
    if isinstance(raised.value, MarksError):
        assert raised.value.mark_id == ("m7" if how == "marks" else None)
    if isinstance(raised.value, VerificationFailed):
        assert raised.value.findings[0] == Finding("is not black", "m1", "page 2")


def test_progress_arrives_as_a_share_of_one() -> None:
    heard: list[tuple[float, str]] = []

    result = run("report_progress", progress=lambda share, note: heard.append((share, note)))

    assert result == "done"
    assert heard == [(0.25, "working"), (1.0, "working")]


def test_caller_that_gives_up_while_hearing_progress_ends_the_child() -> None:
    def give_up(share: float, note: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run("report_progress", progress=give_up)

    assert run("echo", x=1) == {"x": 1}


@pytest.mark.parametrize(
    ("line", "times", "error"),
    [
        ('{"result": "forged"}\n', 1, None),
        ("nonsense\n", 3, Stopped),
        ('{"error": "no object"}\n', 1, Stopped),
        ("[" * 100_000 + "\n", 1, Stopped),
        ("{}\n", calling._MOST_LINES // 100 + 1, Stopped),
    ],
)
def test_child_that_was_taken_over_can_say_what_it_likes_but_only_as_data(
    line: str, times: int, error: type[Exception] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "_MOST_LINES", calling._MOST_LINES // 100)

    if error is None:
        assert run("speak_out_of_turn", line=line, times=times) == "forged"
    else:
        with pytest.raises(error):
            run("speak_out_of_turn", line=line, times=times)


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "VerificationFailed", "findings": "none"},
        {"kind": "VerificationFailed", "findings": [["m"]]},
        {"kind": "VerificationFailed"},
        {"kind": "SystemExit", "message": "x"},
        {},
    ],
)
def test_error_that_is_none_of_ours_is_a_sentence_of_ours(data: dict[str, Any]) -> None:
    with pytest.raises(Stopped, match="could not be processed"):
        calling._result("f", {"error": data}, {"code": 0, "why": ""}, LOOK)


def test_answer_of_a_child_that_died_afterwards_does_not_count() -> None:
    with pytest.raises(Stopped, match="crashed"):
        calling._result("f", {"result": 1}, {"code": -11, "why": ""}, LOOK)
    with pytest.raises(Stopped, match="the system stopped"):
        calling._result("f", None, {"code": -9, "why": ""}, LOOK)
    with pytest.raises(Stopped, match="broken off from outside"):
        calling._result("f", None, {"why": "gone"}, LOOK)


def test_error_as_data_names_the_place_in_our_source_only() -> None:
    try:
        wire.findings_from_data(7)
    except wire.Garbled as error:
        data = wire.error_as_data(error)
    try:
        int("Jane Doe")
    except ValueError as error:
        elsewhere = wire.error_as_data(error)

    assert data["type"] == "Garbled"
    assert data["place"].startswith("sandbox/wire.py:")
    assert elsewhere == {"kind": "unforeseen", "type": "ValueError", "place": ""}
    assert wire.error_as_data(MemoryError()) == {"kind": "memory"}
    assert wire.error_as_data(OSError(27, "File too large")) == {"kind": "disk"}


def test_zygote_that_was_killed_is_replaced() -> None:
    run("echo", x=1)
    assert nursery._zygote is not None
    nursery._zygote.process.kill()
    nursery._zygote.process.wait()

    again = run("echo", x=2)

    assert again == {"x": 2}


def test_zygote_that_dies_under_its_child_breaks_the_work_off(tmp_path: Path) -> None:
    run("echo", x=1)
    assert nursery._zygote is not None
    process = nursery._zygote.process

    def kill() -> None:
        comes((tmp_path / "begun").exists)
        process.kill()

    killing = threading.Thread(target=kill)
    killing.start()

    with pytest.raises(Stopped, match="broken off from outside"):
        run("begin_and_sleep", folder=tmp_path)

    killing.join()


def test_without_a_zygote_the_sandbox_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    nursery.shut()
    monkeypatch.setattr(sys, "executable", "/bin/false")

    with pytest.raises(SandboxUnavailable):
        run("echo")

    nursery.shut()


def test_threads_share_one_zygote_and_hear_their_own_answers() -> None:
    heard: dict[int, Any] = {}

    def ask(number: int) -> None:
        heard[number] = run("echo", number=number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert heard == {number: {"number": number} for number in range(8)}


def test_fork_of_the_caller_has_a_zygote_of_its_own() -> None:
    run("echo")
    assert nursery._zygote is not None
    mine = nursery._zygote.process.pid
    reader, writer = os.pipe()

    child = os.fork()
    if child == 0:
        try:
            answer = run("echo", x=3)
            theirs = nursery._zygote.process.pid
            os.write(writer, json.dumps([answer, theirs]).encode())
            nursery.shut()
        finally:
            os._exit(0)  # whatever happened, the tests go on in their own process alone
    os.close(writer)
    said = os.read(reader, 1000)  # nothing, should it have ended without a word
    os.close(reader)
    os.waitpid(child, 0)
    answer, theirs = json.loads(said)

    assert answer == {"x": 3}
    assert theirs != mine
    assert run("echo", x=4) == {"x": 4}


CALLER = """
import sys
from pathlib import Path
from redaction import limits, sandbox
name = "tests.redaction.sandbox.misdeeds:descend"
sandbox.call(name, {}, limits=limits.of("pdf"), folder=Path(sys.argv[1]))
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_child_and_its_programs_die_with_their_caller(tmp_path: Path, number: int) -> None:
    caller = subprocess.Popen([sys.executable, "-c", CALLER, tmp_path], cwd=ROOT)
    note = tmp_path / "pid"
    assert comes(lambda: note.exists() and note.read_text())
    grandchild = int(note.read_text())

    caller.send_signal(number)
    caller.wait()

    assert comes(lambda: not Path(f"/proc/{grandchild}").exists())


def test_zygote_and_its_libraries_have_no_last_words() -> None:
    code = (
        "from redaction import limits, sandbox\n"
        "name = 'redaction.sandbox.child:walls_standing'\n"
        "sandbox.call(name, {}, limits=limits.of('look'), warm=['duckdb', 'numpy.random'])\n"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)

    assert (done.stdout, done.stderr) == (b"", b"")
