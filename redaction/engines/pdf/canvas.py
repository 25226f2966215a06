"""What is written for one page: operators in order, the names they call, and what is marked as what.

Text state and places are written only where a text is shown, so nothing tells of a text that is not.
"""

from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name

from redaction.engines.pdf.geometry import Box, Matrix, around, figure, figures

PLAIN, DRAWING, BREAK, TEXT = range(4)

_START_ARTIFACT, _END = "/Artifact BMC", "EMC"
_PREFIXES = {"Font": "T", "XObject": "I", "ExtGState": "G", "ColorSpace": "C", "Pattern": "N", "Shading": "S"}


@dataclass
class Marked:
    """One marked-content sequence: a line of text, or a picture. Its place in the list is its MCID."""

    kind: str
    box: Box
    size: float = 0.0
    letters: int = 0
    upright: bool = True


@dataclass(frozen=True)
class Lettering:
    """The text state a run is shown in, as operators write it."""

    font: str
    size: float
    spacing: float
    word_spacing: float
    stretch: float
    rise: float
    mode: int

    def change_from(self, before: "Lettering | None") -> list[str]:
        """This will give the operators that lead from one state to this one."""
        lines = []
        if before is None or (before.font, before.size) != (self.font, self.size):
            lines.append(f"{self.font} {figure(self.size)} Tf")
        rows = (
            ("spacing", "Tc", 1),
            ("word_spacing", "Tw", 1),
            ("stretch", "Tz", 100),
            ("rise", "Ts", 1),
            ("mode", "Tr", 1),
        )
        usual = Lettering("", 0, 0, 0, 1, 0, 0) if before is None else before
        for name, operator, scale in rows:
            if getattr(usual, name) != getattr(self, name):
                lines.append(f"{figure(getattr(self, name) * scale)} {operator}")
        return lines


@dataclass
class Canvas:
    """Takes what is drawn; ``marking`` is off inside a form, whose whole is marked where it is placed."""

    marked: list[Marked] = field(default_factory=list)
    marking: bool = True
    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    painted: bool = False
    said: Lettering | None = None
    out: list[tuple[int, str]] = field(default_factory=list)
    _names: dict[tuple[str, object], str] = field(default_factory=dict)
    _levels: list[tuple[int, bool, Lettering | None]] = field(default_factory=list)
    _in_text: bool = False
    _line: Marked | None = None
    _shown: list[Box] = field(default_factory=list)

    def name(self, kind: str, key: object, made: Any, prefix: str | None = None) -> str:
        """This will give the name under which an object of the new document is called here."""
        if (kind, key) not in self._names:
            known = self.resources.setdefault(kind, {})
            name = f"/{prefix or _PREFIXES[kind]}{len(known)}" if prefix != "" else str(key)
            self._names[kind, key] = name
            known[name] = made
        return self._names[kind, key]

    def plain(self, line: str) -> None:
        """This will write an operator that draws nothing and may stand inside a text."""
        self.out.append((PLAIN, line))

    def outside(self, line: str) -> None:
        """This will write an operator that draws nothing and may not stand inside a text."""
        self.end_text()
        self.out.append((PLAIN, line))

    def draw(self, lines: list[str]) -> None:
        """This will write a drawing that is no content for a screen reader."""
        self.end_text()
        self.painted = True
        self.out.append((DRAWING, "\n".join(lines)))

    def figure(self, line: str, box: Box, kind: str = "Figure") -> None:
        """This will write something drawn whole, such as a picture, with a place in the structure."""
        self.end_text()
        self.painted = True
        if not self.marking:
            self.out.append((DRAWING, line))
            return
        self.marked.append(Marked(kind, box))
        self.out.append((TEXT, f"/{kind} <</MCID {len(self.marked) - 1}>> BDC\n{line}\nEMC"))

    def save(self) -> None:
        self.end_text()
        self._levels.append((len(self.out), self.painted, self.said))
        self.painted = False
        self.out.append((BREAK, "q"))

    def restore(self) -> None:
        """This will close a level; one in which nothing was drawn leaves nothing behind."""
        self.end_text()
        start, painted, said = self._levels.pop()
        if self.painted:
            self.out.append((BREAK, "Q"))
        else:
            del self.out[start:]
        self.painted, self.said = painted or self.painted, said

    @property
    def depth(self) -> int:
        return len(self._levels)

    def show(
        self,
        lettering: Lettering,
        matrix: Matrix,
        text: str,
        box: Box,
        size: float,
        letters: int,
        upright: bool,
    ) -> None:
        """This will write a run of text at its own place."""
        self.painted = True
        if not self._in_text:
            self.out.append((TEXT, "BT"))
            self._in_text = True
        if self.marking and not self._continues(box, size, upright):
            self._end_line()
            self._line = Marked("P", box, size, 0, upright)
            self.marked.append(self._line)
            self.out.append((TEXT, f"/P <</MCID {len(self.marked) - 1}>> BDC"))
        if self._line is not None:
            self._line.box = around((self._line.box, box))
            self._line.letters += letters
            self._shown.append(box)
        lines = lettering.change_from(self.said)
        self.said = lettering
        self.out.append((TEXT, "\n".join([*lines, f"{figures(matrix)} Tm", text])))

    def has_line_for(self, box: Box, size: float, upright: bool) -> bool:
        """Whether a run would go on with the line that is being written."""
        return self._in_text and (not self.marking or self._continues(box, size, upright))

    def _continues(self, box: Box, size: float, upright: bool) -> bool:
        line = self._line
        if line is None or line.upright != upright or not 0.8 * size <= line.size <= 1.25 * size:
            return False
        before = self._shown[-1]
        low, high, start, end = (1, 3, 0, 2) if upright else (0, 2, 1, 3)
        level = abs((box[low] + box[high]) - (before[low] + before[high])) < 0.6 * size
        gap = max(box[start] - before[end], before[start] - box[end])
        return level and gap < 2.5 * size

    def _end_line(self) -> None:
        if self._line is not None:
            self.out.append((TEXT, "EMC"))
            self._line = None

    def end_text(self) -> None:
        if self._in_text:
            self._end_line()
            self.out.append((TEXT, "ET"))
            self._in_text = False

    def content(self) -> bytes:
        """This will give the whole content stream, drawings marked as artifacts."""
        self.end_text()
        lines: list[str] = []
        waiting: list[str] = []
        inside = False
        for kind, line in self.out:
            if kind == DRAWING:
                if not inside and self.marking:
                    lines.append(_START_ARTIFACT)
                    inside = True
                lines += [*waiting, line]
                waiting = []
            elif kind == PLAIN and inside:
                waiting.append(line)  # belongs to the next drawing, or stands after the artifact
            else:
                if inside:
                    lines.append(_END)
                    inside = False
                lines += [*waiting, line]
                waiting = []
        lines += [_END] if inside else []
        return "\n".join([*lines, *waiting]).encode("ascii")

    def resource_dictionary(self) -> Any:
        """This will give the Resources of a page or form."""
        made = Dictionary()
        for kind, entries in sorted(self.resources.items()):
            names = Dictionary()
            for name, value in entries.items():
                names[name] = value
            made[Name(f"/{kind}")] = names
        return made


def stream(target: pikepdf.Pdf, data: bytes) -> pikepdf.Stream:
    return pikepdf.Stream(target, data)
