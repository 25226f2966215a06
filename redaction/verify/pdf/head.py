"""The parts of a document above its pages: catalogue, information, and the structure tree a reader follows.

ISO 32000-1, 14.7: every piece of marked content must be found from its page and from the tree.
"""

import re
from typing import TYPE_CHECKING, Any

import pikepdf

from redaction.verify.pdf.structure import ALTERNATIVES

if TYPE_CHECKING:
    from redaction.verify.pdf.own import Page

Place = tuple[int, int]

_CATALOGUE = {"/Type", "/Pages", "/StructTreeRoot", "/MarkInfo", "/Lang", "/ViewerPreferences", "/Extensions"}
_ROOT = {"/Type", "/K", "/ParentTree", "/ParentTreeNextKey"}
_GROUP = {"/Type", "/S", "/P", "/K"}
_ELEMENT = {"/Type", "/S", "/P", "/Pg", "/K", "/A", "/Alt"}
_LAYOUT = {"/O", "/BBox", "/Placement"}
_KINDS = ("/P", "/H1", "/H2", "/Figure")
_BROKEN = (AttributeError, KeyError, TypeError, ValueError, IndexError)


def faults(pdf: pikepdf.Pdf, pages: list["Page"]) -> tuple[set[Place], list[str]]:
    """This will give the objects of the head, and what is wrong with it."""
    head = _Head(pdf, pages)
    try:
        return head.reached, list(dict.fromkeys(head.faults()))
    except _BROKEN:
        return head.reached, ["has a structure tree that cannot be followed"]


class _Head:
    def __init__(self, pdf: pikepdf.Pdf, pages: list["Page"]) -> None:
        self.pdf, self.pages = pdf, pages
        self.reached: set[Place] = set()

    def faults(self) -> list[str]:
        root = self.pdf.Root
        found = self._known(root, _CATALOGUE, "the document's head")
        found += self._known(self.pdf.trailer.get("/Info"), {"/Title"}, "its information")
        self._nodes(root.Pages)
        if not re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", str(root.get("/Lang", ""))):
            found.append("does not name its language")
        told: Any = root.get("/MarkInfo", pikepdf.Dictionary())
        if told.get("/Marked") is not True:
            found.append("does not say that it is tagged")
        return found + self._tree()

    def _known(self, part: Any, keys: set[str], words: str) -> list[str]:
        if part is None:
            return []
        self._reach(part)
        return [f"holds an entry in {words} that is not known"] * bool(set(part.keys()) - keys)

    def _reach(self, part: Any) -> None:
        if isinstance(part, pikepdf.Object) and part.is_indirect:
            self.reached.add(part.objgen)

    def _nodes(self, node: Any) -> None:
        """The tree of pages; a page was reached already."""
        stack = [node]
        while stack:
            part = stack.pop()
            if "/Kids" in part and part.objgen not in self.reached:
                self._reach(part)
                stack += list(part.Kids)

    def _tree(self) -> list[str]:
        tree = self.pdf.Root.get("/StructTreeRoot")
        if tree is None:
            return ["has no structure tree"]
        found = self._known(tree, _ROOT, "its structure tree")
        top = tree.K
        found += self._known(top, _GROUP, "its structure tree")
        self._reach(tree.ParentTree)
        numbers = list(tree.ParentTree.Nums)
        rows = dict(zip(map(int, numbers[::2]), numbers[1::2], strict=True))
        sections = list(top.K)
        if len(sections) != len(self.pages):
            return [*found, "has a structure tree that leaves out pages"]
        for page, section in zip(self.pages, sections, strict=True):
            found += self._known(section, _GROUP, "its structure tree")
            found += self._section(page, section, rows)
        return found

    def _section(self, page: "Page", section: Any, rows: dict[int, Any]) -> list[str]:
        """The elements of a page and its marked content must be the same, one to one."""
        leaf = self.pdf.pages[page.number - 1].obj
        row = rows.get(int(leaf.StructParents))
        self._reach(row)
        parents = [element.objgen for element in row] if row is not None else []
        found: list[str] = []
        listed: list[int] = []
        for element in section.K:
            found += self._known(element, _ELEMENT, "its structure tree")
            found += self._element(element)
            ids = (
                [int(each) for each in element.K]
                if isinstance(element.K, pikepdf.Array)
                else [int(element.K)]
            )
            listed += ids
            if element.Pg.objgen != leaf.objgen or any(parents[each] != element.objgen for each in ids):
                found.append("has a structure tree that cannot be followed")
        if sorted(listed) != sorted(page.marks) or len(parents) != len(listed):
            found.append(f"has content on page {page.number} that its structure tree leaves out")
        return found

    def _element(self, element: Any) -> list[str]:
        if str(element.S) not in _KINDS:
            return ["has an element in its structure tree that is not known"]
        if str(element.S) != "/Figure":
            return ["has a replacement for text"] if "/Alt" in element else []
        found = self._known(element.get("/A"), _LAYOUT, "its structure tree")
        return found if str(element.get("/Alt", "")) in ALTERNATIVES else ["has a figure without known words"]
