"""The children that work on one source, one after another: engine, verifier, side files."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from redaction import limits as figures
from redaction import sandbox, work
from redaction.limits import Limits
from redaction.report import Refused

_KEEPERS = ("render", "render_segments")  # they may write finished segments
_BLIND = ("accompany",)  # what is made of the verified draft alone has no way to the record

Progress = Callable[[float, str], None]


class Children:
    """Each child has a folder of its own under ``scratch``; all have the limits that suit the source."""

    def __init__(
        self,
        source: Path,
        aids: Mapping[str, Path],
        scratch: Path,
        *,
        contained: bool,
        seconds: float | None,
    ) -> None:
        self.source, self.aids, self.scratch = source, aids, scratch
        self._contained, self._seconds = contained, seconds
        self._limits: Limits | None = None
        self._modules: list[str] = []

    def folder(self, name: str) -> Path:
        made = self.scratch / name
        made.mkdir(exist_ok=True)
        return made

    def run(
        self,
        name: str,
        arguments: Mapping[str, Any],
        *,
        reads: Iterable[Path] = (),
        progress: Progress | None = None,
    ) -> Any:
        """This will run one function of :mod:`redaction.work`, in a child unless told otherwise."""
        if not self._contained:
            more = {"progress": progress} if progress is not None else {}
            return getattr(work, name)(**arguments, **more)
        limits = self._limits or self._look()
        return sandbox.call(
            f"redaction.work:{name}",
            arguments,
            limits=limits,
            reads=[*(() if name in _BLIND else (self.source, *self.aids.values())), *reads],
            writes=[self.aids["cache"]] if "cache" in self.aids and name in _KEEPERS else [],
            folder=self.folder(name),
            sweep=self.scratch,
            warm=self._modules,
            progress=progress,
        )

    def _look(self) -> Limits:
        """The limits follow from what the source is, which a child must find out too."""
        media = sandbox.call(
            "redaction.work:media_of",
            {"path": str(self.source)},
            limits=figures.within(figures.of("look"), self._seconds),
            reads=[self.source],
            folder=self.folder("look"),
        )
        known = [medium for medium in media if medium in work.MODULES]
        if not known:
            raise Refused("the type of this file is not known")
        self._modules = [
            module for medium in known for module in (*work.MODULES[medium], *work.WARM.get(medium, ()))
        ]
        size = self.source.stat().st_size
        self._limits = figures.within(figures.largest(known, size), self._seconds)
        return self._limits
