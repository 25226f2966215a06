"""The pane of the work page that shows what the second person wants changed, mark by mark."""

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from redaction.plans import pins

if TYPE_CHECKING:
    from redaction.workbench.page import Desk


def config(desk: "Desk") -> dict[str, Any]:
    """This will give the open comments of the record and where an answer goes."""
    made = reverse("workbench:resolve-pin", kwargs={"key": desk.record.key, "pin": 0})
    return {
        "pins": [pins.shown(pin) for pin in pins.open_ones(desk.review)],
        "resolve": "{pin}".join(made.rsplit("0", 1)),
    }
