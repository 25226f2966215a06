"""The flight's endpoints: what the engine makes, for staff alone, kept by no cache; the class of a flight."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from portal.accounts.rules import Role
from portal.audit.models import Entry, Outcome
from redaction.plans import flight_classes, seeing
from redaction.plans import services as plans
from redaction.plans.checks import seed_of
from redaction.plans.models import Review
from redaction.plans.services import NotReadyToRender
from redaction.workbench import film_stage, flight_stage
from redaction.workbench.page import Desk
from requests_app.custody import flights
from requests_app.custody.flights import NoFlightClass
from requests_app.custody.models import FlightDetermination, ResponsiveRecord
from requests_app.docket.rules import Status
from tests.builders import NOON, a_request, a_user, an_agency
from tests.redaction.film_builders import a_film
from tests.redaction.flight_builders import a_flight_csv, a_flight_gpx
from tests.redaction.flight_logs import a_dji_record
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review, an_approver
from tests.redaction.workbench.addresses import url
from tests.redaction.workbench.film_records import a_film_record
from tests.requests_app.custody.record_builders import a_record, an_analyst

pytestmark = pytest.mark.django_db

FENCE: dict[str, Any] = {
    "id": "f1",
    "kind": "fence",
    "polygon": [[-93.597, 41.603], [-93.594, 41.603], [-93.594, 41.606], [-93.597, 41.606]],
    "action": "cut",
    "reason": "VICTIM",
}
WHY = "A call about a loud noise; nobody suspected a crime."


def marks(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "marks": list(entries)}


def a_flight(tmp_path: Path, *, gpx: bool = True, **fields: Any) -> ResponsiveRecord:
    made = a_flight_gpx(tmp_path / "f.gpx") if gpx else a_flight_csv(tmp_path / "f.csv")
    return a_record(content=made.read_bytes(), name=made.name, title="Flight over the park", **fields)


def ask(client: Client, record: ResponsiveRecord, data: Any) -> Any:
    return client.post(url("flight-outcome", record), json.dumps(data), "application/json")


def test_track_and_points_come_to_staff_uncached_and_one_look_is_written(
    client: Client, tmp_path: Path
) -> None:
    record = a_flight(tmp_path)
    client.force_login(an_analyst())

    answers = [
        client.get(url("flight-track", record)),
        client.get(url("flight-points", record), {"from": "50"}),
        client.get(url("flight-points", record), {"from": "-1"}),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert {answer["Cache-Control"] for answer in answers} == {"no-store, private"}
    assert {answer["X-Content-Type-Options"] for answer in answers} == {"nosniff"}
    assert answers[0].json()["points"] == seeing.total_of(record) == 81
    assert [answers[n].json()["start"] for n in (1, 2)] == [50, 0]
    assert Entry.objects.filter(action="custody.flight_viewed").count() == 1


@pytest.mark.parametrize(
    "page", ["flight-track", "flight-points", "flight-outcome", "flight-map", "flight-class"]
)
def test_nothing_of_a_flight_is_for_requesters_or_staff_without_need(
    client: Client, tmp_path: Path, page: str
) -> None:
    record = a_flight(tmp_path)
    assert record.request.requester is not None
    way = client.post if page in ("flight-outcome", "flight-class") else client.get

    def look() -> int:
        return way(url(page, record), content_type="application/json").status_code

    stranger = look()
    client.force_login(record.request.requester)
    hers = look()
    client.force_login(a_user(Role.FEE_OFFICER))

    assert (stranger, hers, look()) == (302, 404, 403)
    assert Entry.objects.filter(action="custody.preview_viewed", outcome=Outcome.DENIED).count() == 1


def test_result_shown_is_that_of_the_render_with_the_agencys_secret(client: Client, tmp_path: Path) -> None:
    review = a_review(a_flight(tmp_path))
    drawn = marks({"id": "h1", "kind": "home", "radius_m": 150, "reason": "VICTIM"}, FENCE)
    client.force_login(an_analyst())

    shown = ask(client, review.record, {"marks": drawn})
    render = a_render(plan=a_plan(review=review, marks=drawn))

    assert shown.status_code == 200
    assert shown["Cache-Control"] == "no-store, private"
    said = shown.json()
    assert said["details"] == render.report["details"]
    assert said["circles"][0]["radius"] == 150
    assert seed_of(review.record) not in shown.content.decode()  # the circle, never the secret itself


def test_map_shown_is_the_one_that_goes_out(client: Client, tmp_path: Path) -> None:
    review = a_review(a_flight(tmp_path))
    client.force_login(an_analyst())
    early = client.get(url("flight-map", review.record)).status_code
    render = a_render(plan=a_plan(review=review, marks=marks(FENCE)))

    answer = client.get(url("flight-map", review.record))

    assert early == 404
    assert answer.content.startswith(b"\x89PNG")
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/png", "no-store, private")
    assert render.companions.get(name="flight-map.png").size == len(answer.content)
    assert flight_stage.config(Desk(review, an_analyst()))["map_made"] is True


@pytest.mark.parametrize(
    ("sent", "sentence", "mark"),
    [
        ({}, "a marks file is an object", None),
        (marks(FENCE), "a marks file is an object", None),
        ({"marks": marks({"id": "b", "kind": "box", "page": 1, "rect": [0, 0, 9, 9]})}, "does not fit", "b"),
        ({"marks": marks({"id": "w", "kind": "withhold"})}, "whole log is to be withheld", None),
        (
            {"marks": marks({**FENCE, "polygon": [FENCE["polygon"][n] for n in (0, 2, 1, 3)]})},
            "crosses itself",
            "f1",
        ),
        ({"marks": marks({"id": "h", "kind": "home", "radius_m": 9000})}, "smaller radius_m", None),
        (
            {"marks": marks({"id": "x", "kind": "fields", "release": ["serial"]})},
            "can never be released",
            "x",
        ),
    ],
)
def test_marks_nothing_can_be_made_of_say_which_and_why(
    client: Client, tmp_path: Path, sent: dict[str, Any], sentence: str, mark: str | None
) -> None:
    client.force_login(an_analyst())

    answer = ask(client, a_flight(tmp_path), sent)

    assert answer.status_code == 422
    assert sentence in answer.json()["message"].lower()
    assert answer.json()["mark"] == mark


def test_log_only_its_maker_can_read_says_what_to_do(client: Client, tmp_path: Path) -> None:
    content = a_dji_record(tmp_path / "DJIFlightRecord.txt", version=14).read_bytes()
    record = a_record(content=content, name="DJIFlightRecord.txt", title="Flight record")
    client.force_login(an_analyst())

    answers = [client.get(url(page, record)) for page in ("flight-track", "flight-points")]
    answers.append(ask(client, record, {"marks": marks(FENCE)}))

    assert {answer.status_code for answer in answers} == {422}
    assert {answer.json()["code"] for answer in answers} == {"unreadable_flight"}
    assert all("Export the flight from AirData" in answer.json()["message"] for answer in answers)


def test_films_of_the_request_are_offered_with_the_moment_they_began(tmp_path: Path) -> None:
    request = a_request(status=Status.SEARCHING)
    record = a_flight(tmp_path, request=request)
    uploader = an_analyst()
    for number, began in enumerate((NOON, None)):
        film = a_film(tmp_path / f"{number}.mp4", seconds=1 + number).read_bytes()
        added = a_record(
            request=request, content=film, name="f.mp4", title=f"Film {number}", uploader=uploader
        )
        ResponsiveRecord.objects.filter(pk=added.pk).update(recorded_at=began)

    made = flight_stage.config(Desk(a_review(record), uploader))

    assert [(film["title"], film["recorded_at"]) for film in made["films"]] == [
        ("Film 0", NOON.timestamp()),
        ("Film 1", None),
    ]
    assert made["films"][0]["url"].endswith("/work/")
    assert made["class"] is None  # Texas does not ask


def a_californian_flight(tmp_path: Path) -> Review:
    an_agency(law_code="CA")
    return a_review(a_flight(tmp_path))


def test_class_is_asked_recorded_and_kept_with_all_that_was_said_before(
    client: Client, tmp_path: Path
) -> None:
    review = a_californian_flight(tmp_path)
    client.force_login(an_analyst(name="Ana Lyst"))
    asked = flight_stage.config(Desk(review, an_analyst()))["class"]

    first = client.post(
        url("flight-class", review.record),
        json.dumps({"flight_class": "suspected_violation", "reason": "A call about a break-in in progress."}),
        "application/json",
    )
    form = client.post(
        url("flight-class", review.record), {"flight_class": "factual_inquiry", "reason": WHY}, follow=True
    )

    assert asked["standing"] is None
    assert [row["value"] for row in asked["classes"]] == [
        "investigatory_file",
        "suspected_violation",
        "factual_inquiry",
    ]
    assert asked["bound"]["CA-DRONE-2"] == ["suspected_violation"]
    assert first.status_code == 201
    assert first.json()["standing"]["by"] == "Ana Lyst"
    page = form.content.decode()
    assert "Recorded: factual inquiry." in page
    assert "loud noise" in page
    assert "break-in" in page
    assert FlightDetermination.objects.count() == 2
    assert Entry.objects.filter(action="custody.flight_determined").count() == 2


def test_a_drones_film_is_asked_the_same_on_its_own_stage(client: Client) -> None:
    an_agency(law_code="CA")
    film, other = a_film_record(seconds=1), a_film_record(seconds=2)
    film.series = "drone_video"
    film.save(update_fields=["series"])
    person = an_analyst()
    client.force_login(person)

    page = client.get(url("work", film)).content.decode()
    found = film_stage.config(Desk(a_review(film), person))
    made = client.post(
        found["urls"]["class"],
        json.dumps({"flight_class": "factual_inquiry", "reason": WHY}),
        "application/json",
    )
    after = film_stage.config(Desk(a_review(film), person))
    plain = film_stage.config(Desk(a_review(other), person))

    assert 'id="film-tab-class"' in page
    assert len(found["class"]["classes"]) == 3
    assert made.status_code == 201
    assert after["class"]["standing"]["value"] == "factual_inquiry"
    assert (plain["class"], "class" in plain["urls"]) == (None, False)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"flight_class": "secret", "reason": WHY}, "Choose one of the three"),
        ({"flight_class": 7, "reason": WHY}, "Choose one of the three"),
        ({"flight_class": "factual_inquiry", "reason": "noise"}, "Say in a sentence"),
        ({"flight_class": "factual_inquiry"}, "Say in a sentence"),
    ],
)
def test_class_without_a_choice_or_a_reason_is_not_recorded(
    client: Client, tmp_path: Path, said: dict[str, Any], sentence: str
) -> None:
    record = a_californian_flight(tmp_path).record
    client.force_login(an_analyst())

    answer = client.post(url("flight-class", record), json.dumps(said), "application/json")

    assert answer.status_code == 422
    assert sentence in answer.json()["message"]
    assert not FlightDetermination.objects.exists()


def test_law_that_does_not_ask_takes_no_class(client: Client, tmp_path: Path) -> None:
    record = a_flight(tmp_path)
    client.force_login(an_analyst())

    answer = client.post(url("flight-class", record), json.dumps({}), "application/json")

    assert "does not ask" in answer.json()["message"]


def test_ground_waits_for_the_class_and_then_for_one_it_bears(tmp_path: Path) -> None:
    review = a_californian_flight(tmp_path)
    analyst = an_analyst()
    plan = a_plan(review=review, marks=marks({**FENCE, "exemption": "CA-INV"}), author=analyst)

    with pytest.raises(NotReadyToRender, match="Record first what this flight was for"):
        plans.request_render(review=review, actor=analyst, at=NOON)
    flight_classes.determine(
        review=review, flight_class="factual_inquiry", reason=WHY, actor=analyst, at=NOON
    )
    with pytest.raises(NotReadyToRender, match="does not cover such a flight"):
        plans.request_render(review=review, actor=analyst, at=NOON)
    flight_classes.determine(
        review=review, flight_class="suspected_violation", reason=WHY, actor=analyst, at=NOON
    )

    assert a_render(plan=plan).plan == plan


def test_whole_withholding_on_a_ground_of_flights_waits_for_the_class(tmp_path: Path) -> None:
    review = a_californian_flight(tmp_path)
    analyst = an_analyst()

    with pytest.raises(NoFlightClass):
        plans.withhold(review=review, exemption_codes=["CA-DRONE-1"], actor=analyst, at=NOON)

    assert not review.plans.exists()


def test_class_changed_after_the_result_stops_the_approval_and_an_approval_fixes_it(tmp_path: Path) -> None:
    review = a_californian_flight(tmp_path)
    analyst, approver = an_analyst(), an_approver()
    said: dict[str, Any] = {"review": review, "reason": WHY, "actor": analyst, "at": NOON}
    flight_classes.determine(flight_class="investigatory_file", **said)
    render = a_render(
        plan=a_plan(review=review, marks=marks({**FENCE, "exemption": "CA-DRONE-1"}), author=analyst)
    )
    flight_classes.determine(flight_class="factual_inquiry", **said)

    with pytest.raises(NoFlightClass):
        plans.approve(review=review, approver=approver, at=NOON, render_sha256=render.sha256)
    flight_classes.determine(flight_class="investigatory_file", **said)
    plans.approve(review=review, approver=approver, at=NOON, render_sha256=render.sha256)

    with pytest.raises(flight_classes.DecidedAlready):
        flight_classes.determine(flight_class="factual_inquiry", **said)


def test_ground_that_covers_drones_alone_is_asked_of_any_record_that_cites_it() -> None:
    an_agency(law_code="CA")
    record = a_record()

    assert not flights.is_asked(record, at=NOON)
    flights.require_class(record, ["CA-INV"], at=NOON)  # an investigation's table needs no flight
    with pytest.raises(NoFlightClass, match="Record first"):
        flights.require_class(record, ["CA-DRONE-2"], at=NOON)
    with pytest.raises(NoFlightClass, match="cite a ground that withholds"):
        flights.require_class(record, ["CA-DRONE-3"], at=NOON)
