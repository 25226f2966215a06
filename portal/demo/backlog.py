"""The queue behind the demonstration: eighty requests of all ages, by the same services people use."""

import random
from datetime import date, datetime, timedelta

from portal.accounts.models import User
from portal.core.time import now
from requests_app.desk import services as desk
from requests_app.docket.models import RecordsRequest
from requests_app.fees import services as fees
from requests_app.intake import services as intake
from requests_app.intake.models import FormDefinition

NUMBER = 80
SEED = 7
NAMES = (
    "Bo Larsen",
    "Chi Nguyen",
    "Dee Alvarez",
    "Eli Stone",
    "Fay Odum",
    "Gus Weber",
    "Hana Ito",
    "Ike Brown",
)
EVENTS = ("Traffic stop", "Collision", "Noise complaint", "Arrest outside the library", "Welfare check")
PLACES = ("Elm Street", "Main Street at 2nd", "Riverside Park", "Harbor Road 12", "Central Station")


def fill(analyst: User) -> int:
    """This will file what is missing to eighty, spread over four months, each somewhere on its way."""
    draw = random.Random(SEED)  # noqa: S311  a seed is the point
    people = [_person(name) for name in NAMES]
    missing = NUMBER - RecordsRequest.objects.filed().filter(requester__in=people).count()
    forms = {form.code: form for form in FormDefinition.objects.filter(is_active=True)}
    for place in range(max(missing, 0)):
        age = timedelta(days=int(120 * (place / NUMBER) ** 2), hours=draw.randint(0, 9))
        person, code = draw.choice(people), draw.choice(["video", "video", "lpr", "drone"])
        _one(draw, forms[code], person, analyst, now() - age)
    return max(missing, 0)


def _person(name: str) -> User:
    address = f"{name.lower().replace(' ', '.')}@people.example"
    return User.objects.get_or_create(
        email=address, defaults={"name": name, "password": "!", "is_demo": True}
    )[0]


def _one(draw: random.Random, form: FormDefinition, person: User, analyst: User, at: datetime) -> None:
    draft = intake.start_draft(form=form)
    for step in intake.form_of(draft).steps:
        answers = _answers(draw, form.code, at.date() - timedelta(days=draw.randint(1, 9)), person)
        names = {field.name for field in step.fields}
        kept = {name: value for name, value in answers.items() if name in names}
        intake.save_step(draft=draft, answers=kept, step=step.slug)
    filed = intake.submit(draft=draft, requester=person, at=at)
    age = (now() - at).days
    if age < 2 or draw.random() < 0.15:
        return
    desk.acknowledge(request=filed, actor=analyst, at=at + timedelta(hours=20))
    if draw.random() < 0.2:
        desk.ask(
            request=filed,
            actor=analyst,
            at=at + timedelta(hours=30),
            idempotency_key=f"demo-{filed.pk}",
            body="Which entrance was it? That decides which camera we look at.",
        )
        return
    desk.start_search(request=filed, actor=analyst, at=at + timedelta(hours=30))
    if age > 20 and draw.random() < 0.5:
        fees.charge_nothing(request=filed, actor=analyst, reason="A short search is free of charge here.")
        desk.close_without_records(
            request=filed,
            actor=analyst,
            at=at + timedelta(days=6),
            searched="We searched all cameras of that street for the whole day.",
        )


def _answers(draw: random.Random, code: str, day: date, person: User) -> dict[str, str]:
    span = {"first_day": (day - timedelta(days=3)).isoformat(), "last_day": day.isoformat()}
    particular = {
        "video": {"what_happened": draw.choice(EVENTS), "incident_date": day.isoformat(),
                  "place": draw.choice(PLACES), "record_type": "law_enforcement_video"},
        "lpr": {"lpr_kind": "audit log", **span},
        "drone": {"drone_kind": "flight log", "place": draw.choice(PLACES), **span},
    }[code]  # fmt: skip
    return {
        **particular,
        "relationship": "not_involved",
        "requester_category": "other",
        "name": person.name,
        "email": person.email,
    }
