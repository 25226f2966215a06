import pytest
from django.db import DatabaseError, transaction

from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core.errors import BadInput, NotAllowed
from redaction.plans import pins
from redaction.plans import services as plans
from redaction.plans.models import Pin, Render, Review, SendBack
from redaction.plans.pins import PinGone, Wanted
from tests.builders import NOON, a_user
from tests.redaction.plans.plan_builders import a_render, an_approver
from tests.requests_app.custody.record_builders import an_analyst

pytestmark = pytest.mark.django_db


def sent_back(render: Render, *wanted: Wanted, comment: str = "") -> SendBack:
    return plans.send_back(review=render.review, by=an_approver(), comment=comment, at=NOON, pins=wanted)


def test_a_record_goes_back_with_comments_on_its_marks() -> None:
    render = a_render()

    sent = sent_back(render, Wanted("c1", " Drop the column "), Wanted("c3", "To the day"))

    assert [(pin.mark_id, pin.text) for pin in sent.pins.all()] == [
        ("c1", "Drop the column"), ("c3", "To the day"),
    ]  # fmt: skip
    assert sent.comment == "See the marks: there is a comment on each to be changed."
    assert Review.objects.get().status == "marked"


def test_words_and_pins_go_together() -> None:
    sent = sent_back(a_render(), Wanted("c1", "Drop it"), comment="Nearly there.")

    assert sent.comment == "Nearly there."
    assert sent.pins.count() == 1


def test_neither_words_nor_pins_is_refused() -> None:
    with pytest.raises(BadInput, match="Say what is to be changed"):
        sent_back(a_render())


@pytest.mark.parametrize(
    ("wanted", "fault"),
    [
        ([Wanted("nothing", "x")], "no mark nothing"),
        ([Wanted("c1", "  ")], "needs 1 to 1000"),
        ([Wanted("c1", "x" * 1001)], "needs 1 to 1000"),
        ([Wanted("c1", "x")] * 201, "At most 200"),
    ],
)
def test_a_pin_that_cannot_be_stops_the_whole_step(wanted: list[Wanted], fault: str) -> None:
    render = a_render()

    with pytest.raises(BadInput, match=fault):
        sent_back(render, *wanted)

    assert not SendBack.objects.exists()
    assert Review.objects.get().status == "verified"


def test_the_marker_answers_each_once() -> None:
    render = a_render()
    sent_back(render, Wanted("c1", "Drop it"), Wanted("c2", "And this"))
    first, second = pins.open_ones(render.review)
    analyst = an_analyst(name="Ana Analyst")

    pins.resolve(pin=first, actor=analyst, at=NOON, answer=" Dropped ")
    with pytest.raises(PinGone):
        pins.resolve(pin=first, actor=analyst, at=NOON)

    assert list(pins.open_ones(render.review)) == [second]
    shown = pins.shown(pins.of_review(render.review)[0])
    assert (shown["mark"], shown["answer"], shown["resolved_by"]) == ("c1", "Dropped", "Ana Analyst")
    assert (shown["version"], shown["resolved_at"]) == (1, NOON.isoformat())
    assert Entry.objects.filter(action="review.pin_resolved").count() == 1


def test_who_may_not_mark_answers_nothing() -> None:
    render = a_render()
    sent_back(render, Wanted("c1", "Drop it"))

    with pytest.raises(NotAllowed):
        pins.resolve(pin=Pin.objects.get(), actor=a_user(Role.CLERK), at=NOON)

    assert Pin.objects.get().resolved_at is None


def test_the_database_keeps_pins_as_they_are() -> None:
    sent_back(a_render(), Wanted("c1", "Drop it"))

    for change in (
        lambda: Pin.objects.all().delete(),
        lambda: Pin.objects.update(text="Keep it"),
        lambda: Pin.objects.update(resolved_at=NOON),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()

    assert Pin.objects.get().text == "Drop it"
