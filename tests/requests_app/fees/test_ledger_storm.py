"""The ledger sums to zero after a storm: ten workers, random operations, repeated and misfitting messages.

The suite runs a small storm; `make storm` runs the 10,000 operations of the acceptance.
"""

import os
import sys
import time
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from portal.accounts.rules import Role
from portal.audit import services as audit
from requests_app.fees import selectors
from requests_app.fees.models import FeeCase, LedgerEntry, MoneyPolicy
from requests_app.law import services as law
from requests_app.law.models import Agency
from tests.builders import NOON, a_pack, a_request, a_user, an_agency
from tests.requests_app.fees import storm as storms
from tests.requests_app.fees.fee_builders import a_schedule
from tests.requests_app.fees.sound_books import require_sound_books

pytestmark = pytest.mark.django_db(transaction=True)

OPERATIONS = int(os.environ.get("DAYLIGHT_STORM", "200"))
COMMON = {"estimate", "accept", "checkout", "paid", "replay"}
SEED = int(os.environ.get("DAYLIGHT_STORM_SEED", "26"))


def two_laws() -> Agency:
    """Texas with deposits, then the federal law with interest: a request keeps the law it was filed under."""
    agency = an_agency()
    a_schedule(policy={"deposit_percent": "50"})
    return agency


def the_federal_law_from_here(agency: Agency) -> None:
    law.use_pack(agency=agency, pack=a_pack("US"), actor=None, at=NOON, reason="tests", other_law=True)
    agency.refresh_from_db()
    a_schedule(name="Federal fees", effective_from=date(2026, 2, 1))


def require_settled() -> None:
    """At rest nobody owes anybody anything."""
    for case in FeeCase.objects.all():
        money = selectors.balances(case)
        assert (money.owed, money.overpaid, money.deposits) == (0, 0, 0), (case.state, money)
        assert case.state != "accepted", money


def test_books_hold_after_a_storm_and_are_even_at_settlement() -> None:
    agency = two_laws()
    half = max(OPERATIONS // 60, 20) // 2
    january = datetime(2026, 1, 15, 18, 0, tzinfo=UTC)  # before the federal schedule takes over
    texan = [a_request(received_at=january) for _ in range(half)]
    the_federal_law_from_here(agency)
    MoneyPolicy.objects.create(
        agency=agency, second_person_above_cents=15_000, interest_percent=Decimal("4"), set_at=NOON
    )
    federal = [a_request(requester_category="commercial") for _ in range(half)]
    officer, second = a_user(Role.FEE_OFFICER), a_user(Role.APPROVER)
    wanted = frozenset(COMMON if OPERATIONS < 2000 else storms.OPERATIONS)
    storm = storms.Storm([*texan, *federal], officer, second, OPERATIONS, SEED, wanted)

    began = time.monotonic()
    storm.run()
    took = time.monotonic() - began

    sys.stdout.write(f"{OPERATIONS} operations in {took:.1f} s: {storm.done}; refused {storm.refused}\n")
    assert storm.faults == []
    require_sound_books()
    storms.require_nothing_lost(storm)
    assert set(storm.done) >= wanted
    storms.settle(storm)
    require_sound_books()
    require_settled()
    assert LedgerEntry.objects.count() > OPERATIONS / 10
    assert audit.verify().fault is None
