"""What any delimited table may not hold, whoever made it."""

import re
import zipfile
from pathlib import Path

from redaction.report import Finding
from redaction.verify.table.blocks import ColumnWatch, blocks
from redaction.verify.table.reading import Unreadable, header_of, open_any
from redaction.verify.table.values import FORMULA, UNSEEN

_PARTS = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|docProps/(?:app|core)\.xml"
    r"|xl/(?:workbook|styles|sharedStrings|theme/theme1|worksheets/sheet1|_rels/workbook\.xml)(?:\.xml|\.rels)"
)
_ACTIVE = re.compile(
    rb'<(f|hyperlink|legacyDrawing|drawing|oleObject|control|dataValidation)[ >/]|hidden="1"'
)

MOST = 20  # findings of one kind; one is enough to stop a release


def examine(output: Path) -> list[Finding]:
    """This will name what is wrong with a table by itself: shape, formulas, characters that do not show."""
    findings: list[Finding] = []
    try:
        text = open_any(output, [])
        delimiter, header = header_of(text, [])
        findings += _header_faults(header)
        watch = ColumnWatch(len(header))
        unseen = 0
        records = text.records(delimiter)
        next(records)
        for block in blocks(records):
            rows = [(row, cells) for row, cells in block if len(cells) == len(header)]
            findings += [
                Finding(f"has {len(cells)} cells, the header has {len(header)}", place=f"row {row}")
                for row, cells in block
                if cells and len(cells) != len(header)
            ][: MOST - len(findings)]
            if len(findings) >= MOST:
                return findings
            columns = list(zip(*(cells for _, cells in rows), strict=True))
            watch.see_block([row for row, _ in rows], columns)
            if not unseen and not "".join("".join(column) for column in columns).isprintable():
                unseen = next((row for row, cells in rows if any(map(UNSEEN.search, cells))), 0)
        unseen = unseen or (1 if any(map(UNSEEN.search, header)) else 0)
    except Unreadable as error:
        return [*findings, Finding(str(error))]
    if output.suffix.lower() == ".xlsx":
        findings += package_faults(output)
    if unseen:
        findings.append(Finding("holds characters that do not show", place=f"row {unseen}"))
    findings += [
        Finding(f"a cell of column {header[place]!r} could run as a formula", place=f"row {row}")
        for place, row in watch.faults()
    ]
    return findings


def package_faults(output: Path) -> list[Finding]:
    """This will name what a released workbook may not hold beside the texts of one visible sheet."""
    with zipfile.ZipFile(output) as package:
        names = package.namelist()
        sheets = [name for name in names if name.startswith("xl/worksheets/") and name.endswith(".xml")]
        findings = [Finding(f"the workbook holds {name!r}") for name in names if not _PARTS.fullmatch(name)][
            :MOST
        ]
        if len(sheets) != 1:
            findings.append(Finding(f"the workbook has {len(sheets)} sheets"))
        for name in sheets:
            kept = b""
            with package.open(name) as stream:
                while chunk := stream.read(1 << 20):
                    if found := _ACTIVE.search(kept + chunk):
                        findings.append(Finding(f"the workbook's sheet holds {_named(found)}"))
                        break
                    kept = chunk[-64:]
    return findings


def _header_faults(header: list[str]) -> list[Finding]:
    findings = [
        Finding(f"column {place} has no name", place="row 1")
        for place, name in enumerate(header, 1)
        if not name.strip()
    ]
    findings += [
        Finding(f"two columns are named {name!r}", place="row 1")
        for place, name in enumerate(header)
        if name in header[:place]
    ]
    findings += [
        Finding(f"the name {name!r} could run as a formula", place="row 1")
        for name in header
        if FORMULA.match(name)
    ]
    return findings


def _named(found: re.Match[bytes]) -> str:
    return f"<{found[1].decode()}>" if found[1] else "hidden rows or columns"
