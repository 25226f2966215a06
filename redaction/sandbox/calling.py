"""Calling a function in a child: what goes in, what may come out, and what is said when nothing does."""

import json
import logging
import math
import selectors
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NoReturn

from redaction import limits as figures
from redaction.limits import LONGEST_LINE, MEGABYTE, Limits
from redaction.report import Refused
from redaction.sandbox import nursery, wire
from redaction.sandbox.child import pack

log = logging.getLogger(__name__)
Progress = Callable[[float, str], None]
_GRACE = 15.0  # seconds the zygote has to end a child that is out of time
_MOST_LINES = 1_000_000  # of progress


_gives_way: ContextVar[bool] = ContextVar("gives_way", default=False)


@contextmanager
def giving_way() -> Iterator[None]:
    """This will let the children of the work in this block wait for those that somebody waits for."""
    token = _gives_way.set(True)
    try:
        yield
    finally:
        _gives_way.reset(token)


class Stopped(Refused):
    """The child that read the file was stopped or broke down; the file is refused, nothing else happened.

    ``why`` is one of time, memory, disk, processes, answer, crash, unforeseen.
    """

    def __init__(self, why: str, message: str) -> None:
        self.why = why
        super().__init__(message)


def call(
    function: str,
    arguments: Mapping[str, Any],
    *,
    limits: Limits,
    reads: Iterable[Path] = (),
    writes: Iterable[Path] = (),
    folder: Path | None = None,
    sweep: Path | None = None,
    warm: Iterable[str] = (),
    progress: Progress | None = None,
) -> Any:
    """This will run ``module:function`` with JSON values as keyword arguments in a child and give its result.

    The child may read the libraries and ``reads``, and write ``writes`` and ``folder``, where it starts
    (a new empty one when None, removed afterwards). ``warm`` names modules it will need, which are
    loaded once for all children of this process. With ``progress`` the function gets a keyword argument of
    that name to report to. ``sweep`` (else the folder) is removed should this process be killed meanwhile.

    :raises RedactionError: what the function raised of its own.
    :raises Stopped: when it hung, crashed or wanted more than ``limits``.
    :raises SandboxUnavailable: when no child could be started, which is not the file's fault.
    """
    with _own_folder(folder) as place:
        order = {
            "function": function,
            "limits": limits.as_dict(),
            "folder": str(place.absolute()),
            "reads": [str(path.absolute()) for path in reads],
            "sweep": str((sweep or place).absolute()),
            "writes": [str(path.absolute()) for path in writes],
            "warm": [*warm],
            "progress": progress is not None,
            "gives_way": _gives_way.get(),
        }
        talk, word = nursery.bear(order)
        with talk, word:
            _send(talk, arguments)
            answer, end = _hear(talk, word, limits, progress)
    return _result(function, answer, end, limits)


def in_force() -> dict[str, bool]:
    """This will start a child and say which walls stand round it on this machine."""
    found = call("redaction.sandbox.child:walls_standing", {}, limits=figures.of("look"))
    return {str(name): value is True for name, value in dict(found).items()}


@contextmanager
def _own_folder(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        yield folder
        return
    made = Path(tempfile.mkdtemp(prefix="daylight-child-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _send(talk: socket.socket, arguments: Mapping[str, Any]) -> None:
    talk.settimeout(60)
    try:
        talk.sendall(pack(dict(arguments)))
    except OSError:
        return  # it has ended already; how, is heard next
    finally:
        talk.settimeout(None)


def _hear(
    talk: socket.socket, word: socket.socket, limits: Limits, progress: Progress | None
) -> tuple[Mapping[str, Any] | None, Mapping[str, Any]]:
    """What the child answered, and how it ended."""
    lines = _Lines(limits.answer, progress)
    deadline = time.monotonic() + limits.wall_seconds + _GRACE
    with selectors.DefaultSelector() as selector:
        selector.register(talk, selectors.EVENT_READ)
        selector.register(word, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            ready = {key.fileobj for key, _events in selector.select(left)}
            if talk in ready:
                piece = talk.recv(1 << 18)
                if not piece:
                    selector.unregister(talk)
                elif not lines.take(piece):
                    return None, {"why": "answer"}
            elif word in ready:
                said = word.recv(4096)
                return lines.answer, json.loads(said) if said else {"why": "gone"}
    nursery.shut()  # the zygote itself does not answer
    return None, {"why": "time"}


class _Lines:
    """Bytes from a child, taken apart; stops listening to one that talks too much."""

    def __init__(self, most: int, progress: Progress | None) -> None:
        self.answer: Mapping[str, Any] | None = None
        self._left, self._lines = most + MEGABYTE, _MOST_LINES
        self._progress = progress
        self._rest = bytearray()

    def take(self, piece: bytes) -> bool:
        self._rest += piece
        if b"\n" not in piece:
            return len(self._rest) <= self._left
        *lines, rest = bytes(self._rest).split(b"\n")
        self._rest = bytearray(rest)
        self._lines -= len(lines)
        if self._lines < 0 or max(map(len, lines)) > self._left:
            return False
        for line in lines:
            self._read(line)
        return True

    def _read(self, line: bytes) -> None:
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            return
        match message:
            case {"progress": [int() | float() as share, str(note)]}:
                if self._progress is not None and math.isfinite(share):
                    self._progress(min(1.0, max(0.0, share)), note[:LONGEST_LINE])
            case {"result": _} | {"error": dict()}:
                self.answer = self.answer or message


def _result(function: str, answer: Mapping[str, Any] | None, end: Mapping[str, Any], limits: Limits) -> Any:
    why, code = str(end.get("why", "")), end.get("code")
    if why:
        _stop(function, why, limits)
    if answer is None or code != 0:
        _stop(function, _cause_of(code), limits, code=code)
    if "result" in answer:
        return answer["result"]
    error = answer["error"]
    try:
        known = wire.error_from_data(error)
    except wire.Garbled:
        known = None
    if known is not None:
        raise known
    kind = str(error.get("kind"))
    if kind in _SENTENCES:
        _stop(function, kind, limits)
    name = str(error.get("type", "unknown"))[:80]
    log.warning("%s failed: %s at %s", function, name, str(error.get("place", ""))[:200])
    raise Stopped("unforeseen", f"the file could not be processed ({name})")


def _cause_of(code: object) -> str:
    if code == -signal.SIGXCPU:
        return "time"
    return "killed" if code == -signal.SIGKILL else "crash"


_SENTENCES = {
    "time": "reading this file took longer than {seconds:,.0f} seconds and was stopped; "
    "it may be damaged, or too large for one piece",
    "memory": "reading this file needed more than {memory:,} MB of memory and was stopped; it may be damaged",
    "disk": "the work on this file wrote more than {disk:,} MB and was stopped; it may be damaged",
    "processes": "the work on this file started too many programs and was stopped",
    "answer": "the work on this file had more to say than it may and was stopped; it may be damaged",
    "crash": "the program that reads this file crashed; the file is probably damaged",
    "killed": "the system stopped the program that reads this file, probably for want of memory",
    "unwanted": "the work on this file was given up",
    "gone": "the work on this file was broken off from outside; try again",
}


def _stop(function: str, why: str, limits: Limits, *, code: object = None) -> NoReturn:
    log.warning("%s stopped: %s %s", function, why, "" if code is None else f"(exit {code})")
    sentence = _SENTENCES.get(why, _SENTENCES["crash"]).format(
        seconds=limits.wall_seconds,
        memory=limits.memory // MEGABYTE,
        disk=limits.file_size // MEGABYTE,
    )
    raise Stopped(why if why in _SENTENCES else "crash", sentence)
