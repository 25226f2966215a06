"""Office files as what they are: ZIP archives of XML parts (ECMA-376 part 2, ODF 1.3 part 2)."""

import posixpath
import zipfile
from pathlib import Path
from typing import Any

from lxml import etree

from redaction import limits
from redaction.report import Refused

MOST_PARTS = limits.OFFICE_PARTS
LARGEST = limits.OFFICE_BYTES
LARGEST_XML = limits.OFFICE_XML
STEEPEST = 300  # unpacked bytes for each packed one; real office files stay below 60

Element = Any  # lxml ships no types


class Package:
    """The parts of one office file; XML parts that were read may be changed and are written back by ``save``.

    :raises Refused: when the archive is broken, protected by a password, or unpacks to too much.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._archive = zipfile.ZipFile(path)
            parts = self._archive.infolist()
        except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
            raise Refused("the office file is broken: its archive cannot be read") from None
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST:
            raise Refused("the office file unpacks to more than can be handled safely")
        for part in parts:
            if part.flag_bits & 1:
                raise Refused("the office file is protected by a password; ask for a copy without one")
            if part.file_size > 2**20 and part.file_size > STEEPEST * max(1, part.compress_size):
                raise Refused("the office file is packed so tightly that it looks made to do harm")
        self.names = [part.filename for part in parts if not part.is_dir()]
        if len(set(self.names)) < len(self.names):
            raise Refused("the office file holds two parts of one name")
        self._trees: dict[str, Element] = {}
        self._left_out: set[str] = set()

    def __enter__(self) -> "Package":
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def __contains__(self, name: str) -> bool:
        return name in self.names and name not in self._left_out

    def under(self, *folders: str) -> list[str]:
        """This will give the names of the parts in the folders, in order."""
        return [name for name in self.names if name.startswith(folders) and name in self]

    def read(self, name: str) -> bytes:
        try:
            return self._archive.read(name)
        except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, OSError, ValueError):
            raise Refused("the office file is broken: a part of it cannot be unpacked") from None
        except Exception as error:  # zlib's own error type and its like
            raise Refused(f"the office file is broken ({type(error).__name__})") from None

    def tree(self, name: str) -> Element:
        """This will give the root of an XML part; changes to it are kept.

        :raises Refused: when it is not plain XML.
        """
        if name not in self._trees:
            if self._archive.getinfo(name).file_size > LARGEST_XML:
                raise Refused("a part of the office file is too large")
            parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
            try:
                root = etree.fromstring(self.read(name), parser)
            except etree.XMLSyntaxError:
                raise Refused("the office file is broken: a part of it is not XML") from None
            if root.getroottree().docinfo.doctype:
                raise Refused("the office file declares entities, which no office program writes")
            self._trees[name] = root
        return self._trees[name]

    def leave_out(self, *names: str) -> None:
        self._left_out.update(names)

    def main(self) -> str:
        """This will give the name of the part that an office program opens first.

        :raises Refused: when the file names none, several, or one that is not there.
        """
        found = {name for _, kind, name in self.related("") if kind == "officeDocument"}
        if len(found) != 1 or not found <= set(self.names):
            raise Refused("the office file is broken: it does not say which part is its text")
        return found.pop()

    def related(self, part: str) -> list[tuple[str, str, str]]:
        """This will give id, type (its last word) and part name of what a part refers to inside the file."""
        found = []
        for entry in self._relations(part):
            if entry.get("TargetMode") != "External":
                target = entry.get("Target", "")
                base = "" if target.startswith("/") else posixpath.dirname(part)
                name = posixpath.normpath(posixpath.join(base, target.lstrip("/")))
                found.append((entry.get("Id", ""), entry.get("Type", "").rpartition("/")[2], name))
        return found

    def _relations(self, part: str) -> list[Element]:
        folder, name = posixpath.split(part)
        relations = f"{folder}/_rels/{name}.rels".lstrip("/")
        return list(self.tree(relations)) if relations in self.names else []

    def cut_ties(self) -> int:
        """This will remove each tie to something outside but plain web links, and give their number."""
        count = 0
        for name in self.names:
            if not name.endswith(".rels"):
                continue
            root = self.tree(name)
            for entry in list(root):
                if entry.get("TargetMode") == "External" and not entry.get("Type", "").endswith("/hyperlink"):
                    root.remove(entry)
                    count += 1
        return count

    def save(self, target: Path) -> None:
        """This will write the file anew with the changes made; parts left out are gone, and talk of them."""
        if self._left_out:
            self._forget()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in self.names:
                if name in self._left_out:
                    continue
                if name in self._trees:
                    content = etree.tostring(self._trees[name], xml_declaration=True, encoding="UTF-8")
                else:
                    content = self.read(name)
                # an open document's type comes first and unpacked (ODF 1.3 part 2, 3.3)
                kind = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
                archive.writestr(zipfile.ZipInfo(name), content, kind)

    def _forget(self) -> None:
        for name in self.names:
            if name.endswith(".rels"):
                folder, _, own = name.rpartition("_rels/")
                targets = {key: part for key, _, part in self.related(folder + own.removesuffix(".rels"))}
                gone = [entry for entry in self.tree(name) if targets.get(entry.get("Id")) in self._left_out]
            elif name in ("[Content_Types].xml", "META-INF/manifest.xml"):
                gone = [
                    entry
                    for entry in self.tree(name)
                    if (attribute(entry, "PartName") or attribute(entry, "full-path") or "").lstrip("/")
                    in self._left_out
                ]
            else:
                continue
            for entry in gone:
                drop(entry)


def name_of(element: Element) -> str:
    """This will give an element's name without its namespace; empty for comments and instructions."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def attribute(element: Element, name: str) -> str | None:
    """This will give an attribute by its name, whatever its namespace."""
    return next((value for key, value in element.attrib.items() if etree.QName(key).localname == name), None)


def words(element: Element) -> str:
    """This will give all text inside an element, paragraphs apart."""
    pieces = []
    for part in element.iter():
        if name_of(part) in ("p", "h", "br", "line-break", "tab", "tr"):
            pieces.append(" ")
        pieces.append(part.text if isinstance(part.tag, str) and part.text else "")
        pieces.append(part.tail if part is not element and part.tail else "")
    return " ".join("".join(pieces).split())


def drop(element: Element) -> None:
    """This will remove an element and keep the text that follows it."""
    parent, before = element.getparent(), element.getprevious()
    if element.tail:
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def unwrap(element: Element) -> None:
    """This will put an element's children in its place."""
    parent = element.getparent()
    place = parent.index(element)
    for child in list(element):
        parent.insert(place, child)
        place += 1
    drop(element)
