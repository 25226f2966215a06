"""Measuring ours against a peer, in one run: each contestant is a program of its own, the two take turns.

A room's module in this folder has ``measure(bench: Bench) -> None``. Times are wall seconds of the whole
program, start-up included; memory is the peak resident set of the program or the largest of its children.
"""

import json
import math
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var" / "bench"
PEERS = ("pymupdf==2.0.0", "polars==2.1.0")  # for measuring only: an environment of its own, never ours
LONG = 45.0  # seconds; a contestant slower than this runs once, without warm-up


class Failed(Exception):
    """A contestant ended with an error; a benchmark of a failure would be worthless."""


@dataclass(frozen=True)
class Run:
    """One program, once: wall and processor seconds, peak memory in MiB."""

    seconds: float
    cpu_seconds: float
    peak_mib: float


@dataclass(frozen=True)
class Row:
    """One line of the table. ``ratio`` is the peer's time divided by ours: above 1 we are faster."""

    id: str
    workload: str
    ours: str
    peer: str = ""
    ratio: float | None = None
    goal: str = ""
    holds: bool | None = None
    peak_mib: float | None = None
    note: str = ""


@dataclass
class Bench:
    """What a room measures into. ``scale`` shrinks every workload (1 is the named one)."""

    room: str
    scale: float = 1.0
    rows: list[Row] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """The room's own folder for generated inputs and outputs; kept between runs."""
        path = VAR / self.room
        path.mkdir(parents=True, exist_ok=True)
        return path

    def add(self, row: Row) -> None:
        self.rows.append(row)
        mark = {True: "holds", False: "MISSED", None: ""}[row.holds]
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        say(f"{row.id:28} ours {row.ours:>16}  peer {row.peer:>16}  ratio {ratio:>6} {row.goal:>10} {mark}")

    def versus(
        self,
        id: str,
        workload: str,
        *,
        ours: Sequence[str],
        peer: Sequence[str] | None,
        goal: float | None = None,
        note: str = "",
        before: Callable[[], None] | None = None,
    ) -> Row:
        """This will run both in turns, best of three after a warm-up, and add a row.

        ``peer`` None: a row of our own, without ratio. ``before`` prepares each run (removes an output).
        """
        pair = [list(ours)] + ([list(peer)] if peer is not None else [])
        first = [_run(argv, before) for argv in pair]
        best = list(first)
        if max(run.seconds for run in first) <= LONG:
            for _ in range(3):
                again = [_run(argv, before) for argv in pair]
                best = [min(a, b, key=lambda run: run.seconds) for a, b in zip(best, again, strict=True)]
        ratio = best[1].seconds / best[0].seconds if peer is not None else None
        row = Row(
            id=id,
            workload=workload,
            ours=_seconds(best[0]),
            peer=_seconds(best[1]) if peer is not None else "",
            ratio=ratio,
            goal=f">= {goal:g}" if goal is not None else "",
            holds=ratio >= goal if goal is not None and ratio is not None else None,
            peak_mib=round(best[0].peak_mib),
            note=note,
        )
        self.add(row)
        return row

    def growth(
        self,
        id: str,
        workload: str,
        commands: Mapping[float, Sequence[str]],
        *,
        most: float | None = None,
        most_mib: float | None = None,
    ) -> Row:
        """This will run the same work at several shares of its size, and fit time = a · size^exponent.

        ``most`` is the largest exponent that holds, ``most_mib`` the largest peak memory.
        """
        runs = {share: _run(argv, None) for share, argv in sorted(commands.items())}
        exponent = _slope([(math.log(share), math.log(run.seconds)) for share, run in runs.items()])
        peak = max(run.peak_mib for run in runs.values())
        limits = [exponent <= most] if most is not None else []
        limits += [peak <= most_mib] if most_mib is not None else []
        wanted = [f"exp <= {most:g}"] if most is not None else []
        wanted += [f"<= {most_mib:g} MiB"] if most_mib is not None else []
        row = Row(
            id=id,
            workload=workload,
            ours=f"exponent {exponent:.2f}",
            goal=", ".join(wanted),
            holds=all(limits) if limits else None,
            peak_mib=round(peak),
            note="; ".join(
                f"{share:g}: {run.seconds:.1f} s, {run.peak_mib:.0f} MiB" for share, run in runs.items()
            ),
        )
        self.add(row)
        return row


def python(code: str, *arguments: object, interpreter: str = sys.executable) -> list[str]:
    """This will give the call that runs a piece of Python in a program of its own."""
    return [interpreter, "-c", code, *map(str, arguments)]


def peers() -> str:
    """This will give the interpreter of the throw-away environment that has the peers, made when missing.

    :raises Failed: when they cannot be installed.
    """
    folder = VAR / "peers"
    interpreter = folder / "bin" / "python"
    stamp = folder / "peers.txt"
    if not stamp.exists() or stamp.read_text() != "\n".join(PEERS):
        folder.parent.mkdir(parents=True, exist_ok=True)
        for argv in (
            [sys.executable, "-m", "venv", "--clear", str(folder)],
            [str(interpreter), "-m", "pip", "--quiet", "--disable-pip-version-check", "install", *PEERS],
        ):
            done = subprocess.run(argv, check=False)
            if done.returncode != 0:
                raise Failed("the peers cannot be installed")
        stamp.write_text("\n".join(PEERS))
    return str(interpreter)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def table(rows: Sequence[Row]) -> str:
    """This will put rows in a Markdown table."""
    lines = [
        "| row | workload | ours | peer | ratio | goal | holds | peak MiB | note |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        holds = {True: "yes", False: "**no**", None: ""}[row.holds]
        cells = (
            row.id, row.workload, row.ours, row.peer, "" if row.ratio is None else f"{row.ratio:.2f}",
            row.goal, holds, "" if row.peak_mib is None else f"{row.peak_mib:.0f}", row.note,
        )  # fmt: skip
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def save(rows: Sequence[Row], folder: Path = VAR) -> None:
    """This will write results.json and results.md, with the machine they were measured on."""
    folder.mkdir(parents=True, exist_ok=True)
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "processor": _processor()}
    content = {
        "measured_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": machine,
        "rows": [asdict(row) for row in rows],
    }
    (folder / "results.json").write_text(json.dumps(content, indent=2) + "\n")
    (folder / "results.md").write_text(table(rows))


def _run(argv: Sequence[str], before: Callable[[], None] | None) -> Run:
    if before is not None:
        before()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    start = time.perf_counter()
    with subprocess.Popen(
        argv, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode != 0:
        tail = said.decode(errors="replace").strip().splitlines()[-3:]
        raise Failed(f"{Path(argv[0]).name} ended with {process.returncode}: {' / '.join(tail)}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def _seconds(run: Run) -> str:
    return f"{run.seconds:.2f} s"


def _slope(points: Sequence[tuple[float, float]]) -> float:
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / spread


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
