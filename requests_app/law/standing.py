"""Whether counsel has adopted a rule: read from the append-only adoptions, by what the rule says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from requests_app.law import rule
from requests_app.law.models import Agency, LawPack, PackAdoption, RuleAdoption, RuleAuthor
from requests_app.law.rule import Rule

if TYPE_CHECKING:
    from requests_app.law.pack import Pack


@dataclass(frozen=True)
class RuleStanding:
    """How a rule stands with one agency. ``adopted_by`` empty: a draft; ``decision`` then lets it be used.

    ``earlier`` is the last adoption of the same path when the rule said something else.
    """

    path: str
    verified: str
    adopted_by: str = ""
    adopted_on: date | None = None
    source: str = ""
    note: str = ""
    decision: PackAdoption | None = None
    earlier: RuleAdoption | None = None

    @property
    def is_adopted(self) -> bool:
        return self.adopted_on is not None


def rules_of(pack: LawPack) -> tuple[Rule, ...]:
    """This will take a version apart into its rules; kept, because a version never changes."""
    return _rules(pack.pk, pack.sha256)


@lru_cache(maxsize=32)
def _rules(pk: int, sha256: str) -> tuple[Rule, ...]:
    # the hash keeps test databases apart, as in selectors.parsed
    return tuple(rule.rules(LawPack.objects.get(pk=pk).data))


def standings(agency: Agency, pack: "LawPack | Pack") -> Mapping[str, RuleStanding]:
    """This will tell of every rule of a version how it stands: path → standing. Three queries at most."""
    row = pack if isinstance(pack, LawPack) else LawPack.objects.defer("data").get(
        code=pack.id, version=pack.version
    )  # fmt: skip
    said: dict[tuple[str, str], RuleAdoption] = {}
    last: dict[str, RuleAdoption] = {}
    found = RuleAdoption.objects.filter(agency=agency, pack__code=row.code).select_related(
        "decided_by", "pack"
    )
    for each in found.defer("pack__data").order_by("pk"):
        said[each.path, each.digest] = each
        if each.is_adopted:
            last[each.path] = each
    decision = (
        PackAdoption.objects.filter(agency=agency, pack=row)
        .select_related("decided_by")
        .order_by("-pk")
        .first()
    )
    zone = ZoneInfo(agency.time_zone)
    return {
        each.path: _standing(each, said.get((each.path, each.digest)), last.get(each.path), decision, zone)
        for each in rules_of(row)
        if each.adoptable
    }


def rule_standing(agency: Agency, pack: "LawPack | Pack", path: str) -> RuleStanding:
    """This will tell how one rule stands; for several, ask :func:`standings` once.

    :raises RuleUnknown: when the version has no such rule.
    """
    found = standings(agency, pack).get(path)
    if found is None:
        raise rule.RuleUnknown(f"This version has no rule {path}.")
    return found


def drafts(agency: Agency, pack: LawPack) -> list[Rule]:
    """This will list the rules of a version that counsel has not adopted."""
    known = standings(agency, pack)
    return [each for each in rules_of(pack) if each.adoptable and not known[each.path].is_adopted]


def written_by(code: str, person_id: int) -> frozenset[tuple[str, str]]:
    """This will give (path, digest) of every rule of a law that a person had a hand in."""
    rows = RuleAuthor.objects.filter(code=code, author_id=person_id)
    return frozenset(rows.values_list("path", "digest"))


def _standing(
    found: Rule,
    said: RuleAdoption | None,
    last: RuleAdoption | None,
    decision: PackAdoption | None,
    zone: ZoneInfo,
) -> RuleStanding:
    mark = str(found.data.get("verified", "M"))
    if said is not None and said.is_adopted:
        return RuleStanding(
            path=found.path,
            verified=mark,
            adopted_by=said.decided_by.name,
            adopted_on=said.decided_at.astimezone(zone).date(),
            source=said.source,
            note=said.note,
            decision=decision,
        )
    earlier = last if last is not None and last.digest != found.digest else None
    return RuleStanding(path=found.path, verified=mark, decision=decision, earlier=earlier)
