"""DOCX (ECMA-376 part 1, WordprocessingML): comments, tracked changes, hidden text, things inside things."""

import re
from typing import Any

from redaction.engines.office.hidden import Hidden
from redaction.engines.office.package import Element, Package, attribute, drop, name_of, unwrap, words
from redaction.report import Refused

_GONE = ("del", "moveFrom", "cellDel")
_CAME = ("ins", "moveTo")
_FORMER = ("rPrChange", "pPrChange", "sectPrChange", "tblPrChange", "tcPrChange", "trPrChange",
           "tblGridChange", "tblPrExChange", "numberingChange")  # fmt: skip
_RANGES = ("moveFromRangeStart", "moveFromRangeEnd", "moveToRangeStart", "moveToRangeEnd")
_LEFT_OUT = ("word/embeddings/", "word/activeX/", "word/comments", "word/people", "customXml/", "docProps/")
_NOTES = ("commentRangeStart", "commentRangeEnd", "commentReference")
_UNSEEN = ("vanish", "specVanish", "webHidden")
# fields that pull in a file, a database or another program when a word processor opens the document, or that
# would tell where it lies on this machine
_PULLS = re.compile(
    r"\s*(INCLUDETEXT|INCLUDEPICTURE|INCLUDE|DDE|DDEAUTO|LINK|DATABASE|IMPORT|RD|MACROBUTTON|FILENAME|TEMPLATE)\b",
    re.IGNORECASE,
)


def find(package: Package) -> list[Hidden]:
    """This will list what the document holds and its pages do not show."""
    found = []
    comments = [text for name in _parts(package, "comments") for text in _comments(package.tree(name))]
    if comments:
        found.append(Hidden("comments", _count(len(comments), "comment"), tuple(comments)))
    gone, changes, unseen = list[str](), 0, list[str]()
    for name in _bodies(package):
        for element in package.tree(name).iter():
            kind = name_of(element)
            if kind in _GONE or kind in _CAME:
                changes += 1
                if kind in _GONE and (text := words(element)):
                    gone.append(text)
            elif kind in _UNSEEN and _is_on(element):
                unseen.append(words(element.getparent().getparent()) if _in_run(element) else "")
    if changes:
        found.append(Hidden("tracked-changes", _count(changes, "tracked change"), tuple(gone)))
    unseen += ["" for name in _parts(package, "styles", "numbering") for _ in _switches(package.tree(name))]
    if unseen:
        found.append(Hidden("hidden-text", "text set as hidden", tuple(text for text in unseen if text)))
    embedded = package.under("word/embeddings/")
    found += [
        Hidden(f"embedded:{number}", "a file inside the document, of which a picture shows", can_show=False)
        for number, _ in enumerate(embedded, start=1)
    ]
    found += [
        Hidden(f"inserted:{number}", "a whole file that programs insert when they open it", can_show=False)
        for number, _ in enumerate(_inserted(package), start=1)
    ]
    return found


def prepare(package: Package, shown: frozenset[str]) -> None:
    """This will make the document show what was decided, and nothing that it would fetch."""
    bodies, inserted = _bodies(package), _inserted(package)
    for element in inserted:
        drop(element)
    files = [part for name in bodies for _, kind, part in package.related(name) if kind == "aFChunk"]
    package.leave_out(*package.under(*_LEFT_OUT), *_parts(package, "comments"), *files)
    for name in bodies:
        root = package.tree(name)
        for element in list(root.iter()):
            if element.getparent() is None and element is not root:
                continue
            _settle(element, shows_changes="tracked-changes" in shown)
        for element in list(root.iter()):
            if name_of(element) == "instrText" and _PULLS.match(element.text or ""):
                element.text = " QUOTE "
            elif name_of(element) == "fldSimple" and _PULLS.match(attribute(element, "instr") or ""):
                unwrap(element)
    if "hidden-text" in shown:
        for name in [*_bodies(package), *_parts(package, "styles", "numbering")]:
            for element in list(_switches(package.tree(name))):
                drop(element)


def _settle(element: Element, *, shows_changes: bool) -> None:
    """Accepts a tracked change, or puts what was deleted back as struck-out words."""
    kind = name_of(element)
    if kind in _FORMER or kind in _RANGES or kind in _NOTES:
        drop(element)
    elif kind in _GONE:
        if not shows_changes or name_of(element.getparent()) in ("rPr", "trPr"):
            drop(element)
            return
        for run in [part for part in element.iter() if name_of(part) == "r"]:
            _strike(run)
        unwrap(element)
    elif kind in _CAME:
        if name_of(element.getparent()) in ("rPr", "trPr"):
            drop(element)
        else:
            unwrap(element)


def _strike(run: Element) -> None:
    space = run.tag[: run.tag.index("}") + 1]
    properties = next((part for part in run if name_of(part) == "rPr"), None)
    if properties is None:
        properties = run.makeelement(space + "rPr")
        run.insert(0, properties)
    properties.append(run.makeelement(space + "strike"))
    for part in run:
        if name_of(part) == "delText":
            part.tag = space + "t"


def _parts(package: Package, *kinds: str) -> list[str]:
    """The parts of some kinds, by what leads to them and by their usual names: programs go by the former.

    :raises Refused: when a part the document names is not there.
    """
    main = package.main()
    usual = rf"word/({'|'.join(kinds)})\d*\.xml"
    found = {name: None for name in package.under("word/") if re.fullmatch(usual, name)}
    if "document" in kinds:
        found[main] = None
    for _, kind, name in package.related(main):
        if kind in kinds and name not in package.names:
            raise Refused(f"the document is broken: the part with its {kind} is missing")
        if kind in kinds and name in package:
            found[name] = None
    return list(found)


def _inserted(package: Package) -> list[Element]:
    """Places at which a word processor inserts another file: what that one hides, nobody has listed."""
    return [
        element
        for name in _bodies(package)
        for element in package.tree(name).iter()
        if name_of(element) == "altChunk"
    ]


def _bodies(package: Package) -> list[str]:
    return _parts(package, "document", "header", "footer", "footnotes", "endnotes")


def _comments(root: Element) -> list[str]:
    return [
        f"{attribute(entry, 'author') or 'Comment'}: {words(entry)}"
        for entry in root
        if name_of(entry) == "comment"
    ]


def _switches(root: Element) -> list[Any]:
    return [element for element in root.iter() if name_of(element) in _UNSEEN and _is_on(element)]


def _is_on(element: Element) -> bool:
    return (attribute(element, "val") or "1").lower() not in ("0", "false", "off")


def _in_run(element: Element) -> bool:
    above = element.getparent().getparent()
    return above is not None and name_of(above) == "r"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
