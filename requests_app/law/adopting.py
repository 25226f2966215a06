"""Counsel's word on the rules: adopted after a look at the source, or taken back. Rows are only added."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from portal.accounts import policies
from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput, NotAllowed
from requests_app.law import standing
from requests_app.law.models import Agency, LawPack, RuleAdoption
from requests_app.law.rule import Rule, RuleUnknown

_REFUSAL = "Only the agency’s counsel adopts rules."


class OwnRule(NotAllowed):
    """Nobody confirms what they wrote themselves."""

    code = "own_rule"


@transaction.atomic
def adopt(
    *,
    agency: Agency,
    pack: LawPack,
    paths: Sequence[str],
    actor: User,
    at: datetime,
    source: str,
    note: str = "",
) -> list[RuleAdoption]:
    """This will record that counsel compared rules with their source and adopts them.

    Rules that are adopted already are left alone. All of them or none.

    :raises NotAllowed: unless the actor is counsel. :raises OwnRule: for a rule the actor had a hand in.
    :raises RuleUnknown: for a path the version does not have. :raises BadInput: without a source.
    """
    policies.require(actor, Permission.ADOPT_LAW, _REFUSAL)
    if not source.strip():
        raise BadInput("Say what the rule was compared with: the official code, and its date.")
    Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)  # two at once must not adopt a rule twice
    known, own = standing.standings(agency, pack), standing.written_by(pack.code, actor.pk)
    made = []
    for found in _named(pack, paths):
        if (found.path, found.digest) in own:
            raise OwnRule(f"You had a hand in {found.path} yourself; somebody else has to adopt it.")
        if not known[found.path].is_adopted:
            made.append(_say(agency, pack, found, actor, at, is_adopted=True, source=source, note=note))
    return made


@transaction.atomic
def take_back(
    *, agency: Agency, pack: LawPack, path: str, actor: User, at: datetime, note: str
) -> RuleAdoption:
    """This will record that an adoption no longer stands; the rule is a draft again.

    :raises NotAllowed: unless the actor is counsel. :raises BadInput: when it is a draft, or without a note.
    """
    policies.require(actor, Permission.ADOPT_LAW, _REFUSAL)
    if not note.strip():
        raise BadInput("Say why the adoption is taken back.")
    Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    [found] = _named(pack, [path])
    if not standing.standings(agency, pack)[path].is_adopted:
        raise BadInput(f"{path} is a draft; there is nothing to take back.")
    return _say(agency, pack, found, actor, at, is_adopted=False, source="", note=note)


def _named(pack: LawPack, paths: Sequence[str]) -> list[Rule]:
    known = {each.path: each for each in standing.rules_of(pack) if each.adoptable}
    for path in paths:
        if path not in known:
            raise RuleUnknown(f"{pack} has no rule {path}.")
    if not paths:
        raise BadInput("Choose at least one rule.")
    return [known[path] for path in dict.fromkeys(paths)]


def _say(
    agency: Agency,
    pack: LawPack,
    found: Rule,
    actor: User,
    at: datetime,
    *,
    is_adopted: bool,
    source: str,
    note: str,
) -> RuleAdoption:
    row = RuleAdoption.objects.create(
        agency=agency, pack=pack, path=found.path, digest=found.digest, is_adopted=is_adopted,
        decided_by=actor, decided_at=at, source=source.strip()[:300], note=note.strip()[:500],
    )  # fmt: skip
    audit.record(
        action="law.rule_adopted" if is_adopted else "law.rule_adoption_taken_back",
        actor=actor,
        subject=row,
        detail={"pack": str(pack), "path": found.path, "digest": found.digest},
    )
    return row
