"""The new document: pages written anew or drawn, one after the other, with one structure tree.

Fonts are cut to what the pages show only when it is known which pages stay text; pictures of drawn pages
wait on disk, so that a long document needs no more memory than a short one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

from redaction.engines.pdf import rebuild, tree
from redaction.engines.pdf.cleansing import Copies
from redaction.engines.pdf.content import Content, Shared
from redaction.engines.pdf.faces import Faces
from redaction.engines.pdf.geometry import Box, figure
from redaction.engines.pdf.layers import Layers
from redaction.engines.pdf.pictures import Pictures
from redaction.engines.pdf.sheet import Picture, Word
from redaction.engines.pdf.tree import Part

ON_DISK = 16_000_000  # bytes of drawn pages that wait in memory before they are put on disk


@dataclass
class Leaf:
    """One page of the new document, and which codes of which fonts are on it and were taken from it."""

    page: Any
    parts: list[Part]
    used: Mapping[int, set[int]] = field(default_factory=dict)
    gone: Mapping[int, set[int]] = field(default_factory=dict)
    is_text: bool = False


class Document:
    """A document under construction. Pages are numbered from 1 and put in once, or again to replace one."""

    def __init__(self, source: pikepdf.Pdf, language: str, scratch: Path) -> None:
        self.pdf = pikepdf.new()
        self.language = language
        copies = Copies(self.pdf)
        self.shared = Shared(source, copies, Faces(self.pdf), Pictures(copies), Layers(source))
        self._invisible = rebuild.Invisible(self.pdf)
        self._leaves: list[Leaf] = []
        self._spool = _Spool(self.pdf, scratch)

    def write(self, number: int, content: Content, areas: list[Box]) -> None:
        """This will put in a page written anew; ``areas`` are its black areas in its own space."""
        canvas, frame = content.canvas, content.frame
        redacted = [(len(canvas.marked) + place, box) for place, box in enumerate(areas)]
        parts = tree.parts_of(canvas.marked, frame, redacted)
        black = [rebuild.black(mark, box) for mark, box in redacted]
        data = b"\n".join([b"q", canvas.content(), b"Q", *black])
        page = Dictionary(
            Type=Name.Page,
            MediaBox=Array([_number(edge) for edge in frame.box]),
            Resources=canvas.resource_dictionary(),
            Contents=rebuild.deflated(self.pdf, data),
        )
        if frame.turn:
            page.Rotate = frame.turn
        if frame.unit != 1:
            page.UserUnit = _number(frame.unit)
        leaf = Leaf(self.pdf.make_indirect(page), parts, content.used, content.gone, is_text=True)
        self._put(number, leaf)

    def draw(
        self, number: int, size: tuple[float, float], picture: Picture, words: list[Word], areas: list[Box]
    ) -> None:
        """This will put in a page as a picture; ``areas`` are black areas as displayed."""
        page, parts = rebuild.page(self.pdf, self._invisible, size, picture, words, areas)
        self._put(number, Leaf(self.pdf.make_indirect(page), parts))
        self._spool.add(page.Resources.XObject)

    def _put(self, number: int, leaf: Leaf) -> None:
        if number <= len(self._leaves):
            self._leaves[number - 1] = leaf
            self.pdf.pages[number - 1] = pikepdf.Page(leaf.page)
        else:
            self._leaves.append(leaf)
            self.pdf.pages.append(pikepdf.Page(leaf.page))

    def settle_fonts(self) -> dict[int, list[str]]:
        """This will cut the fonts to what is shown; gives the pages whose fonts cannot be cut, and why."""
        used, gone = dict[int, set[int]](), dict[int, set[int]]()
        for leaf in self._leaves:
            for total, part in ((used, leaf.used), (gone, leaf.gone)):
                for number, codes in part.items():
                    total.setdefault(number, set()).update(codes)
        partial = any(not leaf.is_text for leaf in self._leaves)
        failed = self.shared.faces.write(used, gone, partial=partial)
        return {
            place: sorted({failed[font] for font in leaf.used if font in failed})
            for place, leaf in enumerate(self._leaves, start=1)
            if any(font in failed for font in leaf.used)
        }

    def unreadable(self) -> list[str]:
        """This will say why the document is not PDF/UA, as far as its fonts go."""
        used: dict[int, set[int]] = {}
        for leaf in self._leaves:
            for number, codes in leaf.used.items():
                used.setdefault(number, set()).update(codes)
        return sorted(set(self.shared.faces.unreadable(used).values()))

    def save(self, target: Path) -> None:
        """This will write the document as it stands; the same pages give the same bytes."""
        self._invisible.finish()
        tree.hang(self.pdf, [(leaf.page, leaf.parts) for leaf in self._leaves], self.language)
        self.pdf.save(
            target,
            min_version="1.7",
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            compress_streams=True,
        )


class _Spool:
    """Puts the pictures of drawn pages on disk, a few pages at a time."""

    def __init__(self, target: pikepdf.Pdf, folder: Path) -> None:
        self._target, self._folder = target, folder
        self._waiting: list[Any] = []
        self._size = self._count = 0

    def add(self, pictures: Any) -> None:
        self._waiting.append(pictures)
        self._size += len(pictures.P.read_raw_bytes())
        if self._size >= ON_DISK:
            self._flush()

    def _flush(self) -> None:
        path = self._folder / f"drawn-{self._count}.pdf"
        with pikepdf.new() as spool:
            spool.Root.Drawn = Array([spool.copy_foreign(each.P) for each in self._waiting])
            spool.save(path, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        kept = pikepdf.open(path, access_mode=pikepdf.AccessMode.stream)
        for place, each in enumerate(self._waiting):
            each.P = self._target.copy_foreign(kept.Root.Drawn[place])
        self._waiting, self._size, self._count = [], 0, self._count + 1


def _number(value: float) -> Any:
    text = figure(value)
    return int(text) if "." not in text else pikepdf.Object.parse(text.encode())
