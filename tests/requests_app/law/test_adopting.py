"""Counsel's word, rule by rule: it holds as long as the rule says the same, and nobody adopts their own."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core.errors import BadInput, NotAllowed
from requests_app.law import adopting, catalogue, drafting, pack, rule, selectors, services, standing
from requests_app.law.adopting import OwnRule
from requests_app.law.models import Agency, Exemption, LawPack, PackAdoption, RuleAdoption
from requests_app.law.rule import RuleUnknown
from requests_app.law.services import DraftsUndecided
from tests.builders import NOON, a_pack, a_user, an_agency

pytestmark = pytest.mark.django_db
PATH = "clocks/ag_request"


def counsel(**fields: Any) -> User:
    return a_user(Role.COUNSEL, **fields)


def adopt(pack: LawPack, *paths: str, actor: User | None = None) -> list[RuleAdoption]:
    return adopting.adopt(
        agency=an_agency(), pack=pack, paths=paths or [PATH], at=NOON,
        actor=actor or counsel(name="Ivo Brandt"), source="the code, read today", note="as it stands",
    )  # fmt: skip


def another_version(path: str = PATH, author: User | None = None, **changes: Any) -> LawPack:
    """The next version, with one rule changed in the portal."""
    admin = author or a_user(Role.ADMIN)
    draft = drafting.start_version(base=a_pack(), actor=admin, at=NOON)
    if changes:
        found = rule.find(draft.data, path)
        drafting.save_rule(
            draft=draft, section_id=found.section.id, value={**found.data, **changes}, path=path,
            seen=found.fingerprint, actor=admin, at=NOON,
        )  # fmt: skip
        draft.refresh_from_db()
    return drafting.publish(
        draft=draft, seen=draft.revision, effective_from=date(2026, 11, 1), note="new", actor=admin, at=NOON
    )


def use(version: LawPack, **more: Any) -> PackAdoption:
    facts: dict[str, Any] = {"actor": a_user(Role.ADMIN), "at": NOON, "reason": "decided", "as_drafts": True}
    return services.use_pack(agency=an_agency(), pack=version, **{**facts, **more})


def test_rule_is_a_draft_until_counsel_adopts_it() -> None:
    agency, version = an_agency(), a_pack()
    before = selectors.rule_standing(agency, version, PATH)

    [row] = adopt(version)
    after = selectors.rule_standing(agency, selectors.parsed(version), PATH)

    assert not before.is_adopted
    assert before.decision is not None
    assert (after.adopted_by, after.adopted_on, after.verified) == ("Ivo Brandt", date(2026, 11, 2), "V")
    assert (after.source, after.note) == ("the code, read today", "as it stands")
    assert row.digest == rule.find(version.data, PATH).digest
    assert Entry.objects.get(action="law.rule_adopted").detail["path"] == PATH


def test_adoption_holds_in_later_versions_that_say_the_same() -> None:
    adopt(a_pack())

    assert selectors.rule_standing(an_agency(), another_version(verified="P"), PATH).is_adopted


def test_adoption_falls_away_when_the_rule_says_something_else() -> None:
    [row] = adopt(a_pack())
    found = selectors.rule_standing(an_agency(), another_version(n=11), PATH)

    assert not found.is_adopted
    assert found.earlier == row
    assert selectors.rule_standing(an_agency(), a_pack(), PATH).is_adopted


def test_adoption_is_taken_back_by_a_new_row() -> None:
    version = a_pack()
    adopt(version)

    adopting.take_back(agency=an_agency(), pack=version, path=PATH, actor=counsel(), at=NOON, note="amended")

    assert not selectors.rule_standing(an_agency(), version, PATH).is_adopted
    assert RuleAdoption.objects.count() == 2
    adopt(version)
    assert selectors.rule_standing(an_agency(), version, PATH).is_adopted


def test_draft_has_no_adoption_to_take_back() -> None:
    with pytest.raises(BadInput, match="is a draft"):
        adopting.take_back(agency=an_agency(), pack=a_pack(), path=PATH, actor=counsel(), at=NOON, note="x")


def test_taking_back_needs_a_reason() -> None:
    adopt(a_pack())

    with pytest.raises(BadInput, match="Say why"):
        adopting.take_back(agency=an_agency(), pack=a_pack(), path=PATH, actor=counsel(), at=NOON, note=" ")


def test_section_is_adopted_at_once_and_what_is_adopted_stays_as_it_is() -> None:
    version = a_pack()
    adopt(version)
    clocks = [each.path for each in rule.rules(version.data) if each.section.id == "clocks"]

    made = adopt(version, *clocks, clocks[0])

    assert {row.path for row in made} == set(clocks) - {PATH}
    assert len(standing.drafts(an_agency(), version)) == len(standing.standings(an_agency(), version)) - len(
        clocks
    )


def test_postgres_refuses_the_adoption_of_ones_own_rule_and_lets_it_be_taken_back() -> None:
    writer = a_user(Role.ADMIN, Role.COUNSEL)
    version = another_version(author=writer, n=11)
    digest = rule.find(version.data, PATH).digest
    row = {
        "agency": an_agency(), "pack": version, "path": PATH, "digest": digest, "decided_at": NOON,
        "source": "the code",
    }  # fmt: skip

    with pytest.raises(DatabaseError, match="had no hand in it"), transaction.atomic():
        RuleAdoption.objects.create(decided_by=writer, **row)
    with pytest.raises(DatabaseError, match="had no hand in it"), transaction.atomic():
        RuleAdoption.objects.bulk_create([RuleAdoption(decided_by=writer, **row)])

    RuleAdoption.objects.create(decided_by=counsel(), **row)
    RuleAdoption.objects.create(decided_by=writer, is_adopted=False, **row)
    assert not selectors.rule_standing(an_agency(), version, PATH).is_adopted


def test_nobody_adopts_what_they_wrote_or_what_became_of_it() -> None:
    writer = a_user(Role.ADMIN, Role.COUNSEL)
    version = another_version(author=writer, n=11)

    with pytest.raises(OwnRule, match="had a hand"):
        adopt(version, "clocks/ag_brief", PATH, actor=writer)
    assert not RuleAdoption.objects.exists()
    assert adopt(version, "clocks/ag_brief", actor=writer)
    assert adopt(version, PATH)


@pytest.mark.parametrize(("paths", "error"), [(["clocks/none"], RuleUnknown), ([], BadInput)])
def test_rule_must_be_named_and_there(paths: list[str], error: type[Exception]) -> None:
    with pytest.raises(error):
        adopting.adopt(
            agency=an_agency(), pack=a_pack(), paths=paths, actor=counsel(), at=NOON, source="the code"
        )


def test_source_must_be_named() -> None:
    with pytest.raises(BadInput, match="compared with"):
        adopting.adopt(agency=an_agency(), pack=a_pack(), paths=[PATH], actor=counsel(), at=NOON, source=" ")


def test_standing_of_a_rule_that_is_not_there_is_refused() -> None:
    with pytest.raises(RuleUnknown, match="no rule clocks/none"):
        selectors.rule_standing(an_agency(), a_pack(), "clocks/none")


@pytest.mark.parametrize("role", [role for role in Role if role != Role.COUNSEL])
def test_only_counsel_adopts(role: Role) -> None:
    other = a_user(role)

    with pytest.raises(NotAllowed):
        adopt(a_pack(), actor=other)
    with pytest.raises(NotAllowed):
        adopting.take_back(agency=an_agency(), pack=a_pack(), path=PATH, actor=other, at=NOON, note="x")


def test_words_of_counsel_and_decisions_are_only_added() -> None:
    an_agency()
    [row] = adopt(a_pack())

    for found in (RuleAdoption.objects.filter(pk=row.pk), PackAdoption.objects.all()):
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            found.update(decided_at=NOON + timedelta(days=1))
        with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
            found.delete()


def test_version_with_drafts_is_used_only_by_a_decision_that_names_them() -> None:
    version = a_pack()
    agency = an_agency()
    adopt(version)

    with pytest.raises(DraftsUndecided, match="Counsel has not adopted"):
        use(version, as_drafts=False)
    row = use(version)

    assert row.drafts == [[each.path, each.digest] for each in standing.drafts(agency, version)]
    assert PATH not in [path for path, _ in row.drafts]


def test_version_adopted_whole_needs_no_such_decision() -> None:
    version = a_pack("ANY")
    adopt(version, *[each.path for each in rule.rules(version.data) if each.adoptable])

    row = use(version, as_drafts=False, other_law=True)

    assert row.drafts == []


def test_version_of_another_law_is_used_only_when_that_is_meant() -> None:
    agency, other = an_agency(), a_pack("CA")

    with pytest.raises(BadInput, match="answers under TX"):
        use(other)
    use(other, other_law=True)

    assert Agency.objects.get(pk=agency.pk).law == "CA"
    assert selectors.pack_in_use(Agency.objects.get(pk=agency.pk)) == other
    assert Entry.objects.get(action="law.changed_for_agency").detail == {"from": "TX", "to": "CA"}


def test_decision_needs_a_reason_and_an_administrator() -> None:
    with pytest.raises(BadInput, match="Say why"):
        use(a_pack(), reason=" ")
    with pytest.raises(NotAllowed):
        use(a_pack(), actor=counsel())


def test_version_decided_in_advance_takes_over_on_its_first_day() -> None:
    agency, old = an_agency(), a_pack()
    admin = a_user(Role.ADMIN)
    draft = drafting.start_version(base=old, actor=admin, at=NOON)
    new = drafting.publish(
        draft=draft, seen=1, effective_from=date(2027, 1, 1), note="new year", actor=admin, at=NOON
    )

    use(new)

    assert selectors.pack_in_use(agency, date(2026, 12, 31)) == old
    assert selectors.pack_in_use(agency, date(2027, 1, 1)) == new


def test_version_that_has_ended_is_not_used() -> None:
    old = a_pack()
    ended = LawPack.objects.create(
        code="TX", version="2020.1", name="Old", effective_from=date(2020, 1, 1),
        effective_to=date(2020, 12, 31), data={**old.data, "version": "2020.1"}, sha256="1" * 64,
    )  # fmt: skip

    with pytest.raises(BadInput, match="ended on 2020-12-31"):
        use(ended)


def with_exemption(**changes: Any) -> LawPack:
    return another_version("exemptions/TX-108", **changes)


def rows_of(code: str) -> list[Exemption]:
    return list(Exemption.objects.filter(law="TX", code=code).order_by("valid_from"))


def test_changed_ground_takes_over_from_the_day_it_is_used() -> None:
    an_agency()
    [old] = rows_of("TX-108")
    words = old.explanation

    use(with_exemption(explanation="The new words."), at=NOON + timedelta(days=10))

    before, after = rows_of("TX-108")
    assert (before.pk, before.explanation, before.valid_to) == (old.pk, words, date(2026, 11, 11))
    assert (after.explanation, after.valid_from, after.valid_to) == (
        "The new words.",
        date(2026, 11, 12),
        None,
    )


def test_ground_that_says_the_same_keeps_its_row() -> None:
    an_agency()
    before = list(Exemption.objects.order_by("pk").values())

    use(another_version(n=11))

    assert list(Exemption.objects.order_by("pk").values()) == before


def test_version_that_is_only_published_changes_no_ground() -> None:
    an_agency()
    before = list(Exemption.objects.order_by("pk").values())

    with_exemption(explanation="The new words.")

    assert list(Exemption.objects.order_by("pk").values()) == before


def test_text_the_agency_wrote_stays_whatever_the_version_says() -> None:
    agency = an_agency()
    catalogue.add_exemption(
        law="TX", code="TX-108", citation="c", label="l", explanation="Our own words.",
        valid_from=date(2026, 11, 5), actor=a_user(Role.ADMIN),
    )  # fmt: skip

    kept = catalogue.take_over(
        pack=pack.parse(with_exemption(explanation="The new words.").data), on=date(2026, 11, 20)
    )

    assert kept == ["TX-108"]
    assert rows_of("TX-108")[-1].explanation == "Our own words."
    assert agency.adoptions.count() == 1


def test_ground_that_is_no_longer_in_the_law_ends() -> None:
    an_agency()
    admin = a_user(Role.ADMIN)
    draft = drafting.start_version(base=a_pack(), actor=admin, at=NOON)
    for reason in [each for each in rule.rules(draft.data) if "DPPA" in each.data.get("exemptions", ())]:
        value = {**reason.data, "exemptions": [code for code in reason.data["exemptions"] if code != "DPPA"]}
        drafting.save_rule(
            draft=draft, section_id=reason.section.id, value=value, path=reason.path, seen=reason.fingerprint,
            actor=admin, at=NOON,
        )  # fmt: skip
    found = rule.find(draft.data, "exemptions/DPPA")
    drafting.remove_rule(draft=draft, path=found.path, seen=found.fingerprint, actor=admin, at=NOON)
    draft.refresh_from_db()
    version = drafting.publish(
        draft=draft, seen=draft.revision, effective_from=date(2026, 11, 1), note="n", actor=admin, at=NOON
    )

    use(version, at=datetime(2026, 12, 1, 18, tzinfo=UTC))

    assert [row.valid_to for row in rows_of("DPPA")] == [date(2026, 11, 30)]


def test_ground_that_gets_a_last_day_ends_then() -> None:
    an_agency()

    use(with_exemption(effective_to="2027-06-30"))

    assert [row.valid_to for row in rows_of("TX-108")] == [date(2027, 6, 30)]


def test_two_texts_of_one_day_follow_one_another() -> None:
    an_agency()
    use(with_exemption(explanation="The second words."))

    use(with_exemption(explanation="The third words."))

    first, second, third = rows_of("TX-108")
    assert first.valid_to == date(2026, 11, 1)
    assert (second.valid_from, second.valid_to) == (date(2026, 11, 2), date(2026, 11, 2))
    assert (third.valid_from, third.valid_to) == (date(2026, 11, 3), None)


def test_words_of_a_ground_never_change() -> None:
    an_agency()
    [row] = rows_of("TX-108")

    for change in (
        {"explanation": "x"},
        {"letter_text": "x"},
        {"citation": "x"},
        {"valid_from": date(2020, 1, 1)},
    ):
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            Exemption.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        Exemption.objects.filter(pk=row.pk).delete()
