"""Random but lawful-looking ledgers, for tests that compare one way of counting with another."""

import random
from datetime import datetime, timedelta
from typing import Any

from requests_app.clock.models import ClockEvent
from requests_app.docket.models import RecordsRequest
from tests.builders import NOON, a_request

QUESTIONS = {
    "clarification_sent": "clarification_answered",
    "information_requested": "information_answered",
    "fee_question_sent": "fee_question_answered",
    "estimate_sent": "estimate_accepted",
    "deposit_requested": "deposit_paid",
}
OTHERS = (
    "acknowledged", "extended", "denied", "reopened", "calendar_changed", "postmarked", "appeal_received",
    "withdrawn",
)  # fmt: skip


def a_random_request(chance: random.Random, **fields: Any) -> RecordsRequest:
    """An open request with a ledger as the portal writes it, ends, strikes and reopenings included."""
    start = NOON + timedelta(hours=chance.randrange(0, 24 * 60))
    row = a_request(received_at=start, record_type=chance.choice(["", "body_worn_camera"]), **fields)
    fill(row, chance, start)
    return row


def fill(row: RecordsRequest, chance: random.Random, start: datetime) -> None:
    at = start
    for _ in range(chance.randrange(0, 6)):
        at += timedelta(hours=chance.randrange(1, 100))
        kind = chance.choice([*QUESTIONS, *QUESTIONS.values(), *OTHERS])
        extra: dict[str, Any] = {}
        if kind == "extended":
            unit = chance.choice(["business_day", "calendar_day"])
            extra = {"by": chance.randrange(1, 15), "unit": unit, "reason": "voluminous"}
        event = ClockEvent.objects.create(request=row, type=kind, at=at, **extra)
        if kind == "postmarked" and chance.random() < 0.5:
            ClockEvent.objects.create(request=row, type="struck", at=at, strikes=event)
