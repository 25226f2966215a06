from typing import Any

import pytest

from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core.errors import BadInput, NotAllowed
from redaction.plans import copying
from redaction.plans.copying import Brought
from redaction.plans.models import Review
from tests.builders import NOON, a_user
from tests.redaction.plans.plan_builders import a_plan, a_review
from tests.requests_app.custody.record_builders import a_pdf, a_record, a_recording, an_analyst

pytestmark = pytest.mark.django_db


def two_recordings(*marks: dict[str, Any], seconds: float = 2.0) -> tuple[Review, Review]:
    """A recording with marks, and a silent other angle of the same request, of so many seconds."""
    first = a_record(content=a_recording(4.0), name="a.wav", title="Front")
    other = a_record(request=first.request, content=a_recording(seconds, 220.0), name="b.wav", title="Rear")
    source, target = a_review(first), a_review(other)
    a_plan(review=source, marks={"version": 1, "marks": list(marks)})
    return source, target


def copy(source: Review, target: Review, *ids: str, **more: Any) -> Brought:
    settings: dict[str, Any] = {"as_suggestions": False, "actor": an_analyst(), **more}
    return copying.copy_marks(source=source, target=target, mark_ids=ids, at=NOON, **settings)


MUTE: dict[str, Any] = {"id": "m", "kind": "mute", "start": 0.5, "end": 1.0, "reason": "MINOR"}


def test_marks_reach_another_angle_at_the_time_it_shows_the_same() -> None:
    source, target = two_recordings(MUTE, {**MUTE, "id": "n", "start": 3.0, "end": 3.5})

    made = copy(source, target, "m", "n", shift_seconds=0.25)

    assert made.plan.marks["marks"] == [
        {"id": "mute-1", "kind": "mute", "start": 0.75, "end": 1.25, "reason": "MINOR"}
    ]
    assert made.brought == 1
    assert [name for name, _why in made.left_out] == ["n"]
    entry = Entry.objects.filter(action="review.save_marks").latest("pk")
    assert entry.detail["copied_from"] == source.record.key


def test_what_is_there_stays_and_nothing_has_the_same_id() -> None:
    source, target = two_recordings(MUTE)
    a_plan(review=target, marks={"version": 1, "marks": [{**MUTE, "id": "mute-1"}]})

    made = copy(source, target, "m")

    assert (made.plan.version, [mark["id"] for mark in made.plan.marks["marks"]]) == (2, ["mute-1", "mute-2"])


def test_copies_may_come_as_suggestions_for_somebody_to_look_at() -> None:
    suggested = {**MUTE, "id": "s", "suggested": True, "decision": "accepted"}
    source, target = two_recordings(MUTE, suggested)

    made = copy(source, target, "m", "s", as_suggestions=True)

    assert [(mark["suggested"], "decision" in mark) for mark in made.plan.marks["marks"]] == [
        (True, False), (True, False),
    ]  # fmt: skip


def test_an_open_suggestion_is_one_on_the_other_record_too_and_a_rejected_one_stays_behind() -> None:
    open_one, no = {**MUTE, "id": "o", "suggested": True}, {**MUTE, "id": "no", "decision": "rejected"}
    source, target = two_recordings(open_one, no)

    made = copy(source, target, "o", "no")

    assert [mark.get("suggested") for mark in made.plan.marks["marks"]] == [True]


@pytest.mark.parametrize(("ids", "shift"), [(["m"], 500.0), (["nothing"], 0.0), ([], 0.0)])
def test_no_version_is_made_when_nothing_fits(ids: list[str], shift: float) -> None:
    source, target = two_recordings(MUTE)

    with pytest.raises(BadInput):
        copy(source, target, *ids, shift_seconds=shift)

    assert not target.plans.exists()


def test_marks_never_leave_their_request() -> None:
    source, _target = two_recordings(MUTE)
    elsewhere = a_review(a_record(content=a_recording(), name="c.wav"))

    for target in (elsewhere, source):
        with pytest.raises(BadInput, match="another record of the same request"):
            copy(source, target, "m")


def test_a_record_without_marks_has_none_to_copy() -> None:
    _source, target = two_recordings(MUTE)

    with pytest.raises(BadInput, match="Choose the marks"):
        copy(target, _source, "m")


def test_only_who_may_redact_may_copy() -> None:
    source, target = two_recordings(MUTE)

    with pytest.raises(NotAllowed):
        copy(source, target, "m", actor=a_user(Role.CLERK))

    assert not target.plans.exists()


def test_a_mark_of_another_kind_of_file_is_left_out() -> None:
    box = {"id": "b", "kind": "box", "page": 1, "rect": [1, 1, 9, 9], "reason": "MINOR"}
    target = a_review(a_record(content=a_pdf("x"), name="x.pdf"))

    made = copying.bring(
        target=target, entries=[box, MUTE], actor=an_analyst(), at=NOON, as_suggestions=False, detail={}
    )

    assert [mark["kind"] for mark in made.plan.marks["marks"]] == ["box"]
    assert made.left_out == (("m", "kind mute does not fit a file of type pdf"),)


def test_keyframes_move_with_their_region() -> None:
    region = {"start": 1.0, "end": 2.0, "keyframes": [{"t": 1.0, "rect": [0, 0, 1, 1]}]}

    moved = copying.moved(region, -0.5)

    assert moved == {"start": 0.5, "end": 1.5, "keyframes": [{"t": 0.5, "rect": [0, 0, 1, 1]}]}
    assert region["start"] == 1.0
