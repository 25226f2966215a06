"""How the tests of money send a message, take cash, and run things at once."""

import json
import threading
from collections.abc import Callable
from typing import Any

from django.db import connection

from portal.accounts.rules import Role
from requests_app.docket.models import RecordsRequest
from requests_app.fees import notices, payments, services, waivers
from requests_app.fees.gateways import demo
from requests_app.fees.models import Estimate, Payment
from tests.builders import a_user
from tests.patience import SECONDS
from tests.requests_app.fees.fee_builders import (
    LATER,
    requester_of,
)

SETTLED = {"cash": 4600, "revenue": -4600}


def tell(payment: Payment, /, *, amount_cents: int | None = None, **changes: Any) -> str:
    """Send the demonstration gateway's signed message about a payment."""
    message = json.loads(demo.message(payment, amount_cents=amount_cents)) | changes
    body = json.dumps(message).encode()
    headers = {"Demo-Signature": demo.sign(body)}
    return notices.receive(gateway_name="demo", body=body, headers=headers, at=LATER)


def at_counter(request: RecordsRequest, cents: int, receipt: str = "R-1", **changes: Any) -> Payment:
    given = {"method": "cash", "actor": changes.pop("actor", None) or a_user(Role.FEE_OFFICER), "at": LATER}
    return payments.take_at_counter(
        request=request, amount_cents=cents, receipt_number=receipt, **{**given, **changes}
    )


def run_together(works: list[Callable[[], Any]]) -> list[Any]:
    """Run each in its own thread and database connection, all let go at once."""
    gate, results = threading.Barrier(len(works)), [None] * len(works)

    def run(at: int, work: Callable[[], Any]) -> None:
        try:
            gate.wait(timeout=SECONDS)
            results[at] = work()
        except Exception as error:  # the test looks at what each thread got
            results[at] = type(error).__name__  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(at, work)) for at, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=SECONDS)
    return results


def waive(estimate: Estimate) -> None:
    services.ask_waiver(
        estimate=estimate, actor=requester_of(estimate), at=LATER, text="The public should know."
    )
    waivers.decide(
        request=estimate.case.request,
        actor=a_user(Role.APPROVER),
        at=LATER,
        percent=100,
        reason="It does.",
        standard="Whether the release benefits the public.",
    )
