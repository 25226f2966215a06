"""Writing a version: valid whole after every save, nothing lost when two write, published for good."""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core.errors import BadInput, StaleWrite
from requests_app.law import drafting, pack, rule
from requests_app.law.drafting import ChangedMeanwhile, DraftExists
from requests_app.law.models import LawPack, PackDraft, RuleAuthor
from requests_app.law.schema import PackError
from tests.builders import NOON, a_pack, a_user

pytestmark = pytest.mark.django_db
HOLIDAY = {
    "id": "founders", "name": "Founders' Day", "on": {"kind": "fixed", "month": 3, "day": 9}, "verified": "M",
}  # fmt: skip
FACTS = {
    "id": "LARK", "name": "Larkspur Ordinance", "short_name": "Larkspur", "timezone": "America/Chicago",
    "effective_from": "2026-01-01",
}  # fmt: skip


def an_admin() -> User:
    return a_user(Role.ADMIN)


def a_draft(author: User | None = None, base: LawPack | None = None) -> PackDraft:
    return drafting.start_version(base=base or a_pack(), actor=author or an_admin(), at=NOON)


def seen(draft: PackDraft, path: str) -> str:
    return rule.find(PackDraft.objects.get(pk=draft.pk).data, path).fingerprint


def add_holiday(draft: PackDraft, actor: User | None = None, **changes: Any) -> str:
    return drafting.save_rule(
        draft=draft,
        section_id="calendar/holidays",
        value={**HOLIDAY, **changes},
        actor=actor or an_admin(),
        at=NOON,
    )


def published(draft: PackDraft, **changes: Any) -> LawPack:
    draft.refresh_from_db()
    facts: dict[str, Any] = {"seen": draft.revision, "effective_from": date(2026, 12, 1), "note": "Why"}
    return drafting.publish(draft=draft, actor=an_admin(), at=NOON, **{**facts, **changes})


def test_draft_begins_as_a_copy_under_the_next_version() -> None:
    base = a_pack()

    draft = a_draft()

    assert draft.data == {**base.data, "version": f"{base.version}+1"}
    assert (draft.code, draft.base, draft.revision) == ("TX", base, 1)


def test_second_draft_of_a_law_is_refused_by_name() -> None:
    author = a_user(Role.ADMIN, name="Ida Holm")
    a_draft(author)

    with pytest.raises(DraftExists, match="Ida Holm is writing"):
        a_draft()
    assert PackDraft.objects.count() == 1


def test_new_law_begins_blank_and_is_valid() -> None:
    draft = drafting.start_law(facts=FACTS, base=None, actor=an_admin(), at=NOON)

    parsed = pack.parse(draft.data)
    assert (parsed.id, parsed.version, dict(parsed.clocks)) == ("LARK", "2026.11", {})
    assert "agency's counsel" in parsed.disclaimer


def test_new_law_may_begin_with_the_rules_of_another() -> None:
    draft = drafting.start_law(facts=FACTS, base=a_pack("CA"), actor=an_admin(), at=NOON)

    assert draft.data["clocks"] == a_pack("CA").data["clocks"]
    assert draft.data["name"] == "Larkspur Ordinance"


def test_law_that_is_there_is_not_begun_again() -> None:
    a_pack("CA")

    with pytest.raises(BadInput, match="start its next version"):
        drafting.start_law(facts={**FACTS, "id": "CA"}, base=None, actor=an_admin(), at=NOON)


def test_rule_is_added_changed_and_removed() -> None:
    draft = a_draft()

    path = add_holiday(draft)
    drafting.save_rule(
        draft=draft, section_id="calendar/holidays", value={**HOLIDAY, "name": "Founders Day"}, path=path,
        seen=seen(draft, path), actor=an_admin(), at=NOON,
    )  # fmt: skip
    draft.refresh_from_db()
    assert rule.find(draft.data, path).data["name"] == "Founders Day"
    drafting.remove_rule(draft=draft, path=path, seen=seen(draft, path), actor=an_admin(), at=NOON)

    draft.refresh_from_db()
    assert draft.revision == 4
    assert draft.data == {**a_pack().data, "version": draft.data["version"]}
    assert Entry.objects.filter(action="law.draft_saved").count() == 3


@pytest.mark.parametrize(
    ("section", "value", "words"),
    [
        (
            "calendar/holidays",
            {**HOLIDAY, "on": {"kind": "fixed", "month": 2, "day": 30}},
            "no day 30 in month 2",
        ),
        (
            "calendar/holidays",
            {**HOLIDAY, "on": {"kind": "easter"}},
            "holidays/founders/on/offset: is missing",
        ),
        ("calendar/holidays", {"id": "x"}, "holidays/x/name: is missing"),
        ("clocks", {"name": "odd", "n": "ten"}, "clocks/odd/n"),
        (
            "fees/bars",
            {"id": "b", "why": "w", "rows": ["none"], "citation": None, "verified": "M"},
            "no row none",
        ),
    ],
)
def test_rule_that_does_not_fit_is_named_and_nothing_is_kept(
    section: str, value: dict[str, Any], words: str
) -> None:
    draft = a_draft()

    with pytest.raises(PackError, match=words):
        drafting.save_rule(draft=draft, section_id=section, value=value, actor=an_admin(), at=NOON)

    draft.refresh_from_db()
    assert draft.revision == 1
    assert not RuleAuthor.objects.exists()


def test_rule_others_refer_to_cannot_be_removed() -> None:
    draft = a_draft()

    with pytest.raises(PackError, match="there is no exemption TX-108"):
        drafting.remove_rule(
            draft=draft,
            path="exemptions/TX-108",
            seen=seen(draft, "exemptions/TX-108"),
            actor=an_admin(),
            at=NOON,
        )


def test_rule_keeps_its_name() -> None:
    draft = a_draft()
    path = add_holiday(draft)

    with pytest.raises(BadInput, match="keeps its name"):
        drafting.save_rule(
            draft=draft, section_id="calendar/holidays", value={**HOLIDAY, "id": "other"}, path=path,
            seen=seen(draft, path), actor=an_admin(), at=NOON,
        )  # fmt: skip


def test_rule_somebody_else_saved_meanwhile_is_not_overwritten() -> None:
    draft = a_draft()
    path = add_holiday(draft)
    both_saw = seen(draft, path)
    ida = a_user(Role.ADMIN, name="Ida Holm")

    def save(name: str, actor: User) -> None:
        drafting.save_rule(
            draft=draft, section_id="calendar/holidays", value={**HOLIDAY, "name": name}, path=path,
            seen=both_saw, actor=actor, at=NOON,
        )  # fmt: skip

    save("Ida's Day", ida)
    with pytest.raises(ChangedMeanwhile, match="Ida Holm saved this meanwhile"):
        save("Tom's Day", an_admin())
    with pytest.raises(ChangedMeanwhile):
        drafting.remove_rule(draft=draft, path=path, seen=both_saw, actor=an_admin(), at=NOON)

    draft.refresh_from_db()
    assert rule.find(draft.data, path).data["name"] == "Ida's Day"


def test_other_rules_may_be_written_at_the_same_time() -> None:
    draft = a_draft()
    stale = PackDraft.objects.get(pk=draft.pk)

    add_holiday(draft)
    add_holiday(stale, id="second", name="Second Day")

    draft.refresh_from_db()
    assert [row["id"] for row in draft.data["calendar"]["holidays"]][-2:] == ["founders", "second"]


def test_facts_are_changed_and_the_rules_stay() -> None:
    draft = a_draft()
    facts = {
        name: draft.data[name] for name in ("name", "short_name", "timezone", "disclaimer", "effective_from")
    }

    drafting.save_facts(
        draft=draft,
        facts={**facts, "name": "PIA", "id": "XX", "version": "9"},
        seen=1,
        actor=an_admin(),
        at=NOON,
    )
    with pytest.raises(ChangedMeanwhile):
        drafting.save_facts(draft=draft, facts=facts, seen=1, actor=an_admin(), at=NOON)

    draft.refresh_from_db()
    assert (draft.data["name"], draft.data["id"], draft.data["version"]) == (
        "PIA",
        "TX",
        f"{a_pack().version}+1",
    )
    assert draft.data["clocks"] == a_pack().data["clocks"]


def test_published_version_is_whole_dated_and_never_changes() -> None:
    author = an_admin()
    draft = a_draft(author)
    add_holiday(draft)

    made = published(draft, note=" Resolution 7. ")

    assert str(made) == f"TX {a_pack().version}+1"
    assert (made.base, made.note, made.effective_from) == (a_pack(), "Resolution 7.", date(2026, 12, 1))
    assert made.sha256 == rule.digest(made.data)
    assert pack.parse(made.data).effective_from == date(2026, 12, 1)
    assert not PackDraft.objects.exists()
    changes: list[dict[str, Any]] = [{"data": {}}, {"note": "x"}, {"effective_from": date(2020, 1, 1)}]
    for change in changes:
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            LawPack.objects.filter(pk=made.pk).update(**change)
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        LawPack.objects.filter(pk=made.pk).delete()


def test_versions_count_on_from_the_last_of_the_same_base() -> None:
    first = published(a_draft())
    second = published(a_draft(base=first))
    third = published(a_draft(base=a_pack()))

    root = a_pack().version
    assert [each.version for each in (first, second, third)] == [f"{root}+1", f"{root}+2", f"{root}+3"]


def test_draft_that_changed_since_it_was_seen_is_not_published() -> None:
    draft = a_draft()
    add_holiday(draft)

    with pytest.raises(ChangedMeanwhile):
        published(draft, seen=1)
    assert PackDraft.objects.exists()


@pytest.mark.parametrize("note", ["", "  "])
def test_version_says_what_is_new(note: str) -> None:
    with pytest.raises(BadInput, match="Say what is new"):
        published(a_draft(), note=note)


def test_version_published_a_moment_ago_is_not_published_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = a_draft()
    monkeypatch.setattr(drafting, "next_version", lambda *_: a_pack().version)

    with pytest.raises(StaleWrite, match="published a moment ago"):
        published(draft)
    assert PackDraft.objects.exists()


def test_discarded_draft_is_gone_and_remembered() -> None:
    draft = a_draft()

    drafting.discard(draft=draft, seen=1, actor=an_admin())

    assert not PackDraft.objects.exists()
    assert Entry.objects.get(action="law.draft_discarded").detail["law"] == "TX"
    with pytest.raises(ChangedMeanwhile, match="published or discarded"):
        add_holiday(draft)


def test_draft_that_was_saved_meanwhile_is_not_thrown_away() -> None:
    draft = a_draft()
    add_holiday(draft)

    with pytest.raises(ChangedMeanwhile, match="saved this meanwhile"):
        drafting.discard(draft=draft, seen=1, actor=an_admin())

    assert PackDraft.objects.get().revision == 2
    drafting.discard(draft=PackDraft.objects.get(), seen=2, actor=an_admin())
    assert not PackDraft.objects.exists()
