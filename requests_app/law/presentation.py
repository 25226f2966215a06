"""What the law pages show: rules in words with their mark, source and adoption; versions; changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from requests_app.law import diff, reading, rule, standing
from requests_app.law.models import Agency, Exemption, LawPack, PackDraft
from requests_app.law.rule import Rule, Section
from requests_app.law.selectors import holidays
from requests_app.law.standing import RuleStanding
from requests_app.law.wording import date_of


@dataclass(frozen=True)
class RuleRow:
    """One rule in words. ``own``: the reader had a hand in it; ``changed``: since counsel last adopted it."""

    path: str
    title: str
    summary: str
    further: list[tuple[str, str]]
    citation: str
    source: str
    mark: tuple[str, str]
    standing: RuleStanding | None
    fingerprint: str
    adoptable: bool = True
    own: bool = False
    changed: tuple[diff.Field, ...] = ()

    @property
    def adoption(self) -> tuple[str, str]:
        """Words and kind of tag."""
        if self.standing is None or not self.standing.is_adopted:
            return ("Draft: not adopted by counsel", "soon")
        assert self.standing.adopted_on is not None  # noqa: S101  an adopted rule has its day
        words = f"Adopted by {self.standing.adopted_by} on {date_of(self.standing.adopted_on)}"
        return (words, "done")

    @property
    def public_adoption(self) -> str:
        """The same for everybody: the day, and no name of staff."""
        if self.standing is None or self.standing.adopted_on is None:
            return "Draft: not adopted by the agency’s lawyer yet"
        return f"Adopted by the agency’s lawyer on {date_of(self.standing.adopted_on)}"

    @property
    def is_adopted(self) -> bool:
        return self.standing is not None and self.standing.is_adopted


@dataclass
class SectionPage:
    """The rules of one section, for a fold of their own."""

    id: str
    title: str
    many: bool
    rows: list[RuleRow] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        return self.id.replace("/", "-")

    @property
    def adopted(self) -> int:
        return sum(row.is_adopted for row in self.rows)

    @property
    def open_rows(self) -> list[RuleRow]:
        return [row for row in self.rows if row.adoptable and not row.is_adopted and not row.own]


def sections(
    data: Mapping[str, Any],
    rules: Iterable[Rule],
    known: Mapping[str, RuleStanding] | None = None,
    own: frozenset[tuple[str, str]] = frozenset(),
) -> list[SectionPage]:
    """This will lay out the rules of a pack by section; ``known`` is left out for a draft."""
    pages = {each.id: _page(each) for each in rule.sections(data)}
    for each in rules:
        said = (known or {}).get(each.path)
        pages[each.section.id].rows.append(_row(each, said, (each.path, each.digest) in own))
    return list(pages.values())


def version_sections(agency: Agency, pack: LawPack, reader_id: int | None = None) -> list[SectionPage]:
    """This will lay out a version with the adoption of each rule; empty sections are left out."""
    own = standing.written_by(pack.code, reader_id) if reader_id else frozenset()
    found = sections(pack.data, standing.rules_of(pack), standing.standings(agency, pack), own)
    return [page for page in found if page.rows]


def counts(pages: Iterable[SectionPage]) -> dict[str, int]:
    """This will count the rules of a version: all that can be adopted, adopted, drafts."""
    rows = [row for page in pages for row in page.rows if row.adoptable]
    adopted = sum(row.is_adopted for row in rows)
    return {"rules": len(rows), "adopted": adopted, "drafts": len(rows) - adopted}


def marks(pages: Iterable[SectionPage]) -> list[dict[str, Any]]:
    """This will count how sure the rules are."""
    said = [row.mark for page in pages for row in page.rows if row.adoptable]
    return [
        {"words": words, "tag": tag, "count": said.count((words, tag))}
        for words, tag in reading.VERIFIED.values()
    ]


def changes_by_section(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    """This will group what changed between two versions by section, in the order of the newer one."""
    grouped: dict[str, list[diff.Change]] = {}
    for change in diff.changes(old, new):
        grouped.setdefault(change.section, []).append(change)
    return [{"title": title, "changes": found} for title, found in grouped.items()]


def calendar_years(agency: Agency, today: date) -> list[dict[str, Any]]:
    """This will list the weekdays that do not count, this year and the next."""
    first = date(today.year, 1, 1)
    found = holidays(agency, first, (date(today.year + 2, 1, 1) - first).days)
    return [
        {"year": year, "days": [row for row in found if row["day"].year == year]}
        for year in (today.year, today.year + 1)
    ]


def force(row: Exemption, today: date) -> tuple[str, str]:
    """This will say whether a ground is in force: words and kind of tag."""
    if row.valid_from > today:
        return "Not yet", "waiting"
    if row.valid_to is not None and row.valid_to < today:
        return "Ended", "neutral"
    return "In force", "done"


def other_laws(agency: Agency) -> list[LawPack]:
    """This will give the newest version of every other law."""
    rows = LawPack.objects.exclude(code=agency.law).defer("data")
    return list(rows.order_by("code", "-effective_from", "-pk").distinct("code"))


def predecessors(pack: LawPack) -> list[LawPack]:
    """This will list the versions a version can be compared with, its base first."""
    rows = LawPack.objects.filter(Q(code=pack.code) | Q(pk=pack.base_id)).exclude(pk=pack.pk).defer("data")
    return sorted(rows, key=lambda row: (row.pk != pack.base_id, -row.pk))


def begins(draft: PackDraft, today: date) -> date:
    """This will propose the first day of a new version: tomorrow, or the law's own day if it is later."""
    return max(today + timedelta(days=1), date.fromisoformat(draft.data["effective_from"]))


def _page(section: Section) -> SectionPage:
    return SectionPage(section.id, section.title, section.many)


def _row(found: Rule, said: RuleStanding | None, own: bool) -> RuleRow:
    changed: tuple[diff.Field, ...] = ()
    if said is not None and said.earlier is not None:
        before = next((r for r in standing.rules_of(said.earlier.pack) if r.path == found.path), None)
        changed = diff.between(before, found) if before else ()
    return RuleRow(
        path=found.path,
        title=reading.title(found),
        summary=reading.summary(found),
        further=reading.further(found),
        citation=str(found.data.get("citation") or ""),
        source=reading.source(found.data),
        mark=reading.VERIFIED[str(found.data.get("verified", "M"))],
        standing=said,
        fingerprint=found.fingerprint,
        adoptable=found.adoptable,
        own=own,
        changed=changed,
    )
