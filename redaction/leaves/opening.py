"""In the child: the pages asked for and no others, as the engine settles them.

Of a PDF only those pages are opened; an office file is made into pages once and kept where the caller says.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pypdfium2

from redaction.engines import office, pdf
from redaction.engines.pdf import part, sheet
from redaction.engines.pdf.sheet import Sheet
from redaction.marks import Marks, parse
from redaction.report import RedactionError, Refused

Item = dict[str, Any]
Work = Callable[["Leaf"], Item]


@dataclass(frozen=True)
class Paper:
    """What is looked at. ``kept`` is where an office file's pages lie or are to lie, ``hidden`` its marks."""

    path: str
    medium: str = "pdf"
    kept: str = ""
    hidden: list[Item] = field(default_factory=list)


@dataclass(frozen=True)
class Leaf:
    """One page of an opened PDF; ``number`` is the one it has in the whole file."""

    pages: pdf.Settled
    index: int
    number: int

    @property
    def unit(self) -> float:
        return self.pages.units[self.index]

    @contextmanager
    def opened(self) -> Iterator[pypdfium2.PdfPage]:
        """This will lend the page.

        :raises Refused: when it is broken.
        """
        try:
            page = self.pages.document[self.index]
        except pypdfium2.PdfiumError:
            raise Refused(f"page {self.number} is broken and cannot be drawn") from None
        try:
            yield page
        finally:
            page.close()

    def letters(self) -> str:
        """This will give the page's plain text, many times faster than its sheet, without places."""
        with self.opened() as page:
            text = page.get_textpage()
            try:
                return str(text.get_text_range(errors="replace"))
            finally:
                text.close()

    def sheet(self) -> Sheet:
        with self.opened() as page:
            return sheet.read(page, self.number, self.unit)


@contextmanager
def paged(paper: Paper) -> Iterator[Path]:
    """This will give the PDF that is looked at: the file itself, or the pages made of an office file.

    :raises Refused: when no pages can be made of it.
    """
    if paper.medium != "office":
        yield Path(paper.path)
        return
    target = Path(paper.kept)
    if not target.exists():
        with office.converted(Path(paper.path), _decided(paper.hidden), Path.cwd()) as made:
            draft = target.with_name(f"{target.name}.{Path.cwd().name}")
            shutil.copyfile(made.path, draft)
            draft.replace(target)  # two children may make the same pages; both are whole
    yield target


def each(source: Path, numbers: Sequence[int], work: Work) -> list[Item]:
    """This will do a work on some pages, opened in one go; what spoils a page is its ``fault``, in words."""
    wanted = list(dict.fromkeys(numbers))
    try:
        with tempfile.TemporaryDirectory(dir=".", prefix="part-") as name:
            few = Path(name) / "few.pdf"
            part.keep(source, wanted, few)
            with pdf.settled(few, Path(name)) as pages:
                return [
                    alone(number, partial(work, Leaf(pages, index, number)))
                    for index, number in enumerate(wanted)
                ]
    except Refused as fault:
        if len(wanted) == 1:
            return [{"number": wanted[0], "fault": str(fault)}]
    return [item for number in wanted for item in each(source, [number], work)]


def alone(number: int, work: Callable[[], Item]) -> Item:
    """This will do the work on one page, or say what is wrong with the page."""
    try:
        return {"number": number, **work()}
    except RedactionError as fault:
        return {"number": number, "fault": str(fault)}


def _decided(hidden: list[Item]) -> Marks:
    """Pages can be looked at before each hidden thing is decided: what is open is not shown."""
    entries = [*hidden]
    if not any(entry.get("item") == "*" for entry in entries):
        taken = {entry["id"] for entry in entries}
        name = next(f"open-{n}" for n in range(len(taken) + 1) if f"open-{n}" not in taken)
        entries.append({"id": name, "kind": "hidden", "item": "*", "action": "drop"})
    return parse({"version": 1, "marks": entries}).effective
