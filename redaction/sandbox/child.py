"""A child's whole life: walls up, one function, one answer, gone.

Its request comes from the caller before the walls stand; from then on it can only read the files it was
told of, write its own folder and talk over one socket.
"""

import contextlib
import importlib
import io
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from redaction.limits import LONGEST_LINE
from redaction.sandbox import kernel, walls, wire

_HEADER = 8
standing: dict[str, bool] = {}
"""The walls round this process, by name; empty outside a child."""


def live(order: dict[str, Any], talk: socket.socket) -> NoReturn:
    """This will be the child, from the fork to its end. Exit code 0: an answer was sent."""
    code = 1
    try:
        _settle(order["folder"], talk)
        if order["gives_way"]:
            kernel.give_way()
        arguments = json.loads(_receive(talk))
        module, _, name = order["function"].partition(":")
        function = getattr(importlib.import_module(module), name)
        writes = [order["folder"], *order["writes"]]
        standing.update(walls.raise_walls(order["limits"], order["reads"], writes))
        if order["progress"]:
            arguments["progress"] = _telling(talk)
        _answer(talk, function, arguments, most=order["limits"]["answer"])
        code = 0
    finally:
        os._exit(code)  # no clean-up of the zygote's may run here


def _settle(folder: str, talk: socket.socket) -> None:
    with contextlib.suppress(OSError):
        os.setsid()
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # an error that can be told, not a death
    null = os.open(os.devnull, os.O_RDWR)
    for handle in (0, 1, 2):
        os.dup2(null, handle)
    sys.stdin, sys.stdout, sys.stderr = (open(os.devnull, mode) for mode in ("r", "w", "w"))  # noqa: SIM115 - until the end
    os.closerange(3, talk.fileno())
    os.closerange(talk.fileno() + 1, 4096)
    os.chdir(folder)
    os.environ.update(HOME=folder, TMPDIR=folder, XDG_RUNTIME_DIR=folder, XDG_CONFIG_HOME=folder)
    os.environ.pop("PYTHONPATH", None)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")  # this one first, never the worker
    if "numpy.random" in sys.modules:  # forks of one parent would draw the same; random seeds itself anew
        sys.modules["numpy.random"].seed(int.from_bytes(os.urandom(4), "big"))


def _receive(talk: socket.socket) -> bytes:
    size = int.from_bytes(_exactly(talk, _HEADER), "big")
    return _exactly(talk, size)


def _exactly(talk: socket.socket, size: int) -> bytes:
    buffer = io.BytesIO()
    while (missing := size - buffer.tell()) > 0:
        piece = talk.recv(min(missing, 1 << 20))
        if not piece:
            raise EOFError("the caller has gone")
        buffer.write(piece)
    return buffer.getvalue()


def pack(arguments: dict[str, Any]) -> bytes:
    """This will put a request in the form a child reads."""
    content = json.dumps(arguments).encode()
    return len(content).to_bytes(_HEADER, "big") + content


def _answer(
    talk: socket.socket, function: Callable[..., Any], arguments: dict[str, Any], *, most: int
) -> None:
    try:
        line = wire.line({"result": function(**arguments)})
        talk.sendall(line if len(line) <= most else wire.line({"error": {"kind": "answer"}}))
    except BaseException as error:  # whatever it is, the caller hears its kind, and this process ends
        wire.send(talk, {"error": wire.error_as_data(error)})


def _telling(talk: socket.socket) -> Callable[[float, str], None]:
    def tell(share: float, note: str) -> None:
        wire.send(talk, {"progress": [float(share), str(note)[:LONGEST_LINE]]})

    return tell


def walls_standing() -> dict[str, bool]:
    """This will say which walls stand round the child it is called in."""
    return dict(standing)
