"""Whether what people write around the records says what is withheld in them: titles, reasons, letters.

What is withheld exactly (words a mark names, plates, words muted by their time) may stand in no text. A title
is ours to leave out, so it also goes for what only looks like a withheld thing, and when nobody can tell.
"""

import time
from collections.abc import Sequence

from portal.core import files
from redaction import patterns, plates, told
from redaction.plans import plate_sameness, selectors
from redaction.plans.comparison_models import Traces
from redaction.plans.models import Render
from redaction.plans.plate_sameness import TABLES
from redaction.plans.selectors import ApprovedRender
from redaction.release.withholding import tells
from redaction.report import Refused

TOGETHER = 60.0  # seconds in which the tables of one release are looked through
Titles = dict[tuple[int, str], bool]
"""By result and title: whether the title says something of the record itself that is withheld."""


class Withheld:
    """What some results withhold, in few queries however many they are."""

    def __init__(self, renders: Sequence[Render]) -> None:
        self._renders = renders
        self._traces = Traces.objects.filter(render__in=renders)
        spoken = dict(self._traces.values_list("render", "spoken"))
        self._words = {
            render.pk: [*selectors.words_of(render), *(words for _mark, words in spoken.get(render.pk, ()))]
            for render in renders
        }
        self._patterns = {name for render in renders for name in selectors.patterns_of(render)}

    def said_in(self, text: str) -> Render | None:
        """This will give the first result that withholds something this text says, if there is one.

        Plates withheld under an older key of the portal cannot be compared: whatever looks like a plate may
        be one of them, and counts as said.
        """
        seen = plates.within(text, plate_sameness.key()).rows.keys()
        hidden = self._plates() if seen else {}
        for render in self._renders:
            if tells(text, self._words[render.pk]):
                return render
            sign, withheld = hidden.get(render.pk, ("", b""))
            if withheld and (sign != plate_sameness.sign() or plate_sameness.holds(withheld, seen)):
                return render
        return None

    def _plates(self) -> dict[int, tuple[str, bytes]]:
        """By result: the sign of the key, and the digests of what is withheld under it."""
        return {
            pk: (sign, bytes(withheld))
            for pk, sign, withheld in self._traces.values_list("render", "sign", "withheld")
        }

    def is_like(self, text: str) -> bool:
        """This will tell whether a text holds something of a pattern that one of the results withholds."""
        return any(patterns.find_pattern(text, name) for name in self._patterns)


def titles(entries: Sequence[ApprovedRender]) -> Titles:
    """This will look through the tables among some records, in children, for what their titles say of them.

    It may take ``TOGETHER`` and holds nothing: do it before the transaction that releases. A table its time
    does not reach is left out.
    """
    found: Titles = {}
    until = time.monotonic() + TOGETHER
    for entry in entries:
        if _is_searched(entry) and time.monotonic() < until:
            found[entry.render.pk, entry.record.title] = _table_says(entry)
    return found


def is_fit(entry: ApprovedRender, withheld: Withheld, known: Titles) -> bool:
    """This will tell whether the title of a record may leave.

    ``withheld`` is that of all records that leave together, ``known`` what :func:`titles` found; a table that
    is not in it was not looked through.
    """
    title = entry.record.title
    if withheld.said_in(title) is not None or withheld.is_like(title):
        return False
    return not known.get((entry.render.pk, title), _is_searched(entry))


def _is_searched(entry: ApprovedRender) -> bool:
    return entry.record.medium == "table" and bool(entry.marks)


def _table_says(entry: ApprovedRender) -> bool:
    record, render = entry.record, entry.render
    copy = None
    try:
        original = files.require_once_intact(files.Stored.of(record), by_others=False)
        if not render.withheld and render.suffix in TABLES:
            copy = files.require_once_intact(files.Stored.of(render), by_others=False)
        return told.of_table(original, copy, record.title)
    except (Refused, files.Corrupt):
        return True  # it cannot be told, so the title stays here
