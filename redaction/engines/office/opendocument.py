"""ODT and ODS (ODF 1.3): annotations, tracked changes, hidden text, sheets, rows and columns."""

from redaction.engines.office.hidden import Hidden
from redaction.engines.office.package import Element, Package, attribute, drop, name_of, words

CONTENT = "content.xml"

_PARTS = (CONTENT, "styles.xml")
_OUTSIDE = (
    "section-source",
    "table-source",
    "dde-source",
    "event-listeners",
    "database-range",
    "plugin",
    "applet",
)
_OWN_PLACE = ("file-name", "template-name")  # would tell where the file lies on this machine
_INSIDE = ("Pictures/", "./Pictures/", "Object", "./Object", "#", "./#")


def find(package: Package) -> list[Hidden]:
    """This will list what the document holds and its pages do not show."""
    root, found = package.tree(CONTENT), list[Hidden]()
    notes = [words(part) for part in _named(package, "annotation")]
    if notes:
        found.append(Hidden("comments", f"{len(notes)} comments", tuple(notes)))
    changed = list(_all(root, "changed-region"))
    gone = [words(part) for part in _all(root, "deletion")]
    if changed:
        texts = tuple(text for text in gone if text)
        found.append(Hidden("tracked-changes", f"{len(changed)} tracked changes", texts))
    unseen = [
        part
        for name in _parts(package)
        for part in package.tree(name).iter()
        if (name_of(part) == "text-properties" and attribute(part, "display") in ("none", "condition"))
        or name_of(part) in ("hidden-text", "hidden-paragraph")
        or (name_of(part) == "section" and attribute(part, "display") in ("none", "condition"))
    ]
    if unseen:
        texts = tuple(text for part in unseen if (text := words(part)))
        found.append(Hidden("hidden-text", "text set as hidden", texts))
    found += _in_tables(root)
    found += [
        Hidden(f"embedded:{number}", "a file inside the document, of which a picture shows", can_show=False)
        for number, _ in enumerate(_objects(package), start=1)
    ]
    if package.under("Versions/", "VersionList.xml"):
        found.append(Hidden("versions", "earlier versions of the document", can_show=False))
    return found


def prepare(package: Package, shown: frozenset[str]) -> None:
    """This will make the document show what was decided, and nothing from outside the file."""
    package.leave_out(
        *package.under("Basic/", "Scripts/", "Versions/", "VersionList.xml", "meta.xml", "Thumbnails/")
    )
    for name in _parts(package):
        for part in list(package.tree(name).iter()):
            kind = name_of(part)
            if part.getparent() is None or not kind:
                continue
            if kind in ("annotation", "annotation-end", "tracked-changes", "change", "change-start",
                        "change-end", *_OUTSIDE):  # fmt: skip
                drop(part)
                continue
            if kind in _OWN_PLACE:
                part.tag = part.tag.replace(kind, "span")
                part.attrib.clear()
            for key in [key for key in part.attrib if key.endswith("}href")]:
                if not part.attrib[key].startswith(_INSIDE):
                    del part.attrib[key]
            if "hidden-text" in shown and attribute(part, "display") in ("none", "condition"):
                _take(part, "display")
    root = package.tree(CONTENT)
    styles = _unlisted_styles(root)
    for number, table in enumerate(_all(root, "table"), start=1):
        if f"sheet:{number}" in shown and attribute(table, "style-name") in styles:
            _take(table, "style-name")
        if f"rows:{number}" in shown:
            for part in _collapsed(table):
                _take(part, "visibility")
        if f"print-area:{number}" in shown:
            _take(table, "print-ranges")


def _in_tables(root: Element) -> list[Hidden]:
    found, styles = list[Hidden](), _unlisted_styles(root)
    for number, table in enumerate(_all(root, "table"), start=1):
        if attribute(table, "style-name") in styles:
            texts = tuple(text for cell in _all(table, "table-cell") if (text := words(cell)))
            found.append(Hidden(f"sheet:{number}", f"a hidden sheet with {len(texts)} cells", texts))
        collapsed = _collapsed(table)
        if collapsed:
            texts = tuple(
                text for row in collapsed for cell in _all(row, "table-cell") if (text := words(cell))
            )
            found.append(Hidden(f"rows:{number}", f"hidden rows or columns on table {number}", texts))
        if attribute(table, "print-ranges"):
            what = f"cells that table {number} may not print, for it has a print range"
            found.append(Hidden(f"print-area:{number}", what))
    return found


def _unlisted_styles(root: Element) -> set[str | None]:
    """The automatic styles of sheets that a program does not list."""
    unlisted = [part for part in _all(root, "table-properties") if attribute(part, "display") == "false"]
    return {attribute(part.getparent(), "name") for part in unlisted}


def _collapsed(table: Element) -> list[Element]:
    return [
        part
        for kind in ("table-row", "table-column")
        for part in _all(table, kind)
        if attribute(part, "visibility") in ("collapse", "filter")
    ]


def _objects(package: Package) -> list[str]:
    return [name for name in package.under("Object") if name.count("/") <= 1 and not name.endswith(".xml")]


def _parts(package: Package) -> list[str]:
    return [name for name in _PARTS if name in package]


def _named(package: Package, kind: str) -> list[Element]:
    return [part for name in _parts(package) for part in _all(package.tree(name), kind)]


def _all(root: Element, kind: str) -> list[Element]:
    return [part for part in root.iter() if name_of(part) == kind]


def _take(part: Element, name: str) -> None:
    for key in [key for key in part.attrib if key.endswith("}" + name)]:
        del part.attrib[key]
