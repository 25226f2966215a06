"""Whether what people write around the records says what is withheld in them: titles, reasons, letters.

What is withheld exactly (words a mark names, plates, words muted by their time) may stand in no text. A title
is ours to leave out, so it also goes for what only looks like a withheld thing, and when nobody can tell.
"""

from collections.abc import Iterable, Sequence

from portal.core import files
from redaction import patterns, plates, told
from redaction.plans import plate_sameness, selectors
from redaction.plans.comparison_models import Traces
from redaction.plans.models import Render
from redaction.plans.plate_sameness import TABLES
from redaction.plans.selectors import ApprovedRender
from redaction.release.withholding import tells
from redaction.report import Refused

Titles = dict[tuple[int, str], bool]
"""By result and title: whether the title says something of the record itself that is withheld."""


def says(text: str, renders: Iterable[Render]) -> Render | None:
    """This will give the first result that withholds something this text says, if there is one."""
    seen = plates.within(text, plate_sameness.key()).rows.keys()
    for render in renders:
        traces = Traces.objects.filter(render=render).first()
        spoken = [words for _mark, words in traces.spoken] if traces is not None else []
        if tells(text, [*selectors.words_of(render), *spoken]):
            return render
        if traces is not None and not seen.isdisjoint(plate_sameness.unpacked(traces.withheld)):
            return render
    return None


def titles(entries: Sequence[ApprovedRender]) -> Titles:
    """This will look through the tables among some records, in children, for what their titles say of them.

    It may take long and holds nothing; do it before the transaction that releases.
    """
    return {
        (entry.render.pk, entry.record.title): _table_says(entry)
        for entry in entries
        if entry.record.medium == "table" and entry.marks
    }


def is_fit(entry: ApprovedRender, entries: Sequence[ApprovedRender], known: Titles) -> bool:
    """This will tell whether the title of a record may leave with these records.

    ``known`` is what :func:`titles` found; a table that is not in it was not looked through.
    """
    title, renders = entry.record.title, [each.render for each in entries]
    if says(title, renders) is not None:
        return False
    names = {name for render in renders for name in selectors.patterns_of(render)}
    if any(patterns.find_pattern(title, name) for name in names):
        return False
    is_table = entry.record.medium == "table" and bool(entry.marks)
    return not known.get((entry.render.pk, title), is_table)


def _table_says(entry: ApprovedRender) -> bool:
    record, render = entry.record, entry.render
    copy = None
    try:
        original = files.require_once_intact(files.Stored.of(record))
        if not render.withheld and render.suffix in TABLES:
            copy = files.require_once_intact(files.Stored.of(render))
        return told.of_table(original, copy, record.title)
    except (Refused, files.Corrupt):
        return True  # it cannot be told, so the title stays here
