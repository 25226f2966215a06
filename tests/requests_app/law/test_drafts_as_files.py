"""Drafts that come from a file, and who may write them."""

import json
from datetime import date
from typing import Any

import pytest

from portal.accounts.rules import Role
from portal.core.errors import BadInput, NotAllowed
from requests_app.law import drafting, rule
from requests_app.law.models import PackDraft, RuleAuthor
from requests_app.law.schema import PackError
from tests.builders import NOON, a_pack, a_user, an_agency
from tests.requests_app.law.test_drafting import (
    FACTS,
    HOLIDAY,
    a_draft,
    add_holiday,
    an_admin,
    published,
    seen,
)

pytestmark = pytest.mark.django_db


def test_exported_version_is_imported_as_the_same_law() -> None:
    made = published(a_draft())

    draft = drafting.start_import(content=drafting.export(made), name="tx.json", actor=an_admin(), at=NOON)

    assert draft.data == {**made.data, "version": f"{a_pack().version}+2"}
    assert draft.base == made
    assert not RuleAuthor.objects.exists()


def test_imported_rules_that_no_version_has_are_the_importers_own() -> None:
    data = {**a_pack().data}
    data["calendar"] = {**data["calendar"], "holidays": [*data["calendar"]["holidays"], HOLIDAY]}
    tom = an_admin()

    drafting.start_import(content=json.dumps(data).encode(), name="tx.json", actor=tom, at=NOON)

    assert RuleAuthor.objects.get().path == "calendar/holidays/founders"
    assert RuleAuthor.objects.get().author == tom


def test_law_the_portal_does_not_know_is_imported_under_its_own_version() -> None:
    data = {**a_pack().data, "id": "ZZ"}

    draft = drafting.start_import(
        content=json.dumps(data).encode(), name="zz.json", actor=an_admin(), at=NOON
    )

    assert (draft.code, draft.base, draft.data["version"]) == ("ZZ", None, "2026.11")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "bad.json: the file: cannot be read as JSON"),
        (b"\xff\xfe", "bad.json: the file: cannot be read as JSON"),
        (b"[]", "holds no law pack"),
        (b'{"id": NaN}', "NaN is not a number"),
        (b"[" * 100_000, "cannot be read as JSON"),
        (b'{"id": "TX"}', "bad.json: name: is missing"),
    ],
)
def test_file_that_is_no_pack_is_refused_by_name_and_place(content: bytes, words: str) -> None:
    with pytest.raises(PackError, match=words):
        drafting.start_import(content=content, name="bad.json", actor=an_admin(), at=NOON)
    assert not PackDraft.objects.exists()


def test_file_whose_conditions_never_end_is_refused() -> None:
    data = json.loads(json.dumps(a_pack().data))
    data["clocks"][0]["applies_if"] = "HERE"
    content = json.dumps(data).replace('"HERE"', '{"any": [' * 400 + "{}" + "]}" * 400)

    with pytest.raises(PackError, match="too deep"):
        drafting.start_import(content=content.encode(), name="deep.json", actor=an_admin(), at=NOON)


def test_file_of_absurd_size_is_not_read() -> None:
    with pytest.raises(BadInput, match="larger than 2 MB"):
        drafting.start_import(content=b" " * 2_000_001, name="bad.json", actor=an_admin(), at=NOON)


def test_hands_of_everybody_stay_on_a_rule() -> None:
    draft, ida, tom = a_draft(), an_admin(), an_admin()
    path = add_holiday(draft, actor=ida)

    drafting.save_rule(
        draft=draft, section_id="calendar/holidays", value={**HOLIDAY, "name": "Tom's Day"}, path=path,
        seen=seen(draft, path), actor=tom, at=NOON,
    )  # fmt: skip

    draft.refresh_from_db()
    hands = RuleAuthor.objects.filter(path=path, digest=rule.find(draft.data, path).digest)
    assert {hand.author for hand in hands} == {ida, tom}


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
def test_only_administrators_write(role: Role) -> None:
    an_agency()
    draft, other = a_draft(), a_user(role)
    words: dict[str, Any] = {"actor": other, "at": NOON}

    for act in (
        lambda: drafting.start_version(base=a_pack(), **words),
        lambda: drafting.start_law(facts=FACTS, base=None, **words),
        lambda: drafting.start_import(content=drafting.export(a_pack("CA")), name="ca.json", **words),
        lambda: add_holiday(draft, actor=other),
        lambda: drafting.save_facts(draft=draft, facts={}, seen=1, **words),
        lambda: drafting.remove_rule(draft=draft, path="clocks/ag_request", seen="", **words),
        lambda: drafting.publish(draft=draft, seen=1, effective_from=date(2027, 1, 1), note="x", **words),
        lambda: drafting.discard(draft=draft, seen=1, actor=other),
    ):
        with pytest.raises(NotAllowed):
            act()
