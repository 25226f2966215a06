"""What the children use in which a site opens files: processor time and the largest resident set."""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

_TICK = 0.05  # seconds between two looks
_ZYGOTE = b"redaction.sandbox.zygote"


class Children:
    """Watches the children of some processes' zygotes while it is entered."""

    def __init__(self, pids: Sequence[int]) -> None:
        self.pids = pids
        self.peak_mib = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Children":
        self._thread.start()
        return self

    def __exit__(self, *_why: object) -> None:
        self._ended.set()
        self._thread.join()

    def seconds(self) -> float:
        """This will give the processor seconds of zygotes and of the children they have buried."""
        ticks = 0
        for pid in self._zygotes(_families()):
            with suppress(OSError, IndexError, ValueError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                ticks += sum(int(field) for field in fields[11:15])
        return ticks / os.sysconf("SC_CLK_TCK")

    def _watch(self) -> None:
        while not self._ended.wait(_TICK):
            families = _families()
            for zygote in self._zygotes(families):
                for child in families.get(zygote, []):
                    self.peak_mib = max(self.peak_mib, _peak(child))

    def _zygotes(self, families: dict[int, list[int]]) -> list[int]:
        below = [pid for root in self.pids for pid in _below(root, families)]
        return [pid for pid in below if _ZYGOTE in _command(pid)]


def _families() -> dict[int, list[int]]:
    """The children of every process."""
    found: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with suppress(OSError, ValueError, IndexError):
                # the name in brackets may hold blanks and brackets itself
                fields = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
                found.setdefault(int(fields[1]), []).append(int(entry))
    return found


def _below(pid: int, families: dict[int, list[int]]) -> Iterator[int]:
    for child in families.get(pid, []):
        yield child
        yield from _below(child, families)


def _command(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def _peak(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0
