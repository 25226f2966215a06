"""``python -m redaction.sandbox.zygote``: forks children on request, watches them, tells how they ended.

One thread, no secrets, no connection but the socket it was given; it never reads a file from outside. It
ends when that socket closes, and with it every child.
"""

import contextlib
import gc
import importlib
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from redaction.sandbox import census, kernel
from redaction.sandbox.child import live

_TICK = 0.1  # seconds between two looks at what the children use
_LONGEST_ORDER = 1 << 20
_warmed: set[str] = set()


@dataclass
class _Child:
    pid: int
    word: socket.socket
    limits: dict[str, Any]
    folder: str
    sweep: str
    began: float = field(default_factory=time.monotonic)
    looked: float = 0.0
    why: str = ""

    def end(self, why: str) -> None:
        self.why = self.why or why
        for kill in (os.killpg, os.kill):  # the group may not stand yet
            with contextlib.suppress(ProcessLookupError):
                kill(self.pid, signal.SIGKILL)


class Zygote:
    """The loop: orders in, forks, ends."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.children: dict[int, _Child] = {}
        self.selector = selectors.DefaultSelector()
        self.selector.register(control, selectors.EVENT_READ)
        self.woken, waking = socket.socketpair()
        waking.setblocking(False)
        self.woken.setblocking(False)
        self.waking = waking
        self.selector.register(self.woken, selectors.EVENT_READ)

    def run(self) -> None:
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.waking.fileno(), warn_on_full_buffer=False)
        while True:
            for key, _events in self.selector.select(_TICK if self.children else None):
                if key.fileobj is self.control:
                    if not self._take_order():
                        return self._end_all()
                elif key.fileobj is self.woken:
                    with contextlib.suppress(BlockingIOError):
                        self.woken.recv(4096)
                elif isinstance(key.data, _Child):
                    key.data.end("unwanted")  # its caller has gone or given up
                    self.selector.unregister(key.fileobj)
            self._reap()
            self._watch()

    def _take_order(self) -> bool:
        message, handles, _flags, _address = socket.recv_fds(self.control, _LONGEST_ORDER, 2)
        if not message:
            return False
        talk, word = (socket.socket(fileno=handle) for handle in handles)
        order = json.loads(message)
        _warm([order["function"].partition(":")[0], *order["warm"]])
        pid = os.fork()
        if pid == 0:
            word.close()
            self._leave()
            live(order, talk)
        talk.close()
        child = _Child(pid, word, order["limits"], order["folder"], order["sweep"])
        self.children[pid] = child
        self.selector.register(word, selectors.EVENT_READ, child)
        with contextlib.suppress(OSError):
            word.send(b"!")
        return True

    def _leave(self) -> None:
        """In the fork: nothing of the zygote's may stay open."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for child in self.children.values():
            child.word.close()
        self.selector.close()
        for held in (self.control, self.woken, self.waking):
            held.close()

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            child = self.children.pop(pid, None)
            if child is not None:
                self._bury(child, os.waitstatus_to_exitcode(status))

    def _bury(self, child: _Child, code: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        if child.limits["processes"] > 1:
            census.kill_strays(set(self.children))
        with contextlib.suppress(KeyError):
            self.selector.unregister(child.word)
        with contextlib.suppress(OSError):
            child.word.send(json.dumps({"code": code, "why": child.why}).encode())
        child.word.close()

    def _watch(self) -> None:
        now = time.monotonic()
        for child in self.children.values():
            if not child.why and now - child.looked >= _TICK:
                child.looked = now
                if now - child.began > child.limits["wall_seconds"]:
                    child.end("time")
                elif excess := census.excess(child.pid, child.limits, child.folder):
                    child.end(excess)

    def _end_all(self) -> None:
        for child in self.children.values():
            child.end("unwanted")
        for child in self.children.values():
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child.pid, 0)
            shutil.rmtree(child.sweep, ignore_errors=True)  # the caller may have been killed before it could
        census.kill_strays(set())


def _warm(modules: list[str]) -> None:
    """Import before the fork what the child will need; of our own code and its libraries only."""
    new = [name for name in modules if name not in _warmed]
    for name in new:
        _warmed.add(name)
        with contextlib.suppress(Exception):  # the child says what is wrong when it comes to it
            importlib.import_module(name)
    if new:
        gc.collect()
        gc.freeze()  # a child's collector would touch, and so copy, every page of what is loaded


def main(handle: int) -> None:
    """This will serve orders from an inherited socket until it closes."""
    os.closerange(3, handle)
    os.closerange(handle + 1, 4096)
    os.set_inheritable(handle, False)
    os.umask(0o077)
    kernel.leave_network()
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)  # what a child leaves behind comes here and is killed
    Zygote(socket.socket(fileno=handle)).run()
    os._exit(0)  # no library may have last words on the caller's standard error


if __name__ == "__main__":
    main(int(sys.argv[1]))
