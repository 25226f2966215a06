"""The caller's end of the zygote: one small process that forks the children of this process.

It is started when first needed, speaks over one socket, and ends when that closes, however this process
ends. A fork of this process (a Celery or gunicorn worker) forgets it and starts its own.
"""

import atexit
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]
_STOP_SECONDS = 5
_BUFFER = 1 << 20
# names of fonts, languages, time zones and trained letters; everything else may be a secret
_PASSED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TESSDATA_PREFIX")


class SandboxUnavailable(Exception):
    """No child could be started; nothing is wrong with the file, and trying again later is right."""


class _Zygote:
    def __init__(self) -> None:
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
            os.set_inheritable(theirs.fileno(), True)
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-P", "-s", "-m", "redaction.sandbox.zygote", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,  # Ctrl-C is the caller's to handle
                cwd="/",
                env=environment(),
            )

    def stop(self) -> None:
        self.socket.close()
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def forget(self) -> None:
        """In a fork: the zygote is the parent's; only the copy of the socket is closed."""
        self.socket.close()
        self.process.returncode = 0  # not ours to wait for


_lock = threading.Lock()
_zygote: _Zygote | None = None


def environment() -> dict[str, str]:
    """What a child may know of its surroundings: no address, no key, no name of a person."""
    passed = {name: os.environ[name] for name in _PASSED if name in os.environ}
    # one thread: a process that forks must have no other, and children of several callers share the cores
    return {
        "PATH": os.defpath,
        **passed,
        "PYTHONPATH": str(_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_THREAD_LIMIT": "2",
    }


def bear(order: Mapping[str, Any]) -> tuple[socket.socket, socket.socket]:
    """This will have a child forked and give the sockets to talk with it and to hear how it ended.

    :raises SandboxUnavailable: when there is no zygote to be had.
    """
    for _attempt in range(2):  # a zygote that was killed is replaced once
        talk, child_talk = socket.socketpair()
        word, child_word = socket.socketpair()
        with child_talk, child_word:
            try:
                _order(order, child_talk, child_word)
                begun = True
            except OSError:
                begun = False
        word.settimeout(60)
        try:
            if begun and word.recv(1):
                word.settimeout(None)
                return talk, word
        except OSError:
            pass
        talk.close()
        word.close()
        shut()
    raise SandboxUnavailable("no process for reading files could be started")


def _order(order: Mapping[str, Any], talk: socket.socket, word: socket.socket) -> None:
    global _zygote  # one for the process, whichever thread asks first
    with _lock:
        if _zygote is None:
            _zygote = _Zygote()
        message = json.dumps(order).encode()
        socket.send_fds(_zygote.socket, [message], [talk.fileno(), word.fileno()])


def shut() -> None:
    """This will end this process's zygote and every child it has; the next call starts another."""
    global _zygote
    with _lock:
        ended, _zygote = _zygote, None
    if ended is not None:
        ended.stop()


def _forget() -> None:
    global _zygote, _lock
    _lock = threading.Lock()  # another thread may have held it when this process was forked
    if _zygote is not None:
        _zygote.forget()
        _zygote = None


atexit.register(shut)
os.register_at_fork(after_in_child=_forget)
