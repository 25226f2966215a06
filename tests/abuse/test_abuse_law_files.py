"""Files and copies of laws made to slip past the checks: refused by name, or still their authors'."""

from datetime import date
from typing import Any

import pytest

from portal.accounts.models import User
from portal.accounts.rules import Role
from requests_app.law import adopting, drafting
from requests_app.law.models import LawPack, PackDraft
from requests_app.law.schema import PackError
from tests.builders import NOON, a_pack, a_user, an_agency

pytestmark = pytest.mark.django_db
HOLIDAY = {
    "id": "founders", "name": "Founders' Day", "on": {"kind": "fixed", "month": 3, "day": 9}, "verified": "M",
}  # fmt: skip
FACTS = {
    "id": "LARK", "name": "Larkspur Ordinance", "short_name": "Larkspur", "timezone": "America/Chicago",
    "effective_from": "2026-01-01",
}  # fmt: skip


def published(draft: PackDraft, actor: User) -> LawPack:
    draft.refresh_from_db()
    return drafting.publish(
        draft=draft, seen=draft.revision, effective_from=date(2026, 12, 1), note="Why", actor=actor, at=NOON
    )


def test_words_stay_their_authors_under_another_laws_name() -> None:
    both = a_user(Role.ADMIN, Role.COUNSEL)
    draft = drafting.start_version(base=a_pack(), actor=both, at=NOON)
    path = drafting.save_rule(draft=draft, section_id="calendar/holidays", value=HOLIDAY, actor=both, at=NOON)
    base = published(draft, both)

    copied = published(drafting.start_law(facts=FACTS, base=base, actor=both, at=NOON), both)

    words: dict[str, Any] = {"agency": an_agency(), "pack": copied, "at": NOON, "source": "The code"}
    with pytest.raises(adopting.OwnRule):
        adopting.adopt(paths=[path], actor=both, **words)
    assert adopting.adopt(paths=["clocks/ag_request"], actor=both, **words)
    assert adopting.adopt(paths=[path], actor=a_user(Role.COUNSEL), **words)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"timezone":', '"timezone": "Mars/Base", "timezone":', "“timezone” stands twice"),
        ('"name": "Texas', '"name": "a\\u0000Texas', "name: holds a character that cannot be stored"),
        ('"name": "Texas', '"name": "a\\ud800Texas', "name: holds a character that cannot be stored"),
        ('"id": "TX"', '"id": "TX\\n"', "id: "),
        ('"version"', '"ver\\u0000sion"', "named by a character that cannot be stored"),
        ('"keep_at_least": "P', '"keep_at_least": "P9999Y1', "ends after the year 9999"),
        ('"keep_at_least": "P', f'"keep_at_least": "P{"9" * 5000}Y1', "ends after the year 9999"),
    ],
    ids=["twice", "nul", "half-character", "line-break", "field", "no-such-year", "digits"],
)
def test_file_that_cannot_be_kept_is_refused_by_name(old: str, new: str, said: str) -> None:
    text = drafting.export(a_pack()).decode()
    assert old in text

    with pytest.raises(PackError, match=said):
        drafting.start_import(
            content=text.replace(old, new, 1).encode(), name="tx.json", actor=a_user(Role.ADMIN), at=NOON
        )

    assert not PackDraft.objects.exists()
