from typing import Any

import pytest

from requests_app.law import quotes

NO_CHARGE = "the law gives no charge for this"
FOOTAGE = [{"seconds": 90}, {"seconds": 30}]


def lines(law: str, **more: Any) -> list[dict[str, Any]]:
    made = quotes.answer({"id": law, "law": law, "received": "2026-11-02", **more})
    return [dict(each) for each in made["lines"]]


@pytest.mark.parametrize(
    ("law", "volumes", "shown"),
    [
        ("NY", {"recordings": FOOTAGE, "video_seconds_produced": 120}, ("Recordings", "2", "recording")),
        ("NY", {"video_seconds_produced": 120}, ("Length of video", "120", "second")),
        ("US", {"video_seconds_reviewed": 60}, ("Length of video", "60", "second")),
        ("IL", {"megabytes": "80.1"}, ("Megabytes", "80.1", "megabyte")),
        ("TX", {"gigabytes": "2.5"}, ("Gigabytes", "2.5", "gigabyte")),
        ("CO", {"pages_digital": 200}, ("Pages digital", "200", "page")),
        ("AZ", {"media_cost": "6.00"}, ("Media cost", "6", "dollar")),
    ],
)
def test_what_the_law_gives_no_charge_for_is_shown_once_at_zero(
    law: str, volumes: dict[str, Any], shown: tuple[str, str, str]
) -> None:
    found = lines(law, record_type="electronic", volumes=volumes)

    assert [(each["label"], each["quantity"], each["unit"]) for each in found] == [shown]
    assert [(each["amount"], each["rate"], each["why"]) for each in found] == [("0.00", None, NO_CHARGE)]


@pytest.mark.parametrize(
    ("law", "more"),
    [
        ("TX", {"record_type": "body_worn_camera"}),
        ("OH", {"record_type": "law_enforcement_video", "actual_cost": "40.00"}),
        ("IN", {"record_type": "law_enforcement_video"}),
        ("AZ", {"record_type": "law_enforcement_video"}),
        ("WA", {"record_type": "body_worn_camera"}),
    ],
)
def test_footage_is_not_called_free_where_its_length_sets_the_price(law: str, more: dict[str, Any]) -> None:
    volumes = {"recordings": FOOTAGE, "video_seconds_produced": 120, "video_seconds_reviewed": 120}

    found = lines(law, volumes=volumes, **more)

    assert all(each["rule"] != "not-chargeable" for each in found)


def test_a_page_size_the_law_prices_is_not_shown_as_free_beside_its_price() -> None:
    found = lines("NJ", volumes={"pages_legal": 1, "pages_two_sided": 1, "pages_scanned": 1})

    assert [(each["rule"], each["amount"]) for each in found] == [
        ("nj-page", "0.05"), ("nj-legal", "0.07"), ("not-chargeable", "0.00"),
    ]  # fmt: skip


def test_staff_time_without_a_charge_is_shown_in_minutes() -> None:
    found = lines("CA", work=[{"activity": "redaction", "minutes": 360, "rate": "40.00"}])

    assert [(each["label"], each["quantity"], each["unit"], each["why"]) for each in found] == [
        ("Redaction time", "360", "minute", "the law allows no charge for redaction here")
    ]
