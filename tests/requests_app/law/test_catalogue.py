"""The agency's own facts, and exemptions that take over from one another without a word being changed."""

from datetime import date, time, timedelta
from typing import Any

import pytest

from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core.errors import BadInput, NotAllowed
from requests_app.law import catalogue
from requests_app.law.models import Exemption
from requests_app.law.selectors import exemptions
from tests.builders import a_user, an_agency

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


def add(**changes: Any) -> Exemption:
    facts = {
        "law": "TX",
        "code": "new-ground",
        "citation": "Gov't Code 552.999",
        "label": "A new ground",
        "explanation": "What it protects, in plain words.",
        "valid_from": TODAY,
        "actor": changes.pop("actor", None) or a_user(Role.ADMIN),
    }
    return catalogue.add_exemption(**{**facts, **changes})


def test_new_ground_is_in_force_from_its_day_on() -> None:
    row = add()

    assert row in exemptions("TX", TODAY)
    assert row not in exemptions("TX", TODAY - timedelta(days=1))
    assert Entry.objects.get(action="law.exemption_added").detail["code"] == "new-ground"


def test_new_text_takes_over_and_the_old_one_stays_readable() -> None:
    old = add(explanation="The old words.")
    new = add(explanation="The new words.", valid_from=TODAY + timedelta(days=30))

    old.refresh_from_db()
    assert old.valid_to == TODAY + timedelta(days=29)
    assert old.explanation == "The old words."
    assert [row.pk for row in exemptions("TX", TODAY).filter(code="new-ground")] == [old.pk]
    assert [row.pk for row in exemptions("TX", new.valid_from).filter(code="new-ground")] == [new.pk]


@pytest.mark.parametrize("days", [0, -1])
def test_text_cannot_begin_before_or_with_the_one_it_follows(days: int) -> None:
    add()

    with pytest.raises(BadInput, match="begin the new text after it"):
        add(valid_from=TODAY + timedelta(days=days))


def test_text_cannot_begin_inside_one_that_ends_later() -> None:
    row, admin = add(), a_user(Role.ADMIN)
    catalogue.end_exemption(exemption=row, last_day=TODAY + timedelta(days=9), today=TODAY, actor=admin)

    with pytest.raises(BadInput, match="to 2026-12-01"):
        add(valid_from=TODAY + timedelta(days=9))
    assert add(valid_from=TODAY + timedelta(days=10)).valid_to is None


@pytest.mark.parametrize("part", ["code", "citation", "label", "explanation"])
def test_ground_needs_all_its_words(part: str) -> None:
    with pytest.raises(BadInput, match="in plain words"):
        add(**{part: "  "})


def test_ended_ground_runs_out_after_its_last_day_and_keeps_its_text() -> None:
    row = add()

    catalogue.end_exemption(exemption=row, last_day=TODAY, today=TODAY, actor=a_user(Role.ADMIN))

    assert row in exemptions("TX", TODAY)
    assert row not in exemptions("TX", TODAY + timedelta(days=1))
    assert Entry.objects.get(action="law.exemption_ended").detail["last"] == "2026-11-22"


def test_ground_ends_once() -> None:
    row, admin = add(), a_user(Role.ADMIN)
    catalogue.end_exemption(exemption=row, last_day=TODAY, today=TODAY, actor=admin)

    with pytest.raises(BadInput, match="already"):
        catalogue.end_exemption(exemption=row, last_day=TODAY, today=TODAY, actor=admin)


@pytest.mark.parametrize("days", [-1, 4])
def test_ground_ends_neither_in_the_past_nor_before_it_begins(days: int) -> None:
    row = add(valid_from=TODAY + timedelta(days=5))

    with pytest.raises(BadInput, match="cannot be before"):
        catalogue.end_exemption(
            exemption=row, last_day=TODAY + timedelta(days=days), today=TODAY, actor=a_user(Role.ADMIN)
        )


def test_agency_changes_only_what_is_different() -> None:
    agency = an_agency()

    changed = catalogue.edit_agency(
        agency=agency,
        actor=a_user(Role.ADMIN),
        facts={"cutoff": time(17), "contact_name": agency.contact_name},
    )

    agency.refresh_from_db()
    assert changed == ["cutoff"]
    assert agency.cutoff == time(17)
    assert Entry.objects.get(action="law.agency_edited").detail == {"fields": ["cutoff"]}


def test_agency_left_alone_writes_nothing() -> None:
    agency = an_agency()

    assert catalogue.edit_agency(agency=agency, actor=a_user(Role.ADMIN), facts={"cutoff": None}) == []
    assert not Entry.objects.filter(action="law.agency_edited").exists()


@pytest.mark.parametrize("facts", [{"law": "CA"}, {"time_zone": "UTC"}])
def test_law_and_zone_of_the_agency_are_not_changed_here(facts: dict[str, str]) -> None:
    with pytest.raises(BadInput, match="cannot be changed here"):
        catalogue.edit_agency(agency=an_agency(), actor=a_user(Role.ADMIN), facts=dict(facts))


def test_agency_takes_no_address_that_is_none() -> None:
    with pytest.raises(BadInput, match="contact_email"):
        catalogue.edit_agency(
            agency=an_agency(), actor=a_user(Role.ADMIN), facts={"contact_email": "not an address"}
        )


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
def test_only_administrators_change_the_catalogue_and_the_agency(role: Role) -> None:
    agency, row, other = an_agency(), add(), a_user(role)

    with pytest.raises(NotAllowed):
        add(code="other", actor=other)
    with pytest.raises(NotAllowed):
        catalogue.end_exemption(exemption=row, last_day=TODAY, today=TODAY, actor=other)
    with pytest.raises(NotAllowed):
        catalogue.edit_agency(agency=agency, actor=other, facts={"cutoff": time(17)})
