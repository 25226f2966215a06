"""A text mark that PDFium does not find is looked for with pdfminer: finding nothing must mean nothing."""

from pathlib import Path

from redaction import patterns, reading
from redaction.marks import Marks
from redaction.report import Refused


def refuse_unseen(settled: Path, marks: Marks, counts: dict[str, int]) -> None:
    """This will pass when both readers agree that the marks without a place have none.

    :raises Refused: naming the mark and page of a text which only the second reader sees.
    """
    missing = [mark for mark in marks.of("text") if not counts.get(mark.id)]
    if not missing:
        return
    for leaf in reading.leaves(settled):
        for mark in missing:
            if mark["pages"] != "all" and leaf.number not in mark["pages"]:
                continue
            if patterns.find_again(leaf.text, literal=mark["literal"], pattern=mark["pattern"]):
                raise Refused(
                    f"mark {mark.id}: two readers disagree whether its text is on page {leaf.number};"
                    " use a box or withhold the page"
                )
